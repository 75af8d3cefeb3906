/** Owns the proof, over random interleavings, that an on-demand store shows nothing old and leaves nothing behind. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Answer } from './history-server.ts';
import { NAMES, type Step, World, type WorldOptions } from './world.ts';

const name = fc.constantFrom(...NAMES);
const all = fc.option(name, { nil: undefined, freq: 3 });
const at = fc.nat(7);
const answer = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<Answer>('now', 'sent') },
  { weight: 3, arbitrary: fc.constantFrom<Answer>('old', 'foreign', 'gone', '404') },
  { weight: 3, arbitrary: fc.constantFrom<Answer>('403', '429', '500', 'reset') },
);
const ms = fc.constantFrom(1, 199, 200, 300, 700, 1_000, 2_000, 3_000, 10_000);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('touch', 'delete', 'recreate'), name }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('deliver'),
      count: fc.integer({ min: 1, max: 4 }),
      asBatch: fc.boolean(),
    }),
  },
  { weight: 10, arbitrary: fc.record({ do: fc.constantFrom('get', 'get', 'subscribe'), name: all }) },
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constant('answer'), at, answer, page: fc.constantFrom(0, 3, 30, 1000) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('unsubscribe'), at }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('pass'), ms }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('peek'), name }) },
  { weight: 10, arbitrary: fc.record({ do: fc.constant('settle') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('relist', 'clear', 'clearCache') }) },
);
const steps = fc
  .tuple(fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }), fc.nat(9))
  .map(([some, end]): Step[] => (end === 0 ? [...some, { do: 'close' }] : some));

async function violations(made: WorldOptions, happens: readonly Step[], answers: boolean): Promise<string[]> {
  const world = new World(made);
  await world.rest();
  for (const one of happens) {
    await world.run(one);
    if (world.violations.length > 0) return world.violations;
  }
  await world.finish(answers);
  await world.expectAllFree();
  return world.violations;
}

const options = {
  concurrency: fc.integer({ min: 1, max: 3 }),
  maxCacheSize: fc.constantFrom(1, 2, 100),
  updateAgeOnGet: fc.boolean(),
};

it.each([
  ['one by one', 0, 500],
  ['by lists', 60, 100],
])(
  'shows nothing old, resurrects nothing, leaves nothing out and nothing behind: %s',
  async (_how, bystanders, numRuns) => {
    const made = fc.record({ ...options, bystanders: fc.constant(bystanders) });
    await fc.assert(
      fc.asyncProperty(made, steps, fc.boolean(), async (...drawn) => {
        expect(await violations(...drawn)).toEqual([]);
      }),
      { numRuns },
    );
  },
  60_000,
);
