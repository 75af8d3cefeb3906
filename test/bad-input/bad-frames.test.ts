import { describe, expect, it } from 'vitest';
import {
  body,
  bookmarkText,
  CONTENTS,
  configMapText,
  frameText,
  openFrames,
  type ScriptedServer,
} from './scripted-server.ts';
import { expectClear, WatchedScript } from './watched-script.ts';

const deep = (levels: number): string => `{"x":${'['.repeat(levels)}1${']'.repeat(levels)}}`;
const added = (metadata: string): string =>
  frameText('ADDED', `{"apiVersion":"v1","kind":"ConfigMap","metadata":${metadata}}`);
const odd = configMapText('odd', 99);

/** What a server sends in place of an event, what that is called, and what the message has to say. */
const FRAMES: readonly (readonly [name: string, frame: string | Uint8Array, code: string, says: RegExp])[] = [
  ['that is not JSON', `{"type":"ADDED","object":{${CONTENTS}}}`, 'MALFORMED_JSON', /not valid JSON/],
  ['of an HTML page', `<html><body>${CONTENTS}</body></html>`, 'MALFORMED_JSON', /looks like an HTML.*proxy/],
  ['that is an array', `[${odd}]`, 'NOT_A_WATCH_EVENT', /not an event/],
  ['that is null', 'null', 'NOT_A_WATCH_EVENT', /not an event/],
  ['that is an object by itself', odd, 'NOT_A_WATCH_EVENT', /an object of kind ConfigMap/],
  ['ADDED without object', '{"type":"ADDED"}', 'NOT_A_WATCH_EVENT', /no object/],
  ['ADDED with a null object', frameText('ADDED', 'null'), 'NOT_A_WATCH_EVENT', /no object/],
  ['ADDED with a string as object', frameText('ADDED', `"${CONTENTS}"`), 'NOT_A_WATCH_EVENT', /no object/],
  ['of an unknown type', frameText('RENAMED', odd), 'NOT_A_WATCH_EVENT', /its type is RENAMED/],
  ['without a type', `{"object":${odd}}`, 'NOT_A_WATCH_EVENT', /has no type/],
  ['without metadata', added('null'), 'INVALID_METADATA', /no metadata/],
  [
    'without a name',
    added(`{"namespace":"shop","resourceVersion":"99","uid":"${CONTENTS}"}`),
    'INVALID_METADATA',
    /metadata.name/,
  ],
  [
    'without a resource version',
    added('{"namespace":"shop","name":"odd"}'),
    'MISSING_RESOURCE_VERSION',
    /no metadata.resourceVersion/,
  ],
  [
    'with a NUL in the name',
    frameText('ADDED', configMapText('a\\u0000', 99)),
    'INVALID_METADATA',
    /NUL in its name/,
  ],
  [
    'with a JSON number as resource version',
    added('{"namespace":"shop","name":"odd","resourceVersion":99}'),
    'MISSING_RESOURCE_VERSION',
    /not a string/,
  ],
  [
    'of another kind',
    frameText('MODIFIED', odd.replace('"ConfigMap"', '"Secret"')),
    'WRONG_KIND',
    /v1 Secret instead of v1 ConfigMap/,
  ],
  [
    'that holds a Table',
    frameText('ADDED', `{"apiVersion":"meta.k8s.io/v1","kind":"Table","rows":["${CONTENTS}"]}`),
    'WRONG_KIND',
    /Table is made for people/,
  ],
  [
    'of a bookmark without a resource version',
    frameText('BOOKMARK', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{}}'),
    'MISSING_RESOURCE_VERSION',
    /bookmark has no metadata.resourceVersion/,
  ],
  [
    'of a bookmark without metadata',
    frameText('BOOKMARK', '{"apiVersion":"v1","kind":"ConfigMap"}'),
    'INVALID_METADATA',
    /bookmark has no metadata/,
  ],
  [
    'that nests too deep',
    frameText('ADDED', configMapText('odd', 99, deep(600))),
    'NESTING_TOO_DEEP',
    /deeper than 512 levels/,
  ],
  [
    'over the limit',
    frameText('ADDED', configMapText('odd', 99, `{"x":"${'x'.repeat(16 * 2 ** 20)}"}`)),
    'FRAME_TOO_LARGE',
    /longer than 16777216 bytes/,
  ],
  [
    'with a string that is not UTF-8',
    Buffer.from(frameText('ADDED', configMapText('odd', 99, '{"x":"\xc3("}')), 'latin1'),
    'MALFORMED_JSON',
    /not UTF-8/,
  ],
  [
    'of two events without a line between them',
    `${frameText('ADDED', odd)}${frameText('ADDED', odd)}`,
    'MALFORMED_JSON',
    /not valid JSON/,
  ],
];

/** The bad frame between two good ones, all in one piece; the server holds what the good ones say. */
function sendBetween(server: ScriptedServer, frame: string | Uint8Array): void {
  const before = server.keep('before');
  const after = server.keep('after');
  server.send(before, frame, after);
}

describe.each(FRAMES)('a frame %s', (_, frame, code, says) => {
  it('ends the watch: what came before it counts, what came after it comes by a list', async () => {
    await using shop = await WatchedScript.start();
    await shop.synced();
    await shop.connected();
    const heal = shop.server.answer('watch-list', body('{"kind":"Status"}', {}, 429));
    sendBetween(shop.server, frame);
    await shop.failures(4);
    expectClear(shop.errors[0], code, says);
    expect(shop.names).toEqual(['a', 'b', 'before']);
    const reached = String(shop.server.version - 1);
    expect(shop.store.snapshot.resourceVersion).toBe(reached);
    expect(shop.state).toMatchObject({ synced: true, stale: true });
    for (const { query } of shop.server.asked('watch-list').slice(1))
      expect(query).toMatchObject({ resourceVersion: reached });
    heal();
    await shop.agrees();
    expect(shop.server.asked('watch')).toEqual([]);
    expect(shop.server.asked().length).toBeLessThanOrEqual(shop.errors.length + 2);
    shop.expectNoStorm(2);
    shop.expectDiscretion();
  });

  it('among initial events: nothing of them is seen, and pages bring the list', async () => {
    await using shop = await WatchedScript.start();
    const { version } = shop.server;
    const unseen = frameText('ADDED', configMapText('unseen', 5));
    shop.server.answer('watch-list', openFrames(unseen, frame, unseen, bookmarkText(version, true)));
    await shop.synced();
    await shop.connected();
    await shop.agrees();
    expect(shop.codes).toEqual([code, code, code]);
    for (const error of shop.errors) expectClear(error, code, says);
    expect([...new Set(shop.sizes)]).toEqual([0, 2]);
    expect(shop.server.asked().map(({ kind }) => kind)).toEqual([
      'watch-list',
      'watch-list',
      'watch-list',
      'list',
      'watch',
    ]);
    shop.expectDiscretion();
  });
});

describe('a server that sends a bad frame after every list', () => {
  it('is asked ever more rarely, keeps what was listed, and is followed again once it behaves', async () => {
    await using shop = await WatchedScript.start();
    const bad = frameText('RENAMED', odd);
    const items = shop.server.items.map((item) => frameText('ADDED', item));
    const heal = shop.server.answer(
      'watch-list',
      openFrames(...items, bookmarkText(shop.server.version, true), bad),
    );
    await shop.synced();
    await shop.failures(8);
    expect(new Set(shop.codes)).toEqual(new Set(['NOT_A_WATCH_EVENT']));
    expect([...new Set(shop.sizes)]).toEqual([0, 2]);
    expect(shop.store.modCount).toBe(1);
    expect(shop.server.asked().length).toBeLessThanOrEqual(shop.errors.length + 1);
    shop.expectNoStorm(1);
    heal();
    await shop.connected();
    shop.server.write('c');
    await shop.agrees();
  });
});
