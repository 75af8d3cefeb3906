/** Owns the playing of a run into watchers: one turn at a time, at a speed, with a clock of its own. */
import { ConfigError } from '@firn/core';
import { nextTurn } from '@firn/core/engine';
import { type Clock, systemClock } from '@firn/stores';
import { LogClock } from './log-clock.ts';
import type { Turn } from './turn.ts';
import type { TurnDelivery } from './turn-delivery.ts';
import type { Listener, TurnSource } from './turn-source.ts';

/** How a run is played. */
export interface PlayOptions {
  /** How many times as fast as it was; `Infinity`, as fast as possible, when left out. */
  readonly speed?: number | undefined;
  /** The machine's clock, which paces; for tests. */
  readonly clock?: Clock | undefined;
}

/** How far a replay has come, and why it does not go on. */
export interface ReplayEnd {
  /** `'end'` of the log (or `until`), or `'paused'`. */
  readonly reason: 'end' | 'paused';
  /** Turns that were played since the beginning. */
  readonly turns: number;
  /** Events in them. */
  readonly events: number;
}

/** What one step played. */
export interface ReplayedTurn {
  /** The resource's name. */
  readonly resource: string;
  /** Wall clock of the run, milliseconds. */
  readonly time: number;
  /** The sequence number of its last record. */
  readonly sequence: number;
  /** The types of its events, such as `MODIFIED` or `TIMER`. */
  readonly events: readonly string[];
}

interface Attached extends Listener {
  readonly delivery: TurnDelivery;
  /** The log is over. */
  readonly end: () => void;
}

/** Plays one run to whoever was attached before it began. */
export class ReplayRun {
  readonly clock: LogClock = new LogClock();
  readonly #source: TurnSource;
  readonly #speed: number;
  readonly #pacer: Clock;
  readonly #attached = new Map<string, Attached[]>();
  #iterator: AsyncIterator<readonly Turn[]> | undefined;
  #some: readonly Turn[] = [];
  #at = 0;
  #counts = { turns: 0, events: 0 };
  #last: Turn | undefined;
  #isOver = false;
  /** Set while it plays. */
  #playing: Promise<ReplayEnd> | undefined;
  #pauseAsked = false;
  #wake: () => void = () => undefined;
  /** Where the pace is counted from. */
  #since: { readonly real: number; readonly log: number } | undefined;

  constructor(
    source: TurnSource,
    { speed = Number.POSITIVE_INFINITY, clock = systemClock }: PlayOptions = {},
  ) {
    if (typeof speed !== 'number' || !(speed > 0))
      throw new ConfigError(`speed is ${String(speed)}. Write a number above 0, or Infinity.`, {
        code: 'INVALID_VALUE',
      });
    this.#source = source;
    this.#speed = speed;
    this.#pacer = clock;
  }

  /** The turn that was played last. */
  get last(): Turn | undefined {
    return this.#last;
  }

  /** From now on a watcher hears of a resource; gives the end of that. Throws `ConfigError` `REPLAY_BEGUN`. */
  attach(resource: string, attached: Attached): () => void {
    if (this.#iterator !== undefined)
      throw new ConfigError(
        `The replay has begun: what was played of ${resource} until now would be missing. Start all watchers before run() or step(), and none again.`,
        { code: 'REPLAY_BEGUN' },
      );
    const others = this.#attached.get(resource) ?? [];
    this.#attached.set(resource, [...others, attached]);
    return () => {
      const rest = (this.#attached.get(resource) ?? []).filter((one) => one !== attached);
      this.#attached.set(resource, rest);
    };
  }

  /**
   * Plays on until the log is over or `pause` is called. While it plays, gives the same promise.
   *
   * @throws {EventLogError} what is wrong with the log, when everything before it has been played.
   */
  run(): Promise<ReplayEnd> {
    this.#pauseAsked = false;
    this.#playing ??= this.#play().finally(() => {
      this.#playing = undefined;
    });
    return this.#playing;
  }

  /** Stops after the turn under way; `run` and `step` go on from there. */
  pause(): void {
    this.#pauseAsked = true;
    this.#wake();
  }

  /** Plays one turn, however long it was in coming; undefined when the log is over. */
  async step(): Promise<ReplayedTurn | undefined> {
    this.pause();
    await this.#playing;
    const turn = await this.#next();
    if (turn === undefined) return undefined;
    await this.#deliver(turn);
    const { resource, time, sequence, events } = turn;
    const types = turn.restored === undefined ? events.map(({ type }) => type) : ['RESTORED'];
    return { resource, time, sequence, events: types };
  }

  async #play(): Promise<ReplayEnd> {
    this.#since = undefined;
    while (!this.#pauseAsked) {
      const turn = await this.#next();
      if (turn === undefined) return this.#ended('end');
      if (this.#speed < Number.POSITIVE_INFINITY && !(await this.#waitFor(turn))) break;
      await this.#deliver(turn);
      await nextTurn();
    }
    return this.#ended('paused');
  }

  #ended(reason: ReplayEnd['reason']): ReplayEnd {
    return Object.freeze({ reason, ...this.#counts });
  }

  async #next(): Promise<Turn | undefined> {
    return this.#some[this.#at++] ?? (await this.#fetch());
  }

  /** The first turn of the next ones that are read. */
  async #fetch(): Promise<Turn | undefined> {
    if (this.#isOver) return undefined;
    this.#iterator ??= this.#source.turns(this.#listeners())[Symbol.asyncIterator]();
    for (;;) {
      const { value, done } = await this.#iterator.next();
      if (done === true) break;
      this.#some = value;
      this.#at = 1;
      if (value[0] !== undefined) return value[0];
    }
    this.#isOver = true;
    this.#some = [];
    for (const attached of this.#attached.values()) for (const { end } of attached) end();
    return undefined;
  }

  #listeners(): ReadonlyMap<string, Listener> {
    const listeners = new Map<string, Listener>();
    for (const [name, [first, ...others]] of this.#attached) {
      if (first === undefined) continue;
      // Bytes can be decoded for one store only.
      listeners.set(name, { empty: first.empty, packer: others.length === 0 ? first.packer : undefined });
    }
    return listeners;
  }

  #deliver(turn: Turn): Promise<void> | undefined {
    if (this.#last === undefined) this.clock.begin(turn.time, turn.monotonic);
    else this.clock.moveTo(turn.time, turn.monotonic);
    this.#last = turn;
    this.#counts.turns++;
    this.#counts.events += turn.events.length;
    let told: Promise<void> | undefined;
    for (const { delivery } of this.#attached.get(turn.resource) ?? []) {
      const one = delivery.deliver(turn);
      if (one !== undefined) told = told === undefined ? one : Promise.all([told, one]).then(() => undefined);
    }
    return told;
  }

  /** Waits for a turn's time to come; false if it was paused meanwhile, and the turn has to wait. */
  async #waitFor(turn: Turn): Promise<boolean> {
    this.#since ??= { real: this.#pacer.monotonic(), log: (this.#last ?? turn).monotonic };
    const { real, log } = this.#since;
    const ms = real + (turn.monotonic - log) / this.#speed - this.#pacer.monotonic();
    if (ms < 1) return true;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = this.#pacer.setTimeout(resolve, ms);
    await promise;
    this.#pacer.clearTimeout(timer);
    if (!this.#pauseAsked) return true;
    this.#at--;
    return false;
  }
}
