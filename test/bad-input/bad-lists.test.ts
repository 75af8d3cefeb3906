import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type Answer, body, CONTENTS, configMapText, frameText, listText } from './scripted-server.ts';
import { expectClear, WatchedScript } from './watched-script.ts';

const GOOD = configMapText('b', 99);
const PAGE = `<!doctype html><html><title>Sign in</title><body>${CONTENTS}</body></html>`;
const deep = (levels: number): string => `{"x":${'['.repeat(levels)}1${']'.repeat(levels)}}`;
const GONE = frameText('ERROR', '{"kind":"Status","code":410,"reason":"Expired","message":"too old"}');
const metadata = (text: string): string => `{"apiVersion":"v1","kind":"ConfigMap","metadata":${text}}`;
const item = (text: string): Answer => body(listText([configMapText('zero', 98), text, GOOD], 99));
const TEXT = listText([configMapText('zero', 98), GOOD], 99);

function longer(response: Parameters<Answer>[0]): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': TEXT.length + 100 });
  response.write(TEXT.slice(0, -20));
  response.write(TEXT.slice(-20), () => response.socket?.end());
}

function badChunks(response: Parameters<Answer>[0]): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write(TEXT.slice(0, 150), () => response.socket?.end(`not a size ${CONTENTS}\r\n${TEXT}`));
}

/** What a server sends in place of a list, what that is called, and what the message has to say. */
const LISTS: readonly (readonly [name: string, answer: Answer, code: string, says: RegExp])[] = [
  ['is empty', body(''), 'TRUNCATED_LIST', /list ends after 0 bytes/],
  ['is an HTML page', body(PAGE, { 'content-type': 'text/html' }), 'NOT_A_LIST', /HTML.*text\/html.*proxy/],
  ['is a Table', body(listText([], 99, { kind: '"Table"' })), 'NOT_A_LIST', /Table/],
  ['is a Status', body('{"kind":"Status","status":"Success","items":[]}'), 'NOT_A_LIST', /kind is Status/],
  ['is an array', body(`[${GOOD}]`), 'NOT_A_LIST', /does not begin with a JSON object/],
  ['has no items', body(listText([], 99, { items: undefined })), 'NOT_A_LIST', /no items/],
  [
    'has items that are an object',
    body(listText([], 99, { items: GOOD })),
    'MALFORMED_JSON',
    /items that are not an array/,
  ],
  ['has an item that is null', item('null'), 'MALFORMED_JSON', /item that is not an object/],
  ['has an item that is a string', item(`"${CONTENTS}"`), 'MALFORMED_JSON', /item that is not an object/],
  ['has an item without metadata', item(metadata('null')), 'INVALID_METADATA', /no metadata/],
  [
    'has an item without a name',
    item(metadata(`{"namespace":"shop","resourceVersion":"98","uid":"${CONTENTS}"}`)),
    'INVALID_METADATA',
    /no metadata.name/,
  ],
  [
    'has an item with a NUL in its name',
    item(configMapText('a\\u0000', 98)),
    'INVALID_METADATA',
    /NUL in its name/,
  ],
  [
    'has an item without a resource version',
    item(metadata('{"namespace":"shop","name":"c"}')),
    'MISSING_RESOURCE_VERSION',
    /no metadata.resourceVersion/,
  ],
  [
    'has an item whose resource version is a JSON number',
    item(metadata('{"namespace":"shop","name":"c","resourceVersion":98}')),
    'MISSING_RESOURCE_VERSION',
    /not a string/,
  ],
  [
    'has an item of another kind',
    item(configMapText('c', 98).replace('"ConfigMap"', '"Secret"')),
    'WRONG_KIND',
    /v1 Secret instead of v1 ConfigMap/,
  ],
  [
    'has an item of another group',
    item(configMapText('c', 98).replace('"v1"', '"v2"')),
    'WRONG_KIND',
    /v2 ConfigMap instead of v1 ConfigMap/,
  ],
  ['has an item that is a Table', item('{"kind":"Table","rows":[]}'), 'WRONG_KIND', /made for people/],
  [
    'has no resource version',
    body(listText([GOOD], 99, { metadata: '{}' })),
    'MISSING_RESOURCE_VERSION',
    /list has no metadata.resourceVersion/,
  ],
  [
    'has a resource version that is a JSON number',
    body(listText([GOOD], 99, { metadata: '{"resourceVersion":99}' })),
    'INVALID_LIST_METADATA',
    /resourceVersion of the list is not a string/,
  ],
  ['ends within an item', body(TEXT.slice(0, -40)), 'TRUNCATED_LIST', /before it is complete/],
  ['ends before its last brace', body(TEXT.slice(0, -1)), 'TRUNCATED_LIST', /before it is complete/],
  ['is shorter than it says', longer, 'TRUNCATED', /broke off|fewer bytes/],
  ['has broken transfer chunks', badChunks, 'NETWORK', /does not answer as an HTTP server does/],
  ['goes on after its end', body(`${TEXT}${TEXT}`), 'MALFORMED_JSON', /goes on after its end/],
  [
    'has an item over the limit',
    item(configMapText('big', 98, `{"x":"${'x'.repeat(16 * 2 ** 20)}"}`)),
    'FRAME_TOO_LARGE',
    /more than 16777216 bytes/,
  ],
  [
    'nests too deep',
    item(configMapText('deep', 98, deep(600))),
    'NESTING_TOO_DEEP',
    /deeper than 512 levels/,
  ],
  [
    'has a string that is not UTF-8',
    body(Buffer.from(TEXT.replace(CONTENTS, '\xff\xfe'), 'latin1')),
    'MALFORMED_JSON',
    /not UTF-8/,
  ],
  [
    'has an item that is no JSON inside',
    item(`{"metadata":{"name":${CONTENTS}}}`),
    'MALFORMED_JSON',
    /item of the list is not valid JSON/,
  ],
  ['is gzip garbage', body(TEXT, { 'content-encoding': 'gzip' }), 'NETWORK', /compressed.*damaged/],
  [
    'is gzip that breaks off',
    body(gzipSync(TEXT).subarray(0, 60), { 'content-encoding': 'gzip' }),
    'TRUNCATED',
    /compressed.*breaks off/,
  ],
  [
    'is compressed in a way that nobody asked for',
    body(TEXT, { 'content-encoding': 'br' }),
    'NETWORK',
    /br.*asks for gzip only/,
  ],
];

describe.each(LISTS)('a list that %s', (_, answer, code, says) => {
  it('is refused as a whole, and the watcher syncs as soon as the server behaves', async () => {
    await using shop = await WatchedScript.start({ initialList: 'list' });
    shop.server.answer('list', answer, 3);
    await shop.synced();
    await shop.connected();
    await shop.agrees();
    for (const error of shop.errors) expectClear(error, code, says);
    expect(shop.errors).toHaveLength(3);
    expect([...new Set(shop.sizes)]).toEqual([0, 2]);
    expect(shop.server.asked('list')).toHaveLength(4);
    expect(shop.server.asked('watch')).toHaveLength(1);
    shop.expectNoStorm(1);
    shop.expectDiscretion();
  });

  it('takes nothing from a store that was synced, nor moves its resource version', async () => {
    await using shop = await WatchedScript.start({ initialList: 'list' });
    await shop.synced();
    await shop.connected();
    const before = shop.store.snapshot;
    shop.server.keep('a');
    shop.server.keep('c');
    const heal = shop.server.answer('list', answer);
    shop.server.send(GONE);
    await shop.failures(4);
    expectClear(shop.errors.at(-1), code, says);
    expect(shop.store.snapshot).toBe(before);
    expect(shop.state).toMatchObject({ synced: true, stale: true, lastError: { code } });
    expect(shop.store.freshness.stale).toBe(true);
    for (const { query } of shop.server.asked('list').slice(1))
      expect(query).toMatchObject({ resourceVersion: before.resourceVersion });
    heal();
    await shop.agrees();
    expect(shop.server.asked('list').length).toBeLessThanOrEqual(shop.errors.length + 2);
    shop.expectNoStorm(3);
  });
});

describe('a list that is legal but odd', () => {
  it('items: null are none', async () => {
    await using shop = await WatchedScript.start({ initialList: 'list', names: [] });
    shop.server.answer('list', body(listText([], 10, { items: 'null' })), 1);
    await shop.synced();
    await shop.connected();
    shop.server.write('a');
    await shop.agrees();
    expect(shop.errors).toEqual([]);
  });

  it('of two items with one identity the later one counts, and no reader sees two', async () => {
    await using shop = await WatchedScript.start({ initialList: 'list', names: [] });
    const added: unknown[] = [];
    shop.store.changes$.subscribe(({ type, ref }) => added.push([type, ref.name, ref.resourceVersion]));
    const items = [configMapText('a', 4), configMapText('b', 5), configMapText('a', 6)];
    shop.server.answer('list', body(listText(items, 9)), 1);
    await shop.synced();
    expect(shop.holds(items.slice(1))).toBe(true);
    // The changes of a list follow in slices.
    await expect
      .poll(() => added, { interval: 5 })
      .toEqual([
        ['added', 'a', '6'],
        ['added', 'b', '5'],
      ]);
    expect(shop.errors).toEqual([]);
  });

  it('members in any order, white space and unknown members change nothing', async () => {
    await using shop = await WatchedScript.start({ initialList: 'list', names: [] });
    const text = ` \r\n{ "__proto__" : {"kind":"Table","items":[1]}, "items" :\t[ ${GOOD} , ${configMapText('a', 4)} ]\n, "extra":[[]] ,"metadata":{"resourceVersion":"9"},"apiVersion":"v1","kind":"ConfigMapList"}\n\n`;
    shop.server.answer('list', body(text), 1);
    await shop.synced();
    expect(shop.holds([GOOD, configMapText('a', 4)])).toBe(true);
    expect(shop.store.snapshot.resourceVersion).toBe('9');
  });

  it('a resource version that is not a number is kept, sent back as it is, and never ordered', async () => {
    await using shop = await WatchedScript.start({ initialList: 'list', names: [] });
    const odd = configMapText('a', 0).replace('"0"', '"zz/9 ä"');
    shop.server.answer('list', body(listText([odd], 'v~1')), 1);
    await shop.synced();
    expect(shop.holds([odd])).toBe(true);
    expect(shop.store.snapshot.resourceVersion).toBe('v~1');
    await expect.poll(() => shop.server.asked('watch')[0]?.query.resourceVersion).toBe('v~1');
    shop.server.write('a');
    await expect.poll(() => shop.holds(shop.server.items)).toBe(true);
    expect(shop.store.snapshot.resourceVersion).toBe(String(shop.server.version));
    expect(shop.errors).toEqual([]);
  });
});
