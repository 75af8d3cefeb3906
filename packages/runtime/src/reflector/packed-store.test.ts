import { createIndexer, FirnError, type IndexerOptions, type KubernetesObject } from '@firn/core';
import { Packer } from '@firn/core/engine';
import { MemoryStore, systemClock } from '@firn/stores';
import { writerOf } from '@firn/stores/engine';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { KindLearningDecoder } from '../transport/kind-learning-decoder.ts';
import type { ObjectDecoder } from '../transport/object-decoder.ts';
import { PackingDecoder } from '../transport/packing-decoder.ts';
import type { TransportResponse } from '../transport/transport.ts';
import { readList } from './list-reader.ts';
import type { ReadContext } from './read-context.ts';
import type { ReflectorSink } from './reflector-sink.ts';
import { freshStream } from './stream-progress.ts';
import { readWatch } from './watch-reader.ts';

const INDEXERS: readonly IndexerOptions[] = [
  { ignoreFields: ['metadata.managedFields'] },
  {
    indexBy: ['metadata.namespace', 'spec.class'],
    ignoreFields: ['spec.rules[0].port', 'metadata.managedFields'],
  },
  { indexes: { host: ['spec.rules[*].host'], pair: ['metadata.namespace', 'spec.rules[*].port'] } },
];

/** A reader's way into a store, with every object parsed at once, or none. */
function pipeline(options: IndexerOptions, packs: boolean) {
  const indexer = createIndexer({ ...options, gvr: 'v1/secrets' });
  const store = new MemoryStore<KubernetesObject>({ indexer });
  const writer = writerOf(store);
  const parsing = new KindLearningDecoder({ apiVersion: 'v1' });
  const decoder: ObjectDecoder = packs ? new PackingDecoder('v1', new Packer(indexer), parsing) : parsing;
  const errors: string[] = [];
  const told: string[] = [];
  store.errors$.subscribe((error) => errors.push(`${error.code} ${error.message}`));
  store.changes$.subscribe(({ type, ref, modCount }) =>
    told.push(`${type} ${modCount} ${JSON.stringify(ref)}`),
  );
  let list = writer.beginList();
  const sink = {
    listItems: (objects) => list.append(objects),
    batch: (events) => writer.apply(events),
  } as Partial<ReflectorSink> as ReflectorSink;
  const context = (purpose: 'list' | 'watch'): ReadContext => ({
    request: { id: 1, purpose, query: {} },
    signal: new AbortController().signal,
    clock: systemClock,
    decoder,
    kind: undefined,
    targetName: 'v1/configmaps',
    sink,
    stream: freshStream(0),
    dispatch: () => undefined,
    touch: () => undefined,
  });
  const guarded = async (read: () => Promise<void>): Promise<boolean> => {
    try {
      await read();
      return true;
    } catch (error) {
      if (!(error instanceof FirnError)) throw error;
      errors.push(`${error.code} ${error.message}`);
      return false;
    }
  };
  return {
    async list(chunks: readonly Buffer[]): Promise<void> {
      list = writer.beginList();
      if (await guarded(() => readList(response(chunks), context('list')))) writer.commitList(list, '50');
      await writer.whenPublished();
    },
    async watch(chunks: readonly Buffer[]): Promise<void> {
      await guarded(() => readWatch(response(chunks), context('watch'), '50'));
      await writer.whenPublished();
    },
    seen: () => ({
      errors,
      told,
      modCount: store.modCount,
      refs: store.refs(),
      digest: store.snapshot.digest(),
      json: JSON.stringify(store.list()),
      digestWhenRead: store.snapshot.digest(),
      hosts: options.indexes === undefined ? [] : store.index('host').get('a.example'),
    }),
  };
}

function response(chunks: readonly Buffer[]): TransportResponse {
  async function* body(): AsyncGenerator<Buffer> {
    yield* chunks;
  }
  return { status: 200, headers: {}, body: body() } as TransportResponse;
}

/** Cuts a body into chunks of this size. */
function cut(body: string, size: number, damage: (bytes: Buffer) => Buffer): Buffer[] {
  const bytes = damage(Buffer.from(body));
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(Buffer.from(bytes.subarray(at, at + size)));
  return chunks;
}

const rarely = <T>(usual: fc.Arbitrary<T>, unusual: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: usual, weight: 30 }, { arbitrary: unusual, weight: 1 });

const rule = fc.record(
  {
    host: rarely<unknown>(fc.constantFrom('a.example', 'ü.example'), fc.jsonValue()),
    port: fc.constantFrom(80, 1e21, -0, null, '80', true),
  },
  { requiredKeys: [] },
);
const spec = fc.record({
  class: rarely<unknown>(fc.constantFrom('nginx', 5, true), fc.constantFrom(null, {}, 'a\u0000')),
  rules: fc.array(rule, { maxLength: 3 }),
});
const resource = (versions: fc.Arbitrary<string>): fc.Arbitrary<object> =>
  fc.record(
    {
      apiVersion: rarely(fc.constant('v1'), fc.constant('v2')),
      kind: rarely(fc.constant('Secret'), fc.constant('Pod')),
      metadata: fc.record(
        {
          name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
          namespace: rarely<unknown>(fc.constantFrom('n', 'm', ''), fc.constant(7)),
          uid: fc.constantFrom('u', 'v'),
          resourceVersion: versions,
          managedFields: fc.array(fc.jsonValue(), { maxLength: 2 }),
        },
        { requiredKeys: ['name', 'resourceVersion', 'uid', 'namespace'] },
      ),
      spec,
      data: fc.jsonValue({ maxDepth: 3 }),
    },
    { requiredKeys: ['metadata', 'spec', 'apiVersion', 'kind'] },
  );

const version = (least: number): fc.Arbitrary<string> =>
  fc.integer({ min: least, max: least + 30 }).map(String);
const itemText = fc
  .tuple(resource(version(10)), fc.constantFrom('named', 'named', 'unnamed', 'pretty'))
  .map(([object, form]) => {
    const { apiVersion, kind, ...rest } = object as Record<string, unknown>;
    return form === 'unnamed'
      ? JSON.stringify(rest)
      : JSON.stringify(object, undefined, form === 'pretty' ? 1 : 0);
  });
const listText = fc.tuple(fc.array(itemText, { maxLength: 8 }), fc.boolean()).map(([items, last]) => {
  const head = '"kind":"SecretList","apiVersion":"v1","metadata":{"resourceVersion":"50"}';
  const body = `"items":[${items.join(',')}]`;
  return `{${last ? `${body},${head}` : `${head},${body}`}}`;
});
const frameText = fc
  .tuple(
    resource(version(40)),
    fc.constantFrom('ADDED', 'MODIFIED', 'DELETED'),
    rarely(fc.constant('usual'), fc.constantFrom('turned', 'spaced', 'twice', 'bookmark')),
  )
  .map(([object, type, form]) => {
    const text = JSON.stringify({ type, object });
    if (form === 'turned') return JSON.stringify({ object, type });
    if (form === 'spaced') return text.replace(/^\{/, '{ ');
    if (form === 'twice') return text.replace('"uid":', '"uid":"w","uid":');
    if (form === 'bookmark') return '{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"80"}}}';
    return text;
  });
const damage: fc.Arbitrary<(bytes: Buffer) => Buffer> = fc.oneof(
  { arbitrary: fc.constant((bytes: Buffer) => bytes), weight: 4 },
  {
    arbitrary: fc.tuple(fc.nat(), fc.nat({ max: 255 })).map(([at, byte]) => (bytes: Buffer) => {
      if (bytes.length > 0) bytes[at % bytes.length] = byte;
      return bytes;
    }),
    weight: 1,
  },
);

describe('objects that stay bytes until they are read', () => {
  it.each(INDEXERS)('make the same store as those parsed at once: %j', async (options) => {
    const packing = vi.spyOn(Packer.prototype, 'pack');
    await fc.assert(
      fc.asyncProperty(
        listText,
        fc.array(fc.array(frameText, { maxLength: 6 }), { maxLength: 3 }),
        listText,
        fc.integer({ min: 20, max: 3000 }),
        damage,
        async (first, watches, second, size, harm) => {
          const seen = [];
          for (const packs of [false, true]) {
            const pipe = pipeline(options, packs);
            await pipe.list(cut(first, size, harm));
            for (const frames of watches) await pipe.watch(cut(`${frames.join('\n')}\n`, size, harm));
            await pipe.list(cut(second, size, (bytes) => bytes));
            seen.push(pipe.seen());
          }
          expect(seen[1]).toEqual(seen[0]);
        },
      ),
      { numRuns: 300 },
    );
    const taken = packing.mock.results.filter(({ value }) => value !== undefined);
    packing.mockRestore();
    expect(taken.length).toBeGreaterThan(1000);
  });
});
