/** Owns what a hostile server cannot do to a watcher over real sockets: exhaust its memory, hold it for ever, or be believed. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createGzip } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { body, configMapText, listText } from './scripted-server.ts';
import { WatchedScript } from './watched-script.ts';

const MIB = 2 ** 20;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes in use, inside and outside of the heap. */
function memory(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Writes pieces as fast as they are taken, until there are no more or nobody takes them; gives the bytes written. */
async function pour(response: ServerResponse, pieces: Iterable<string>): Promise<number> {
  let bytes = 0;
  const left = once(response, 'close');
  for (const piece of pieces) {
    if (response.destroyed) break;
    bytes += piece.length;
    if (!response.write(piece)) await Promise.race([once(response, 'drain'), left]);
  }
  return bytes;
}

function* repeated(piece: string, times = Number.POSITIVE_INFINITY): Generator<string> {
  for (let i = 0; i < times; i++) yield piece;
}

/** The text of a list with this many items, in pieces of a thousand. */
function* listOf(count: number, item: (index: number) => string): Generator<string> {
  yield '{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"99"},"items":[';
  for (let from = 0; from < count; from += 1000) {
    const items = Array.from({ length: Math.min(1000, count - from) }, (_, i) => item(from + i));
    yield `${from === 0 ? '' : ','}${items.join(',')}`;
  }
  yield ']}';
}

describe('a server that never ends a line', () => {
  it('is left at 16 MiB, and asked again later', async () => {
    await using shop = await WatchedScript.start();
    await shop.synced();
    await shop.connected();
    const poured: Promise<number>[] = [];
    const heal = shop.server.answer('watch', (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"type":"ADDED","object":{"data":{"x":"');
      poured.push(pour(response, repeated('x'.repeat(64 * 1024))));
    });
    shop.server.keep('c');
    shop.server.disconnect();
    await expect.poll(() => shop.codes.includes('FRAME_TOO_LARGE'), { timeout: 10_000 }).toBe(true);
    heal();
    for (const bytes of await Promise.all(poured)) expect(bytes).toBeLessThan(32 * MIB);
    await shop.agrees();
    shop.expectDiscretion();
  });
});

describe('a list of very many items', () => {
  // 10,000,000 of them take some minutes.
  const many = Number(process.env.FIRN_HOSTILE_ITEMS ?? 150_000);
  const without = (index: number): string => configMapText(`n${index}`, 5, '{}');

  it('that are one and the same resource takes no more room than one', async () => {
    await using shop = await WatchedScript.start({ names: [], initialList: 'list' });
    shop.server.answer('list', (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const item = (index: number): string => configMapText('same', index + 1, `{"x":"${'x'.repeat(200)}"}`);
      void pour(response, listOf(many, item)).then(() => response.end());
    });
    const before = memory();
    await shop.synced();
    expect(shop.store.size).toBe(1);
    // All of them together are more than 50 MiB.
    expect(memory() - before).toBeLessThan(20 * MIB);
  });

  it('that cannot be filed is told of in bounded room', async () => {
    await using shop = await WatchedScript.start({
      names: [],
      initialList: 'list',
      indexBy: ['metadata.labels.app'],
    });
    shop.server.answer('list', (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      void pour(response, listOf(many, without)).then(() => response.end());
    });
    const before = memory();
    await shop.synced();
    expect(shop.store.size).toBe(0);
    expect(shop.errors).toHaveLength(1001);
    expect(shop.state?.indexErrors).toBe(many);
    expect(memory() - before).toBeLessThan(40 * MIB);
  });

  it('with a hundred thousand keys in one object, and as many labels, is read as it is', async () => {
    await using shop = await WatchedScript.start();
    await shop.synced();
    await shop.connected();
    const members = Array.from({ length: 100_000 }, (_, i) => `"k${i}":"v${i}"`).join(',');
    const text = configMapText('wide', 99, `{${members}}`).replace('"name"', `"labels":{${members}},"name"`);
    shop.server.write('wide', text);
    await shop.agrees();
  });
});

describe('a list that is packed', () => {
  it('of white space without end is read in bounded room, and is no list', async () => {
    await using shop = await WatchedScript.start({ names: [], initialList: 'list' });
    const heal = shop.server.answer('list', (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      const gzip = createGzip();
      gzip.pipe(response);
      gzip.write('{"kind":"ConfigMapList","items":[');
      for (let i = 0; i < 32; i++) gzip.write(' '.repeat(MIB));
      gzip.end();
    });
    const before = memory();
    shop.watcher.start();
    await shop.failures(1);
    expect(shop.codes[0]).toBe('TRUNCATED_LIST');
    expect(memory() - before).toBeLessThan(20 * MIB);
    heal();
    await shop.agrees();
  });
});

describe('a list without end', () => {
  it('whose token leads to the same page again is given up, and begun anew with the usual patience', async () => {
    await using shop = await WatchedScript.start({ names: ['a'], initialList: 'list' });
    const page = listText(shop.server.items, 9, { metadata: '{"resourceVersion":"9","continue":"again"}' });
    const heal = shop.server.answer('list', body(page));
    shop.watcher.start();
    await shop.failures(3);
    expect(new Set(shop.codes)).toEqual(new Set(['ENDLESS_LIST']));
    expect(shop.store.size).toBe(0);
    expect(shop.server.asked('list').length).toBeLessThanOrEqual(2 * (shop.errors.length + 1));
    heal();
    await shop.agrees();
  });
});

describe('a server that wants to be left alone for a year', () => {
  it.each([
    ['in a header', body('{}', { 'retry-after': '31536000' }, 503)],
    ['by a date', body('{}', { 'retry-after': 'Tue, 01 Jan 2999 00:00:00 GMT' }, 503)],
    ['in a status', body('{"kind":"Status","code":429,"details":{"retryAfterSeconds":31536000}}', {}, 429)],
  ])('%s is asked again in five minutes', async (_, answer) => {
    await using shop = await WatchedScript.start({ initialList: 'list' });
    shop.server.answer('list', answer);
    shop.watcher.start();
    await shop.failures(1);
    const { nextAttemptAt = 0, lastEventAt = Date.now() } = shop.state ?? {};
    expect(nextAttemptAt - lastEventAt).toBeLessThanOrEqual(300_000);
    expect(nextAttemptAt - lastEventAt).toBeGreaterThan(290_000);
    expect(shop.server.asked('list')).toHaveLength(1);
  });
});
