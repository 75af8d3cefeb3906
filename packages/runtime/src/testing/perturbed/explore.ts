/** Owns the search for a plan under which a controller fails. */
import { randomInt } from 'node:crypto';
import { ConfigError } from '@firn/core';
import { type Clock, systemClock } from '@firn/stores';
import type { ReplayedMap } from '../../replay/playable.ts';
import type { WatchedMap } from '../../runtime/runtime.ts';
import { randomPlan } from './arbitrary-plan.ts';
import { checkPlan } from './check-plan.ts';
import type { ControllerReport } from './controller-report.ts';
import { checkEndState } from './end-state.ts';
import type { Plan } from './plan.ts';
import { PlanFailure } from './plan-failure.ts';
import { PlanSpace } from './plan-space.ts';
import { type ClosedLoop, type ClosedLoopOptions, closedLoop } from './run-controller.ts';
import { shrinkPlan } from './shrink-plan.ts';

/** How a controller is tried. */
export interface ExploreOptions<R extends WatchedMap = ReplayedMap> extends ClosedLoopOptions<R> {
  /** Throws if a run was wrong, seen beside one without a plan; `checkEndState` when left out. */
  readonly check?: (report: ControllerReport, healthy: ControllerReport) => unknown;
  /** What plans follow from; drawn when left out. A failure names it. */
  readonly seed?: number;
  /** How many plans are run; 200 when left out. */
  readonly runs?: number;
  /** When to stop even if there were fewer, in milliseconds; 20,000 when left out. */
  readonly timeLimitMs?: number;
  /** What the time limit is measured by. */
  readonly limitClock?: Clock;
}

/** What was tried, when nothing failed. */
export interface Exploration {
  /** How many plans were run. */
  readonly runs: number;
  readonly seed: number;
  /** Of the run without a plan. */
  readonly healthy: ControllerReport;
}

/** A plan that failed. */
interface Failure {
  readonly report: ControllerReport | undefined;
  readonly cause: unknown;
}

/**
 * Runs a controller under random plans until one fails, makes that plan as small as it can, and throws it. With the
 * environment variable `FIRN_PLAN`, the JSON of a plan, only that one is run.
 *
 * @throws {PlanFailure} with the smallest plan that was found, its report, and one line that repeats it.
 * @throws {ConfigError} `UNHEALTHY` if it fails without a plan; what `runController` throws.
 * @example
 * ```ts
 * it('survives stale views, crashes and lost events', async () => {
 *   await explore({ log: './log', controller, owns: ['configmaps'] });
 * });
 * ```
 */
export async function explore<const R extends WatchedMap = ReplayedMap>(
  options: ExploreOptions<R>,
): Promise<Exploration> {
  const { runs = 200, timeLimitMs = 20_000, seed = randomInt(2 ** 31), limitClock = systemClock } = options;
  const end = limitClock.monotonic() + timeLimitMs;
  const isOver = (): boolean => limitClock.monotonic() >= end;
  const loop = await closedLoop(options);
  const attempts = new Attempts(loop, options.check ?? checkEndState);
  const healthy = await attempts.healthy();
  const given = process.env.FIRN_PLAN;
  if (given !== undefined && given !== '') {
    await attempts.only(checkPlan(given, Object.keys(loop.tape.resources)), seed);
    return Object.freeze({ runs: 1, seed, healthy });
  }
  const space = new PlanSpace(loop.tape, { healthy });
  let done = 0;
  for (const drawn of differentPlans(space, seed)) {
    if (done >= runs || isOver()) break;
    done++;
    const failure = await attempts.failureOf(drawn);
    if (failure === undefined) continue;
    const fails = async (plan: Plan): Promise<boolean> =>
      !isOver() && (await attempts.failureOf(plan)) !== undefined;
    const plan = await shrinkPlan(drawn, space.sequences, fails);
    const last = (plan === drawn ? undefined : await attempts.failureOf(plan)) ?? failure;
    throw new PlanFailure({ ...last, plan, drawn, seed, runs: done });
  }
  return Object.freeze({ runs: done, seed, healthy });
}

/** How many plans in a row that have been drawn already mean that there are no others. */
const MAX_REPEATS = 1000;

/** Random plans, each of them once. */
function* differentPlans(space: PlanSpace, seed: number): Generator<Plan> {
  const drawn = new Set<string>();
  let repeats = 0;
  for (let next = seed; repeats < MAX_REPEATS; next++) {
    const plan = randomPlan(space, next);
    const text = JSON.stringify(plan);
    repeats = drawn.has(text) ? repeats + 1 : 0;
    if (repeats === 0) yield plan;
    drawn.add(text);
  }
}

/** Runs plans, and judges them. */
class Attempts {
  readonly #loop: ClosedLoop;
  readonly #check: (report: ControllerReport, healthy: ControllerReport) => unknown;
  #healthy: ControllerReport | undefined;

  constructor(loop: ClosedLoop, check: (report: ControllerReport, healthy: ControllerReport) => unknown) {
    this.#loop = loop;
    this.#check = check;
  }

  /** Of the run without a plan. */
  async healthy(): Promise<ControllerReport> {
    const healthy = await this.#loop.run([]);
    this.#healthy = healthy;
    try {
      await this.#check(healthy, healthy);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new ConfigError(
        `The controller fails without any plan: ${why} Look at what runController reports, and at what it owns.`,
        { code: 'UNHEALTHY', cause },
      );
    }
    return healthy;
  }

  async failureOf(plan: Plan): Promise<Failure | undefined> {
    let report: ControllerReport | undefined;
    try {
      report = await this.#loop.run(plan);
      await this.#check(report, this.#healthy ?? report);
      return undefined;
    } catch (cause) {
      return { report, cause };
    }
  }

  /** Throws `PlanFailure` if a plan fails. */
  async only(plan: Plan, seed: number): Promise<void> {
    const failure = await this.failureOf(plan);
    if (failure !== undefined) throw new PlanFailure({ ...failure, plan, drawn: plan, seed, runs: 1 });
  }
}
