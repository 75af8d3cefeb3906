/** Owns one life of a controller: its runtime, its client, and what ends it. */
import type { Clock } from '@firn/stores';
import type { LoggedResource } from '../../event-log/log-header.ts';
import { type Playable, playable, type ReplayedMap } from '../../replay/playable.ts';
import type { Turn } from '../../replay/turn.ts';
import type { Runtime, RuntimeOptions, WatchedMap } from '../../runtime/runtime.ts';
import { type ControllerClient, type ControllerWrite, createControllerClient } from './controller-client.ts';
import { TurnFeed } from './turn-feed.ts';
import type { World } from './world.ts';

/** What a controller is given. */
export interface ControllerContext<R extends WatchedMap = ReplayedMap> {
  /** Started after the controller was called; `ready` and everything else works as in front of an API server. */
  readonly runtime: Runtime<R>;
  /** Reads and writes the world. */
  readonly client: ControllerClient;
  /** The time of the log: what is set on it fires as the log goes on. */
  readonly clock: Clock;
  /** Aborted when the life ends, by a crash or by the end of the run. */
  readonly signal: AbortSignal;
}

/** Acts on what its runtime shows; gives what stops it, or nothing. */
export type Controller<R extends WatchedMap = ReplayedMap> = (
  context: ControllerContext<R>,
  // biome-ignore lint/suspicious/noConfusingVoidType: a controller that returns nothing is one, too.
) => void | (() => unknown) | Promise<void | (() => unknown)>;

/** What a life is made of. */
export interface LifeParts<R extends WatchedMap> {
  readonly incarnation: number;
  readonly world: World;
  readonly resources: Readonly<Record<string, LoggedResource>>;
  readonly watched: RuntimeOptions<R>['resources'] | undefined;
  readonly controller: Controller<R>;
  readonly written: (write: ControllerWrite) => void;
  readonly failed: (error: unknown) => void;
}

/** One life. */
export class Incarnation<R extends WatchedMap> {
  readonly #parts: LifeParts<R>;
  readonly #feed: TurnFeed;
  readonly #player: Playable;
  readonly #runtime: Runtime<R>;
  readonly #abort: AbortController = new AbortController();
  #stop: (() => unknown) | undefined;
  #calls = 0;
  isDead = false;

  constructor(parts: LifeParts<R>) {
    const { world, incarnation, resources, watched } = parts;
    this.#parts = parts;
    this.#feed = new TurnFeed(resources);
    const client = createControllerClient({
      world,
      incarnation,
      isDead: () => this.isDead,
      called: () => {
        this.#calls++;
      },
      written: parts.written,
    });
    this.#player = playable(this.#feed, { client });
    this.#runtime = this.#player.runtime<R>(watched === undefined ? {} : { resources: watched });
    this.#runtime.errors$.subscribe((error) => {
      if (error.code === 'CALLBACK_FAILED') this.#failed(error.cause);
    });
    void this.#begin(client);
  }

  /** Calls of the client until now. */
  get calls(): number {
    return this.#calls;
  }

  /** Plays turns that belong together. Ends early with the life. */
  async play(turns: readonly Turn[]): Promise<void> {
    for (const turn of turns) {
      if (this.isDead) return;
      this.#feed.push([turn]);
      await this.#player.step();
    }
  }

  /** From now on nothing that it does counts. */
  die(): void {
    this.isDead = true;
    this.#abort.abort();
  }

  /** Takes down what is left of it; what goes wrong then is nobody's concern. */
  async end(): Promise<void> {
    this.die();
    try {
      void Promise.resolve(this.#stop?.()).catch(() => undefined);
    } catch {
      // A dead process fails at nothing.
    }
    await this.#runtime[Symbol.asyncDispose]();
  }

  async #begin(client: ControllerClient): Promise<void> {
    const { controller } = this.#parts;
    const context = { runtime: this.#runtime, client, clock: this.#clock(), signal: this.#abort.signal };
    try {
      const stop = await controller(context);
      if (typeof stop === 'function') this.#stop = stop;
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Its timers die with it. */
  #clock(): Clock {
    const { clock } = this.#parts.world;
    const run = (f: () => void): void => {
      if (this.isDead) return;
      try {
        f();
      } catch (error) {
        this.#failed(error);
      }
    };
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      setTimeout: (f, ms) => clock.setTimeout(() => run(f), ms),
      clearTimeout: (handle) => clock.clearTimeout(handle),
    };
  }

  #failed(error: unknown): void {
    if (!this.isDead) this.#parts.failed(error);
  }
}
