/** Owns the way from a plan that fails to the smallest one that still does. */
import { isDeepStrictEqual } from 'node:util';
import {
  type CrashStep,
  crash,
  type Plan,
  type PlanStep,
  type ReorderStep,
  type RewindStep,
  reorder,
  rewind,
  type StaleStep,
  stale,
} from './plan.ts';

/**
 * Leaves out steps, and makes those that are left simpler, for as long as the plan still fails.
 *
 * @param sequences - of the log's turns, rising.
 * @param fails - whether a plan does; false to give up.
 */
export async function shrinkPlan(
  plan: Plan,
  sequences: readonly number[],
  fails: (plan: Plan) => Promise<boolean>,
): Promise<Plan> {
  let smallest = plan;
  for (let next: Plan | undefined = plan; next !== undefined; ) {
    smallest = next;
    next = await firstFailing(simplerPlans(smallest, sequences), fails);
  }
  return smallest;
}

async function firstFailing(
  plans: Iterable<Plan>,
  fails: (plan: Plan) => Promise<boolean>,
): Promise<Plan | undefined> {
  for (const plan of plans) if (await fails(plan)) return plan;
  return undefined;
}

function* simplerPlans(plan: Plan, sequences: readonly number[]): Generator<Plan> {
  if (plan.length > 1) for (let i = 0; i < plan.length; i++) yield plan.toSpliced(i, 1);
  for (const [i, step] of plan.entries())
    for (const simpler of simplerSteps(step, sequences))
      if (!isDeepStrictEqual(simpler, step)) yield plan.toSpliced(i, 1, simpler);
}

/** Shorter, and then earlier; each candidate is smaller than the step by one of the two, so that there is an end. */
function simplerSteps(step: PlanStep, sequences: readonly number[]): Iterable<PlanStep> {
  switch (step.type) {
    case 'stale':
      return shorterStale(step, sequences);
    case 'rewind':
      return shorterRewinds(step, sequences);
    case 'crash':
      return earlierCrashes(step, sequences);
    case 'reorder':
      return fewerReordered(step);
    default:
      return [];
  }
}

function* shorterStale({ resource, from, to }: StaleStep, sequences: readonly number[]): Generator<PlanStep> {
  const inside = between(from, to, sequences);
  for (const earlier of inside) yield stale(resource, from, earlier);
  for (const later of inside.toReversed()) yield stale(resource, later, to);
}

function* shorterRewinds({ to, at }: RewindStep, sequences: readonly number[]): Generator<PlanStep> {
  const inside = between(to, at ?? Number.POSITIVE_INFINITY, sequences);
  for (const later of inside.toReversed()) yield rewind(later, at === undefined ? {} : { at });
  for (const earlier of inside) yield rewind(to, { at: earlier });
}

function* earlierCrashes({ at }: CrashStep, sequences: readonly number[]): Generator<PlanStep> {
  if (typeof at === 'number')
    for (const earlier of between(Number.NEGATIVE_INFINITY, at, sequences)) yield crash(earlier);
  else for (let write = 1; write < at.write; write++) yield crash({ write });
}

function* fewerReordered({ resources = [] }: ReorderStep): Generator<PlanStep> {
  if (resources.length > 2)
    for (let i = 0; i < resources.length; i++) yield reorder(...resources.toSpliced(i, 1));
}

/** Candidates strictly between two numbers: a few that halve the way, and the one next to the end. */
function between(low: number, high: number, sequences: readonly number[]): readonly number[] {
  const inside = sequences.filter((one) => one > low && one < high);
  const chosen: number[] = [];
  for (let count = inside.length; count > 1; count >>= 1) chosen.unshift(inside[(count >> 1) - 1] ?? low);
  const last = inside.at(-1);
  return [...new Set(last === undefined ? chosen : [...chosen, last])];
}
