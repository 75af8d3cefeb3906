/** Owns random plans: from a seed, and as an arbitrary of fast-check. */
import { createRandom } from '../../random.ts';
import type { Plan } from './plan.ts';
import { PlanSpace, type PlanSpaceOptions, type StepSeed } from './plan-space.ts';
import { type RecordedLog, readLog } from './read-log.ts';

/** Steps in a random plan at most. */
const MAX_STEPS = 4;
/** Places and lengths are drawn below this, and wrap around. */
const MAX_PLACE = 10_000;

/** A plan that follows from a seed: one step in half of the cases, seldom four. */
export function randomPlan(space: PlanSpace, seed: number): Plan {
  const random = createRandom(seed);
  let steps = 1;
  while (steps < MAX_STEPS && random.next() < 0.5) steps++;
  const number = (): number => random.integer(MAX_PLACE);
  return Array.from({ length: steps }, () => space.step([number(), number(), number(), number()]));
}

/**
 * Draws a plan for a log: steps over its own resources and sequence numbers. The same log and seed give the same plan.
 *
 * @param seed - a whole number; 0 when left out.
 * @throws {EventLogError} what is wrong with the log.
 * @example
 * ```ts
 * const plan = await arbitraryPlan('./log', 42);
 * const perturbed = await perturb('./log', plan);
 * ```
 */
export async function arbitraryPlan(
  log: RecordedLog,
  seed = 0,
  options: PlanSpaceOptions = {},
): Promise<Plan> {
  return randomPlan(new PlanSpace(await readLog(log), options), seed);
}

/** What is needed of fast-check, which is no dependency: `import fc from 'fast-check'` has it. */
export interface PlanDrawing {
  readonly nat: (...options: never[]) => unknown;
  readonly tuple: (...of: never[]) => unknown;
  readonly array: (...options: never[]) => unknown;
}

/** The same, as far as it is called here. */
interface Drawing {
  nat(max: number): Drawn<number>;
  tuple(...of: readonly Drawn<number>[]): Drawn<StepSeed>;
  array<V>(of: Drawn<V>, lengths: { readonly minLength: number; readonly maxLength: number }): Drawn<V[]>;
}

interface Drawn<V> {
  map<W>(make: (value: V) => W): Drawn<W>;
}

/**
 * Plans for a log as an arbitrary of fast-check, which shrinks them: to fewer steps, and to those that come first in the
 * log.
 *
 * @param fc - fast-check, which also has the type of what comes back: `fc.Arbitrary<Plan>`.
 * @throws {EventLogError} what is wrong with the log.
 * @example
 * ```ts
 * import fc from 'fast-check';
 *
 * const plans = await planArbitrary<fc.Arbitrary<Plan>>(fc, './log', { healthy: await runController({ log: './log', controller }) });
 * await fc.assert(fc.asyncProperty(plans, async (plan) => {
 *   const { errors } = await runController({ log: './log', controller, plan });
 *   return errors.length === 0;
 * }));
 * ```
 */
export async function planArbitrary<A>(
  fc: PlanDrawing,
  log: RecordedLog,
  options: PlanSpaceOptions = {},
): Promise<A> {
  const space = new PlanSpace(await readLog(log), options);
  const drawing = fc as unknown as Drawing;
  const number = drawing.nat(MAX_PLACE);
  const step = drawing.tuple(number, number, number, number).map((seed) => space.step(seed));
  return drawing.array(step, { minLength: 1, maxLength: MAX_STEPS }) as unknown as A;
}
