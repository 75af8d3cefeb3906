/** Owns the proof that a list body is read as `JSON.parse` reads it, or refused, whatever its bytes are. */
import { isUtf8 } from 'node:buffer';
import { createIndexer, type KubernetesObject, ProtocolError } from '@firn/core';
import { Entry, Packer } from '@firn/core/engine';
import fc from 'fast-check';
import { expect } from 'vitest';
import { chunksOf, fuzz } from '../../test-support/fuzz.ts';
import { createObjectDecoder } from './json-object-decoder.ts';
import { KindLearningDecoder } from './kind-learning-decoder.ts';
import { ListSplitter } from './list-splitter.ts';
import type { Decoded, ObjectDecoder } from './object-decoder.ts';
import { PackingDecoder } from './packing-decoder.ts';

const EXPECTED = { apiVersion: 'v1', kind: 'Secret' };
const DEFAULTS = EXPECTED;
const ITEM_LIMIT = 120;

interface Read {
  readonly items: readonly string[];
  readonly end: string;
}

function read(body: Buffer, cuts: readonly number[], decoder: ObjectDecoder, takes: boolean): Read {
  const items: string[] = [];
  const splitter = new ListSplitter();
  let end = 0;
  const taker = {
    take(chunk: Uint8Array, from: number): Decoded | undefined {
      const taken = decoder.takeListItem?.(chunk, from, DEFAULTS);
      if (taken !== undefined) end = taken.end;
      return taken?.item;
    },
    get end() {
      return end;
    },
  };
  try {
    for (const chunk of chunksOf(body, cuts)) {
      for (const item of splitter.push(chunk, takes ? taker : undefined)) {
        const object = item instanceof Uint8Array ? decoder.decodeListItem(item, DEFAULTS) : item;
        const value = object instanceof Entry ? (object as Entry<KubernetesObject>).glimpse : object;
        items.push(JSON.stringify(value));
      }
    }
    return { items, end: JSON.stringify(splitter.end()) };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    expect(error.message.length).toBeLessThan(1000);
    expect(error.message).toMatch(/^[^\p{Cc}\u202a-\u202e]*$/u);
    return { items, end: error.code };
  }
}

/** The items that come before one is too large, or anything else is wrong. */
function boundedItems(body: Buffer, cuts: readonly number[]): readonly Uint8Array[] {
  const splitter = new ListSplitter({ itemLimit: ITEM_LIMIT });
  try {
    return chunksOf(body, cuts).flatMap((chunk) => splitter.push(chunk));
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return [];
  }
}

function packing(): ObjectDecoder {
  return new PackingDecoder('v1', new Packer(createIndexer()), new KindLearningDecoder(EXPECTED), 'Secret');
}

function parsed(body: Buffer): unknown {
  if (!isUtf8(body)) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function deeperThan(limit: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return limit === 0 || Object.values(value).some((below) => deeperThan(limit - 1, below));
}

interface List {
  readonly kind: string;
  readonly metadata?: { readonly resourceVersion?: string };
  readonly items: readonly object[] | null;
}

/** A list that has to be read: every member is of its type, and none comes twice. */
function isPlainList(value: unknown, body: Buffer): value is List {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { kind, metadata, items } = value as Partial<Record<string, unknown>>;
  const isObject = (part: unknown): boolean =>
    typeof part === 'object' && part !== null && !Array.isArray(part);
  const texts = ['resourceVersion', 'continue', 'selfLink'];
  return (
    typeof kind === 'string' &&
    /^(?!Table$).*List$/s.test(kind) &&
    (metadata === undefined ||
      (isObject(metadata) &&
        texts.every((name) => ['string', 'undefined'].includes(typeof (metadata as Named)[name])))) &&
    ((items === null && 'items' in value) || (Array.isArray(items) && items.every(isObject))) &&
    !deeperThan(500, value) &&
    body.toString('latin1').split('"items"').length === 2 &&
    !body.includes('\\u')
  );
}

type Named = Readonly<Record<string, unknown>>;

const item = fc.record(
  {
    apiVersion: fc.constant('v1'),
    kind: fc.constant('Secret'),
    metadata: fc.record(
      {
        name: fc.constantFrom('a', 'b', '__proto__'),
        namespace: fc.constantFrom('shop', ''),
        resourceVersion: fc.constantFrom('1', '2'),
      },
      { requiredKeys: ['name', 'resourceVersion'] },
    ),
    data: fc.jsonValue(),
    extra: fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
  },
  { requiredKeys: ['metadata'] },
);
const list = fc
  .record({
    kind: fc.constant('SecretList'),
    apiVersion: fc.constant('v1'),
    metadata: fc.record({ resourceVersion: fc.constant('7') }),
    items: fc.array(item, { maxLength: 5 }),
  })
  .chain((value) =>
    fc.constantFrom(0, 0, 1, 3).map((indent) => Buffer.from(JSON.stringify(value, null, indent))),
  );

fuzz({
  name: 'list-body',
  generated: list,
  tokens: ['"', '\\', '{', '[', '}', ']', ',', ':', ' ', '\n', '"items":[', '"kind":"X"', '\\ud800', '1e999'],
  runs: 1500,
  check(body, cuts) {
    const parsing = read(body, [], createObjectDecoder(EXPECTED), false);
    const cut = read(body, cuts, createObjectDecoder(EXPECTED), false);
    expect(cut.end).toBe(parsing.end);
    // Whatever a chunk has before something that is wrong in it is not handed on.
    if (parsing.end.startsWith('{')) expect(cut.items).toEqual(parsing.items);
    const packed = read(body, cuts, packing(), true);
    expect(packed.end).toBe(cut.end);
    expect(packed.items.length).toBeLessThanOrEqual(cut.items.length + (packed.end.startsWith('{') ? 0 : 1));
    if (packed.end.startsWith('{')) expect(packed.items).toEqual(cut.items);

    const value = parsed(body);
    if (parsing.end.startsWith('{')) {
      const items = (value as List | undefined)?.items ?? [];
      expect(parsing.items).toEqual(
        items.map((one) =>
          JSON.stringify(
            createObjectDecoder(EXPECTED).decodeListItem(Buffer.from(JSON.stringify(one)), DEFAULTS),
          ),
        ),
      );
    } else if (isPlainList(value, body)) {
      // What is refused of a list in good order is one of its items.
      const decoder = createObjectDecoder(EXPECTED);
      const decode = (): unknown =>
        value.items?.map((one) => decoder.decodeListItem(Buffer.from(JSON.stringify(one)), DEFAULTS));
      expect(decode).toThrow(expect.objectContaining({ code: parsing.end }));
    }
    expect(boundedItems(body, cuts).every(({ length }) => length <= ITEM_LIMIT)).toBe(true);
  },
});
