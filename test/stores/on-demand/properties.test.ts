/** Owns the proof, over random interleavings, that an on-demand store shows nothing old and leaves nothing behind. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Answer, NAMES, type Step, World } from './world.ts';

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
  { weight: 12, arbitrary: fc.record({ do: fc.constant('answer'), at, answer }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('unsubscribe'), at }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('pass'), ms }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('peek'), name }) },
  { weight: 10, arbitrary: fc.record({ do: fc.constant('settle') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('relist', 'clear', 'clearCache') }) },
);
const steps = fc
  .tuple(fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }), fc.nat(9))
  .map(([some, end]): Step[] => (end === 0 ? [...some, { do: 'close' }] : some));
const options = fc.record({
  concurrency: fc.integer({ min: 1, max: 3 }),
  maxCacheSize: fc.constantFrom(1, 2, 100),
  updateAgeOnGet: fc.boolean(),
});

it('shows nothing older than what was said, resurrects nothing, and leaves nothing behind', async () => {
  await fc.assert(
    fc.asyncProperty(options, steps, fc.boolean(), async (made, happens, answers) => {
      const world = new World(made);
      // What has happened before is known to all.
      for (const each of NAMES.slice(0, 2)) await world.run({ do: 'touch', name: each });
      await world.run({ do: 'deliver', count: 2, asBatch: true });
      await world.rest();
      for (const one of happens) {
        await world.run(one);
        if (world.violations.length > 0) break;
      }
      await world.finish(answers);
      await world.expectAllFree();
      expect(world.violations).toEqual([]);
    }),
    { numRuns: 500 },
  );
}, 60_000);
