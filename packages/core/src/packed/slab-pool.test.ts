import { describe, expect, it } from 'vitest';
import { type PackedSource, SlabPool } from './slab-pool.ts';

const NAMES = '{"apiVersion":"v1","kind":"Secret",';

function store(
  pool: SlabPool,
  json: string,
  more: { isUnnamed?: boolean } = {},
): PackedSource {
  const bytes = Buffer.from(`  ${json}  `);
  const isAscii = bytes.every((byte) => byte < 0x80);
  const { isUnnamed = false } = more;
  return pool.store({ bytes, start: 2, length: bytes.length - 4, isAscii, isUnnamed, names: NAMES });
}

/** An object of about this many bytes. */
function object(id: number, size: number): string {
  return JSON.stringify({ id, text: 'x'.repeat(size) });
}

function filled(pool: SlabPool, count: number, size: number): PackedSource[] {
  return Array.from({ length: count }, (_, id) => store(pool, object(id, size)));
}

describe('SlabPool', () => {
  it('gives back what was stored, as often as it is asked', () => {
    const pool = new SlabPool();
    const source = store(pool, '{"a":"ü","b":[1]}');
    expect([source.materialise(), source.materialise()]).toEqual([
      { a: 'ü', b: [1] },
      { a: 'ü', b: [1] },
    ]);
    expect(source.materialise()).not.toBe(source.materialise());
  });

  it('puts apiVersion and kind in front where the object has none', () => {
    const source = store(new SlabPool(), '{"metadata":{}}', { isUnnamed: true });
    expect(JSON.stringify(source.materialise())).toBe('{"apiVersion":"v1","kind":"Secret","metadata":{}}');
  });

  it('shares one piece of memory among many, and starts another when it is full', () => {
    const sources = filled(new SlabPool(), 3000, 1000);
    const slabs = new Set(sources.map(({ slab }) => slab));
    expect(slabs.size).toBe(3);
  });

  it('keeps something large apart', () => {
    const pool = new SlabPool();
    const [before, large, after] = [100, 400_000, 100].map((size, id) => store(pool, object(id, size)));
    expect(large?.slab).not.toBe(before?.slab);
    expect(after?.slab).toBe(before?.slab);
    expect(large?.slab.bytes.length).toBe(large?.length);
  });

  it('moves what is left out of a slab of which less than half is needed', () => {
    const sources = filled(new SlabPool(), 3000, 1000);
    const first = sources.filter(({ slab }) => slab === sources[0]?.slab);
    const [survivor] = first;
    const slab = survivor?.slab;
    for (const source of first.slice(1, first.length / 2)) source.release();
    expect(survivor?.slab).toBe(slab);
    for (const source of first.slice(first.length / 2)) source.release();
    expect(survivor?.slab).not.toBe(slab);
    expect(survivor?.materialise()).toEqual(JSON.parse(object(0, 1000)));
    expect(slab?.sources).toEqual([]);
  });

  it('what was released can still be read by whoever holds it', () => {
    const sources = filled(new SlabPool(), 3000, 1000);
    for (const [i, source] of sources.entries()) if (i % 10 !== 0) source.release();
    for (const [i, source] of sources.entries()) {
      expect(source.materialise()).toEqual(JSON.parse(object(i, 1000)));
    }
  });

  it('a release counts once', () => {
    const sources = filled(new SlabPool(), 3000, 1000);
    const [first] = sources;
    for (let i = 0; i < 2000; i++) first?.release();
    expect(sources[1]?.slab).toBe(first?.slab);
  });

  it('however long the churn goes on, memory stays within twice what is needed', () => {
    const pool = new SlabPool();
    const live = filled(pool, 2000, 500);
    for (let i = 0; i < 60_000; i++) {
      // Some live for ever, most for a short time.
      const at = i % 7 === 0 ? (i * 31) % live.length : i % 200;
      live[at]?.release();
      live[at] = store(pool, object(at, 500));
    }
    const slabs = new Set(live.map(({ slab }) => slab));
    const taken = [...slabs].reduce((bytes, slab) => bytes + slab.bytes.length, 0);
    const needed = live.reduce((bytes, { length }) => bytes + length, 0);
    expect(taken).toBeLessThan(2 * needed + 2 * 1024 * 1024);
    for (const [at, source] of live.entries()) {
      expect(source.materialise()).toEqual(JSON.parse(object(at, 500)));
    }
  });

  it('what is kept apart shares no slab with what was there before', () => {
    const pool = new SlabPool();
    const before = store(pool, '{"a":1}');
    pool.beginSlab();
    expect(store(pool, '{"a":2}').slab).not.toBe(before.slab);
  });
});
