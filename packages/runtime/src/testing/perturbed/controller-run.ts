/** Owns one run of a controller against a world that goes on by a recorded run, and a view of it that follows a plan. */
import { FirnError } from '@firn/core';
import { nextTurn } from '@firn/core/engine';
import type { RuntimeOptions, WatchedMap } from '../../runtime/runtime.ts';
import type { ResourceTypeOptions } from '../api-server/resource-type.ts';
import { ArrivalOrder } from './arrival-order.ts';
import { formatPlan } from './check-plan.ts';
import type { ControllerWrite } from './controller-client.ts';
import type { ControllerError, ControllerReport } from './controller-report.ts';
import { type Controller, Incarnation } from './incarnation.ts';
import { Ownership, type Owns } from './ownership.ts';
import { PerturbedView, type Told } from './perturbed-view.ts';
import type { Plan } from './plan.ts';
import { hearStrayErrors } from './stray-errors.ts';
import type { Tape } from './tape.ts';
import { restAfter, turnsOf, unwound } from './told-turns.ts';
import { World } from './world.ts';

/** What is run. */
export interface RunParts<R extends WatchedMap> {
  readonly tape: Tape;
  readonly plan: Plan;
  readonly owns: Owns;
  readonly controller: Controller<R>;
  readonly resources: RuntimeOptions<R>['resources'] | undefined;
  readonly types: readonly ResourceTypeOptions[];
  readonly settle: (() => Promise<unknown>) | undefined;
}

/** Turns of the event loop without a call of the client, after which the controller waits for something to happen. */
const QUIET_ROUNDS = 4;

/** A controller that is told of so much between two recorded turns answers its own writes with writes. */
const MAX_TOLD = 2000;

/** Parts of the rest at the end: what a timer brings about may set another one. */
const RESTS = 10;

/** One run. */
export class ControllerRun<R extends WatchedMap> {
  readonly #parts: RunParts<R>;
  readonly #world: World;
  readonly #view: PerturbedView;
  readonly #order: ArrivalOrder;
  readonly #fatalWrites: ReadonlySet<number>;
  readonly #writes: ControllerWrite[] = [];
  readonly #errors: ControllerError[] = [];
  readonly #owned: Ownership;
  #life: Incarnation<R>;
  #incarnation = 0;
  #effective = 0;
  #turns = 0;
  #hasEnded = false;

  private constructor(parts: RunParts<R>) {
    const { tape, plan, owns, types } = parts;
    const names = Object.keys(tape.resources);
    this.#parts = parts;
    this.#owned = new Ownership(owns, names);
    this.#world = new World({ tape, ownership: this.#owned, types });
    this.#view = new PerturbedView(names, plan);
    this.#order = new ArrivalOrder(tape.turns, plan);
    this.#fatalWrites = new Set(
      plan.flatMap((step) => (step.type === 'crash' && typeof step.at === 'object' ? step.at.write : [])),
    );
    this.#life = this.#begin();
  }

  /** Runs a controller to the end of the recorded run. */
  static async of<R extends WatchedMap>(parts: RunParts<R>): Promise<ControllerReport> {
    let run: ControllerRun<R> | undefined;
    const end = await hearStrayErrors((error) => run?.failed(error));
    try {
      run = new ControllerRun(parts);
      await run.#run();
    } finally {
      await end();
    }
    return run.#report();
  }

  /** It threw something. */
  failed(error: unknown): void {
    // A life that has ended leaves nobody waiting.
    if (this.#hasEnded && (error as Error | undefined)?.name === 'AbortError') return;
    this.#errors.push({ error, incarnation: this.#incarnation, sequence: this.#world.sequence });
  }

  async #run(): Promise<void> {
    const world = this.#world;
    try {
      for (const turn of this.#parts.tape.turns) {
        this.#view.advance(turn.sequence);
        world.passTo(turn.time, turn.monotonic);
        await this.#settled();
        await this.#tellAll();
        for (const arrived of this.#order.take(world.happen(turn))) this.#view.take(arrived);
        await this.#tellAll();
      }
      this.#view.finish();
      await this.#tellAll();
      for (let i = 0; i < RESTS; i++) await this.#rest();
    } finally {
      await this.#end();
    }
  }

  /** Time passes, and nothing else happens. */
  async #rest(): Promise<void> {
    const { at } = this.#world;
    const rest = restAfter(at, RESTS);
    this.#world.passTo(rest.time, rest.monotonic);
    await this.#life.play([rest]);
    await this.#settled();
    await this.#tellAll();
  }

  /** Tells the controller everything that is on its way, and what comes of that. */
  async #tellAll(): Promise<void> {
    for (let told = 0; told < MAX_TOLD; told++) {
      for (const written of this.#world.written())
        for (const arrived of this.#order.takeBehind(written)) this.#view.take(arrived);
      const next = this.#life.isDead ? 'crash' : this.#view.next();
      if (next === undefined) return;
      if (next === 'crash') await this.#restart();
      else await this.#tell(next);
    }
    throw new FirnError(
      `The controller does not come to rest after event ${this.#world.sequence}: its writes bring about others without end. Look at ${formatPlan(this.#parts.plan)}.`,
      { code: 'NOT_QUIET' },
    );
  }

  async #tell(told: Told): Promise<void> {
    this.#turns++;
    await this.#life.play(turnsOf(told, this.#world.at));
    await this.#settled();
  }

  #end(): Promise<void> {
    this.#hasEnded = true;
    return this.#life.end();
  }

  async #restart(): Promise<void> {
    await this.#end();
    this.#incarnation++;
    this.#life = this.#begin();
    await this.#settled();
    for (const told of this.#view.restart()) await this.#tell(told);
  }

  #begin(): Incarnation<R> {
    const { tape, resources, controller } = this.#parts;
    return new Incarnation<R>({
      incarnation: this.#incarnation,
      world: this.#world,
      resources: withoutFetches(unwound(tape.resources)),
      watched: resources,
      controller,
      written: (write) => this.#wrote(write),
      failed: (error) => this.failed(error),
    });
  }

  #wrote(write: ControllerWrite): void {
    this.#writes.push(write);
    if (write.outcome === 'refused') return;
    this.#effective++;
    if (this.#fatalWrites.has(this.#effective)) this.#life.die();
  }

  /** Waits until the controller waits. */
  async #settled(): Promise<void> {
    const { settle } = this.#parts;
    let { calls } = this.#life;
    for (let quiet = 0; quiet < QUIET_ROUNDS && !this.#life.isDead; quiet++) {
      await nextTurn();
      if (this.#life.calls !== calls) quiet = -1;
      ({ calls } = this.#life);
    }
    await settle?.();
  }

  #report(): ControllerReport {
    const world = this.#world.truth();
    const owned = this.#owned.resources.map((name) => this.#parts.tape.resources[name]?.gvr ?? name);
    const gvrs = [...new Set([...owned, ...this.#writes.map(({ gvr }) => gvr)])].toSorted();
    return Object.freeze({
      plan: this.#parts.plan,
      owns: this.#owned.resources,
      writes: this.#writes,
      errors: this.#errors,
      incarnations: this.#incarnation + 1,
      turns: this.#turns,
      endState: Object.fromEntries(gvrs.map((gvr) => [gvr, world.list(gvr)])),
      world,
    });
  }
}

/** What is fetched on demand is fetched from the world. */
function withoutFetches(resources: Tape['resources']): Tape['resources'] {
  return Object.fromEntries(
    Object.entries(resources).map(([name, { gvr, fetches, ...description }]) => [
      name,
      { gvr, ...description },
    ]),
  );
}
