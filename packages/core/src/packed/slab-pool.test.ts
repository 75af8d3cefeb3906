import { describe, expect, it } from 'vitest';
import { type Slab, SlabPool, type Tenant } from './slab-pool.ts';

/** The simplest of tenants: some text. */
class Lodger implements Tenant {
  slab: Slab;
  start: number;
  isNeeded = true;
  readonly length: number;

  constructor(slab: Slab, length: number) {
    this.slab = slab;
    this.start = slab.used;
    this.length = length;
    slab.pool.moveIn(slab, this);
  }

  moveTo(slab: Slab, start: number): void {
    this.slab = slab;
    this.start = start;
  }

  release(): void {
    if (!this.isNeeded) return;
    this.isNeeded = false;
    this.slab.pool.left(this.slab, this);
  }

  read(): unknown {
    return JSON.parse(this.slab.bytes.toString('utf8', this.start, this.start + this.length));
  }
}

const newPool = (): SlabPool => new SlabPool(() => undefined);

function store(pool: SlabPool, json: string, names = ''): Lodger {
  const bytes = Buffer.from(`  ${json}  `);
  const length = bytes.length - 4;
  const slab = pool.roomFor(length, names);
  bytes.copy(slab.bytes, slab.used, 2, 2 + length);
  return new Lodger(slab, length);
}

/** An object of about this many bytes. */
function object(id: number, size: number): string {
  return JSON.stringify({ id, text: 'x'.repeat(size) });
}

function filled(pool: SlabPool, count: number, size: number): Lodger[] {
  return Array.from({ length: count }, (_, id) => store(pool, object(id, size)));
}

describe('SlabPool', () => {
  it('gives back what was stored, as often as it is asked', () => {
    const pool = newPool();
    const source = store(pool, '{"a":"ü","b":[1]}');
    expect([source.read(), source.read()]).toEqual([
      { a: 'ü', b: [1] },
      { a: 'ü', b: [1] },
    ]);
  });

  it('has objects that begin in different ways in different slabs', () => {
    const pool = newPool();
    const [a, b] = ['{"kind":"A",', '{"kind":"B",'].map((names) => store(pool, '{"a":1}', names));
    expect([a?.slab.names, b?.slab.names]).toEqual(['{"kind":"A",', '{"kind":"B",']);
    expect([a?.read(), b?.read()]).toEqual([{ a: 1 }, { a: 1 }]);
  });

  it('shares one piece of memory among many, and starts another when it is full', () => {
    const sources = filled(newPool(), 3000, 1000);
    const slabs = new Set(sources.map(({ slab }) => slab));
    expect(slabs.size).toBe(3);
  });

  it('keeps something large apart', () => {
    const pool = newPool();
    const [before, large, after] = [100, 400_000, 100].map((size, id) => store(pool, object(id, size)));
    expect(large?.slab).not.toBe(before?.slab);
    expect(after?.slab).toBe(before?.slab);
    expect(large?.slab.bytes.length).toBe(large?.length);
  });

  it('moves what is left out of a slab of which less than half is needed', () => {
    const sources = filled(newPool(), 3000, 1000);
    const first = sources.filter(({ slab }) => slab === sources[0]?.slab);
    const [survivor] = first;
    const slab = survivor?.slab;
    for (const source of first.slice(1, first.length / 2)) source.release();
    expect(survivor?.slab).toBe(slab);
    for (const source of first.slice(first.length / 2)) source.release();
    expect(survivor?.slab).not.toBe(slab);
    expect(survivor?.read()).toEqual(JSON.parse(object(0, 1000)));
    expect(slab?.tenants).toEqual([]);
  });

  it('what was released can still be read by whoever holds it', () => {
    const sources = filled(newPool(), 3000, 1000);
    for (const [i, source] of sources.entries()) if (i % 10 !== 0) source.release();
    for (const [i, source] of sources.entries()) {
      expect(source.read()).toEqual(JSON.parse(object(i, 1000)));
    }
  });

  it('a release counts once', () => {
    const sources = filled(newPool(), 3000, 1000);
    const [first] = sources;
    for (let i = 0; i < 2000; i++) first?.release();
    expect(sources[1]?.slab).toBe(first?.slab);
  });

  it('however long the churn goes on, memory stays within twice what is needed', () => {
    const pool = newPool();
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
      expect(source.read()).toEqual(JSON.parse(object(at, 500)));
    }
  });

  it('what is kept apart shares no slab with what was there before', () => {
    const pool = newPool();
    const before = store(pool, '{"a":1}');
    pool.beginSlab();
    expect(store(pool, '{"a":2}').slab).not.toBe(before.slab);
  });
});
