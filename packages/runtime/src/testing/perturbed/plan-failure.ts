/** Owns the failure of a controller under a plan, as `explore` throws it. */
import { FirnError } from '@firn/core';
import { formatPlan } from './check-plan.ts';
import type { ControllerReport } from './controller-report.ts';
import type { Plan } from './plan.ts';

/** How a failure was found. */
export interface Finding {
  /** The smallest plan that fails. */
  readonly plan: Plan;
  /** Of the run with it; undefined if that did not come to its end. */
  readonly report: ControllerReport | undefined;
  /** Why it fails. */
  readonly cause: unknown;
  /** The plan that failed first. */
  readonly drawn: Plan;
  readonly seed: number;
  /** How many plans had been run by then. */
  readonly runs: number;
}

/**
 * A controller fails when its view of a recorded run is perturbed. `code` is `PLAN_FAILED`, `cause` what the check said.
 *
 * @example
 * ```ts
 * try { await explore({ log, controller }) } catch (error) {
 *   if (error instanceof PlanFailure) console.error(error.reproduction); // FIRN_PLAN='[{"type":"crash","at":{"write":1}}]'
 * }
 * ```
 */
export class PlanFailure extends FirnError {
  /** The smallest plan that fails. */
  readonly plan: Plan;
  /** Of the run with it; undefined if that did not come to its end. */
  readonly report: ControllerReport | undefined;
  /** Set in front of the command, it makes `explore` run this plan only. */
  readonly reproduction: string;

  constructor({ plan, report, cause, drawn, seed, runs }: Finding) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const reproduction = `FIRN_PLAN='${JSON.stringify(plan)}'`;
    const found =
      drawn === plan
        ? ''
        : `\nFound with seed ${seed} in plan ${runs}, and shrunk from ${formatPlan(drawn)}.`;
    super(
      `${why}\nIt does with perturb(log, ${formatPlan(plan)}): repeat it with ${reproduction}, or give runController this plan.${found}`,
      { code: 'PLAN_FAILED', cause },
    );
    this.plan = plan;
    this.report = report;
    this.reproduction = reproduction;
  }
}
