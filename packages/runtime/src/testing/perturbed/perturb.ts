/** Owns the replay of a run to a client whose view of it is perturbed by a plan. */
import { ConfigError } from '@firn/core';
import type { LoggedResource } from '../../event-log/log-header.ts';
import { type Playable, type PlayableOptions, playable } from '../../replay/playable.ts';
import type { Turn } from '../../replay/turn.ts';
import type { Listener, TurnSource } from '../../replay/turn-source.ts';
import { ArrivalOrder } from './arrival-order.ts';
import { checkPlan, formatPlan } from './check-plan.ts';
import { PerturbedView, type Told } from './perturbed-view.ts';
import type { Plan, PlanStep } from './plan.ts';
import { type RecordedLog, readLog } from './read-log.ts';
import type { Tape } from './tape.ts';
import { type Moment, restAfter, turnsOf, unwound } from './told-turns.ts';

/** A replay of one life of a client. */
export interface PerturbedReplay extends Playable {
  /** As it was checked. */
  readonly plan: Plan;
  /**
   * The next life of the client, after the crash that ends this one: it begins with lists of what this one would have
   * seen.
   *
   * @throws {ConfigError} `NOT_CRASHED` if no crash of the plan ends this one.
   */
  restarted(): PerturbedReplay;
}

/**
 * Opens a recorded run to be played as a client sees it whose view is perturbed: stale, with holes, twice, out of
 * order, back in time. Every view is one that a client of a real API server can have; at the end it is the true one.
 *
 * The same run and the same plan give the same replay, event by event. Timers, `onChange` among them, fire by the time
 * of the log, which goes on for a minute after its end. What the recorded program called itself is played as it was.
 *
 * @param log - the folder of a recorded run, what `replay` or `openEventLog` gives, or `recordedEvents({…})`.
 * @param plan - what goes wrong: steps, or their JSON.
 * @throws {ConfigError} `INVALID_PLAN`, `UNKNOWN_NAME`; `WRITE_UNKNOWN` for a crash after a write: that takes
 * `runController`.
 * @throws {EventLogError} what is wrong with the log.
 * @example
 * ```ts
 * const perturbed = await perturb('./log', [stale('pods', 12, 30), rewind(20, { at: 40 })]);
 * const runtime = perturbed.runtime();
 * runtime.changes$.subscribe(({ resource, change }) => console.log(resource, change.type, change.ref.name));
 * await perturbed.run();
 * ```
 */
export async function perturb(
  log: RecordedLog,
  plan: Plan | PlanStep | string,
  options: PlayableOptions = {},
): Promise<PerturbedReplay> {
  const tape = await readLog(log);
  const checked = checkPlan(plan, Object.keys(tape.resources));
  if (checked.some((step) => step.type === 'crash' && typeof step.at !== 'number'))
    throw new ConfigError(
      `${formatPlan(checked)} crashes after a write, and a replay has no writes. Play it with runController, or name an event.`,
      { code: 'WRITE_UNKNOWN' },
    );
  return lifeOf(tape, checked, options, 0);
}

function lifeOf(tape: Tape, plan: Plan, options: PlayableOptions, life: number): PerturbedReplay {
  return Object.freeze({
    ...playable(new PerturbedRun(tape, plan, life), options),
    plan,
    restarted: () => {
      if (plan.filter(({ type }) => type === 'crash').length > life)
        return lifeOf(tape, plan, options, life + 1);
      throw new ConfigError(
        `${formatPlan(plan)} ends ${life === 0 ? 'no life of the client' : `${life} of its lives`}: there is no other one. Add a crash(…) to the plan.`,
        { code: 'NOT_CRASHED' },
      );
    },
  });
}

/** What happens to a client, and when. */
interface Step {
  readonly told: Told | 'crash';
  readonly at: Moment;
}

/** The turns of one life. */
class PerturbedRun implements TurnSource {
  readonly resources: Readonly<Record<string, LoggedResource>>;
  readonly #tape: Tape;
  readonly #plan: Plan;
  readonly #life: number;

  constructor(tape: Tape, plan: Plan, life: number) {
    this.resources = unwound(tape.resources);
    this.#tape = tape;
    this.#plan = plan;
    this.#life = life;
  }

  async *turns(listeners: ReadonlyMap<string, Listener>): AsyncGenerator<readonly Turn[]> {
    let life = 0;
    for (const { told, at } of this.#told()) {
      if (told === 'crash') life++;
      else if (life === this.#life && listeners.has(told.resource)) yield turnsOf(told, at);
      if (life > this.#life) return;
    }
    yield [restAfter(this.#end)];
  }

  get #end(): Moment {
    return this.#tape.turns.at(-1) ?? { time: 0, monotonic: 0, sequence: 0 };
  }

  /** What the client is told in all its lives. */
  *#told(): Generator<Step> {
    const { turns, resources } = this.#tape;
    const view = new PerturbedView(Object.keys(resources), this.#plan);
    const order = new ArrivalOrder(turns, this.#plan);
    for (const turn of turns) {
      view.advance(turn.sequence);
      yield* onItsWay(view, turn);
      for (const arrived of order.take(turn)) view.take(arrived);
      yield* onItsWay(view, turn);
    }
    view.finish();
    yield* onItsWay(view, this.#end);
  }
}

function* onItsWay(view: PerturbedView, { time, monotonic, sequence }: Moment): Generator<Step> {
  const at = { time, monotonic, sequence };
  for (let told = view.next(); told !== undefined; told = view.next()) {
    yield { told, at };
    if (told === 'crash') for (const first of view.restart()) yield { told: first, at };
  }
}
