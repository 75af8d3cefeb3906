/** Owns the way to run a controller in a closed loop with a recorded run, with a plan or without. */
import type { ReplayedMap } from '../../replay/playable.ts';
import type { RuntimeOptions, WatchedMap } from '../../runtime/runtime.ts';
import type { ResourceTypeOptions } from '../api-server/resource-type.ts';
import { checkPlan } from './check-plan.ts';
import type { ControllerReport } from './controller-report.ts';
import { ControllerRun } from './controller-run.ts';
import type { Controller } from './incarnation.ts';
import type { Owns } from './ownership.ts';
import type { Plan, PlanStep } from './plan.ts';
import { type RecordedLog, readLog } from './read-log.ts';
import type { Tape } from './tape.ts';

/** A controller, and the world that it is run in. */
export interface ClosedLoopOptions<R extends WatchedMap = ReplayedMap> {
  /** The folder of a recorded run, what `replay` or `openEventLog` gives, or `recordedEvents({…})`. */
  readonly log: RecordedLog;
  readonly controller: Controller<R>;
  /**
   * What of the recorded run was the controller's doing, and is left out, since it does it again. When left out: all of
   * the resources in which it creates something in a run without a plan.
   */
  readonly owns?: Owns;
  /** Watched resources by their names in the log; all that the log has, as they were, when left out. */
  readonly resources?: RuntimeOptions<R>['resources'];
  /** Custom resource types that the controller writes and the log does not show. */
  readonly types?: readonly ResourceTypeOptions[];
  /** Awaited after each turn, for a controller that waits for something beside its client: a file, a socket. */
  readonly settle?: () => Promise<unknown>;
}

/** What `runController` takes. */
export interface RunControllerOptions<R extends WatchedMap = ReplayedMap> extends ClosedLoopOptions<R> {
  /** What goes wrong: steps, or their JSON; nothing when left out. */
  readonly plan?: Plan | PlanStep | string;
}

/** A closed loop that can be run again and again. */
export interface ClosedLoop {
  readonly tape: Tape;
  run(plan: Plan): Promise<ControllerReport>;
}

/** Reads the log, and finds out what the controller owns. */
export async function closedLoop<R extends WatchedMap>({
  log,
  controller,
  owns,
  resources,
  types = [],
  settle,
}: ClosedLoopOptions<R>): Promise<ClosedLoop> {
  const tape = await readLog(log);
  const parts = { tape, controller, resources, types, settle };
  const known = owns ?? (await createdIn(await ControllerRun.of({ ...parts, plan: [], owns: [] }), tape));
  return { tape, run: (plan) => ControllerRun.of({ ...parts, plan, owns: known }) };
}

/** The recorded resources in which something is created. */
function createdIn({ writes }: ControllerReport, { resources }: Tape): readonly string[] {
  const created = new Set(writes.filter(({ verb }) => verb === 'create').map(({ gvr }) => gvr));
  return Object.keys(resources).filter((name) => created.has(resources[name]?.gvr ?? ''));
}

/**
 * Runs a controller in a closed loop: what others did comes from a recorded run, what the controller does goes to an
 * embedded API server that holds the true state of the world, and what the controller sees of both follows a plan.
 *
 * Events of what the controller owns are left out of the recorded run and come from its own writes. Objects have the
 * identities and uids of the run, and resource versions of the embedded server. What the first list of each resource
 * brought is there from the beginning.
 *
 * After each turn the controller gets the event loop until its client has been quiet for 4 rounds of it; then the next
 * turn comes, and at the end a minute of rest by `clock`. So the same run, plan and controller give the same report, if
 * the controller waits for nothing but its runtime, its client and its clock. While it runs, unhandled rejections of the
 * process and errors of rxjs subscribers count as the controller's.
 *
 * A crash refuses all calls of the life that ends, disposes of its runtime, and begins another one with lists. Whatever
 * the controller returned is called then, and at the end of the run.
 *
 * @throws {ConfigError} as `perturb` does; `RECORDED_ON_DEMAND` for a log that has references only; `UNKNOWN_KIND`.
 * @throws {FirnError} `NOT_QUIET` for a controller that answers its own writes with writes for ever.
 * @throws {EventLogError} what is wrong with the log.
 * @example
 * ```ts
 * const report = await runController({ log: './log', controller, plan: [crash({ write: 1 })] });
 * for (const { verb, name, truth } of report.writes) console.log(verb, name, truth.object?.metadata?.uid);
 * ```
 */
export async function runController<const R extends WatchedMap = ReplayedMap>(
  options: RunControllerOptions<R>,
): Promise<ControllerReport> {
  const { tape, run } = await closedLoop(options);
  return run(checkPlan(options.plan ?? [], Object.keys(tape.resources)));
}
