/** Owns the behaviour of digests: their value, computed here in the plainest way, and what computing one costs. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createIndexer } from './indexer.ts';
import { ParsedEntry } from './parsed-entry.ts';
import { reduce, stage } from './reduce.ts';
import type { ResourceEvent } from './resource-event.ts';
import { emptySnapshot, type Snapshot } from './snapshot.ts';

interface Thing {
  metadata: { namespace: string; name: string; resourceVersion?: string };
  v?: unknown;
}

function thing(name: string, v?: unknown): Thing {
  return { metadata: { namespace: 'n', name }, ...(v !== undefined && { v }) };
}

function after(snapshot: Snapshot<Thing>, ...events: ResourceEvent<Thing>[]): Snapshot<Thing> {
  return events.reduce((state, event) => reduce(state, event).snapshot, snapshot);
}

function list(objects: Thing[]): Snapshot<Thing> {
  return after(emptySnapshot<Thing>({ numKeys: 2 }), { type: 'REPLACED', objects, resourceVersion: '1' });
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** The digest as its definition says it, from what a reader can see. */
function digestByDefinition(snapshot: Snapshot<Thing>): string {
  let sum = 0n;
  for (const { namespace, name, keys } of snapshot.refs()) {
    const text = canonical([keys, snapshot.find(namespace, name)]);
    sum += BigInt(`0x${createHash('sha256').update(text, 'utf8').digest('hex')}`);
  }
  return (sum % 2n ** 256n).toString(16).padStart(64, '0');
}

/** How many resources are read while a digest is computed. */
function readsOf(run: () => unknown): number {
  const spy = vi.spyOn(ParsedEntry.prototype, 'glimpse', 'get');
  run();
  const reads = spy.mock.calls.length;
  spy.mockRestore();
  return reads;
}

describe('digest', () => {
  it('of nothing is 64 zeros', () => {
    expect(emptySnapshot({ numKeys: 2 }).digest()).toBe('0'.repeat(64));
  });

  it('of one resource is the SHA-256 of its keys and itself in canonical JSON', () => {
    const text =
      '[["k","ü"],{"metadata":{"name":"a","namespace":"n"},"v":{"a":[1e+21,0.1,null],"b":"\\u0001€"}}]';
    const snapshot = after(emptySnapshot<Thing>({ numKeys: 2 }), {
      type: 'ADDED',
      object: thing('a', { b: '\u0001€', a: [1e21, 0.1, null] }),
      keys: ['k', 'ü'],
    });
    expect(snapshot.digest()).toBe(createHash('sha256').update(text, 'utf8').digest('hex'));
  });

  it('of several is the sum, modulo 2^256', () => {
    const snapshot = list(Array.from({ length: 40 }, (_, i) => thing(String(i), { i, text: 'x'.repeat(i) })));
    expect(snapshot.digest()).toBe(digestByDefinition(snapshot));
    expect(snapshot.digest()).toMatch(/^[0-9a-f]{64}$/);
  });

  it('depends on contents and keys, and on nothing else', () => {
    const one = list([thing('a', 1)]);
    expect(after(one, { type: 'MODIFIED', object: thing('a', 2) }).digest()).not.toBe(one.digest());
    expect(after(one, { type: 'MODIFIED', object: thing('a', 1), keys: ['x', 'y'] }).digest()).not.toBe(
      one.digest(),
    );
    const again = after(
      one,
      { type: 'MODIFIED', object: thing('a', 1) },
      { type: 'BOOKMARK', resourceVersion: '99' },
    );
    expect(again.modCount).not.toBe(one.modCount);
    expect(again.digest()).toBe(one.digest());
    expect(after(one, { type: 'CLEARED' }).digest()).toBe('0'.repeat(64));
  });

  it('is independent of order and history', () => {
    const objects = Array.from({ length: 30 }, (_, i) => thing(`r${i}`, { i }));
    const whole = list(objects).digest();
    const reversed = after(
      emptySnapshot<Thing>({ numKeys: 2 }),
      ...objects.toReversed().map((object): ResourceEvent<Thing> => ({ type: 'ADDED', object })),
    );
    const staging = stage(list([thing('gone', 1), thing('r3', 'old')]));
    staging.append(objects.slice(15));
    staging.append(objects.slice(0, 15));
    const detour = after(
      reversed,
      { type: 'ADDED', object: thing('r3', 'other') },
      { type: 'ADDED', object: thing('more') },
      { type: 'DELETED', object: thing('more') },
      { type: 'MODIFIED', object: thing('r3', { i: 3 }) },
    );
    expect(reversed.digest()).toBe(whole);
    expect(staging.commit('7').snapshot.digest()).toBe(whole);
    expect(detour.digest()).toBe(whole);
  });

  it('is that of the kept fields only', () => {
    const indexer = createIndexer({ ignoreFields: ['v'] });
    const snapshot = after(emptySnapshot<Thing>({ indexer }), {
      type: 'ADDED',
      object: thing('a', 'ignored'),
    });
    expect(snapshot.digest()).toBe(list([thing('a')]).digest());
  });

  it('is the same from what was digested before and from scratch, whatever was asked in which order', () => {
    const edit = fc.record({
      name: fc.integer({ min: 0, max: 80 }),
      v: fc.integer({ min: 0, max: 3 }),
      gone: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(edit, { maxLength: 60 }),
        fc.array(fc.nat(59), { maxLength: 8 }),
        (edits, asked) => {
          const states = [list(Array.from({ length: 70 }, (_, i) => thing(String(i))))];
          for (const { name, v, gone } of edits) {
            const event = { type: gone ? 'DELETED' : 'MODIFIED', object: thing(String(name), v) } as const;
            states.push(after(states.at(-1)!, event));
          }
          for (const at of [...asked, states.length - 1, 0]) {
            const snapshot = states[at % states.length]!;
            expect(snapshot.digest()).toBe(digestByDefinition(snapshot));
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('costs what changed since it was last asked for', () => {
    const first = list(Array.from({ length: 2000 }, (_, i) => thing(String(i), i)));
    const next = after(
      first,
      { type: 'MODIFIED', object: thing('7', 'new') },
      { type: 'DELETED', object: thing('8') },
      { type: 'ADDED', object: thing('new') },
    );
    expect(readsOf(() => first.digest())).toBe(2000);
    expect(readsOf(() => first.digest())).toBe(0);
    // Two for what was modified, one each for what came and went.
    expect(readsOf(() => next.digest())).toBe(4);
    expect(readsOf(() => [next.digest(), first.digest()])).toBe(0);
    expect(readsOf(() => after(next, { type: 'BOOKMARK', resourceVersion: '9' }).digest())).toBe(0);
    expect(next.digest()).toBe(digestByDefinition(next));
  });
});

describe('digestAsync', () => {
  async function turnsDuring(run: () => Promise<unknown>): Promise<number> {
    let turns = 0;
    let running = true;
    const tick = (): void => {
      turns++;
      if (running) setImmediate(tick);
    };
    setImmediate(tick);
    await run();
    running = false;
    return turns;
  }

  it('gives the same, and lets the event loop take its turn', async () => {
    const first = list(Array.from({ length: 1000 }, (_, i) => thing(String(i), i)));
    const second = list(Array.from({ length: 1000 }, (_, i) => thing(String(i), -i)));
    const expected = digestByDefinition(first);
    let digest = '';
    const turns = await turnsDuring(async () => {
      digest = await first.digestAsync();
    });
    expect(digest).toBe(expected);
    expect(turns).toBeGreaterThan(3);
    expect(first.digest()).toBe(expected);
    expect(await second.digestAsync()).toBe(digestByDefinition(second));
  });

  it('lets it take its turn after every large resource', async () => {
    const large = list(Array.from({ length: 20 }, (_, i) => thing(String(i), 'x'.repeat(300_000))));
    expect(await turnsDuring(() => large.digestAsync())).toBeGreaterThanOrEqual(20);
  });

  it('of several snapshots at once, and digest between, do not disturb one another', async () => {
    const first = list(Array.from({ length: 300 }, (_, i) => thing(String(i), i)));
    const second = after(first, { type: 'CLEARED' }, { type: 'ADDED', object: thing('only') });
    const third = after(first, { type: 'ADDED', object: thing('more') });
    const [a, b, c] = [first.digestAsync(), second.digestAsync(), third.digestAsync()];
    expect(third.digest()).toBe(digestByDefinition(third));
    expect([await a, await b, await c]).toEqual([first, second, third].map(digestByDefinition));
  });
});
