/** Owns what plays a run into runtimes and watchers: the place of the API server, and the keys of the player. */
import type { KubernetesObject } from '@firn/core';
import type { Clock, ResourceClient } from '@firn/stores';
import type { LoggedResource } from '../event-log/log-header.ts';
import { createRuntime } from '../runtime/create-runtime.ts';
import type { Runtime, RuntimeOptions, Watched, WatchedMap } from '../runtime/runtime.ts';
import { ORIGIN, type WatchSource } from '../watcher/watch-origin.ts';
import { ReplayOrigin } from './replay-origin.ts';
import { type ReplayEnd, type ReplayedTurn, ReplayRun } from './replay-run.ts';
import type { TurnSource } from './turn-source.ts';

/** How a run is played. */
export interface PlayableOptions {
  /** How many times as fast as it was: 1 is real time; `Infinity`, as fast as possible, when left out. */
  readonly speed?: number;
  /** Asked for what on-demand stores read and the log does not have; without one such a `get` rejects. */
  readonly client?: ResourceClient;
  /** What paces, where there is a speed; the machine's clock when left out. */
  readonly clock?: Clock;
}

/** The resources of a log under their names. */
export type ReplayedMap = Readonly<Record<string, Watched<KubernetesObject>>>;

/** Options of a runtime that a replay feeds: those of `createRuntime` without a place, time and chance of its own. */
export type ReplayRuntimeOptions<R extends WatchedMap> = Omit<
  RuntimeOptions<R>,
  'kubeConfig' | 'clock' | 'random' | 'resources'
> & {
  /** By their names in the log, or as the only one of their type; all that the log has, as they were, when left out. */
  readonly resources?: RuntimeOptions<R>['resources'];
};

/** What a playable run is played from. */
export const TURNS: unique symbol = Symbol('turns');

/** A run that can be played. */
export interface Playable {
  /** @internal */
  readonly [TURNS]: TurnSource;
  /**
   * Stands where the API server stood: `createWatcher` and `createRuntime` take it in place of a kubeconfig. What they
   * make lives in the time of the log.
   */
  readonly source: WatchSource;
  /** A runtime that is fed by the replay; `run` and `step` start it. */
  runtime<const R extends WatchedMap = ReplayedMap>(options?: ReplayRuntimeOptions<R>): Runtime<R>;
  /**
   * Plays on, to the end of the log or until `pause`; subscribers have heard of everything by then. Everybody who is
   * to hear of it has to be started before the first `run` or `step`.
   *
   * @throws {EventLogError} what is wrong with the log, when everything before it has been played.
   */
  run(): Promise<ReplayEnd>;
  /** The time of the log: for whatever is to live in it too. It stands still between two turns. */
  readonly clock: Clock;
  /** Stops after the turn under way. */
  pause(): void;
  /** Plays one turn, at once; undefined at the end of the log. Rejects as `run` does. */
  step(): Promise<ReplayedTurn | undefined>;
}

/** Makes the player of a run. Throws `ConfigError` `INVALID_VALUE` for a speed that is none. */
export function playable(turns: TurnSource, { speed, client, clock }: PlayableOptions = {}): Playable {
  const run = new ReplayRun(turns, { speed, clock });
  const { resources } = turns;
  const made: Runtime<ReplayedMap>[] = [];
  const source: WatchSource = Object.freeze({
    [ORIGIN]: (own: Parameters<WatchSource[typeof ORIGIN]>[0]) =>
      new ReplayOrigin({ run, resources, client, own }),
  });
  const startAll = (): void => {
    for (const runtime of made.splice(0)) runtime.start();
  };
  return {
    [TURNS]: turns,
    source,
    clock: run.clock,
    runtime: <const R extends WatchedMap>(options: ReplayRuntimeOptions<R> = {}): Runtime<R> => {
      const wanted = (options.resources ?? asRecorded(resources)) as RuntimeOptions<R>['resources'];
      const runtime = createRuntime<R>({ ...options, resources: wanted, kubeConfig: source });
      made.push(runtime as unknown as Runtime<ReplayedMap>);
      return runtime;
    },
    run: async () => {
      startAll();
      return run.run();
    },
    pause: () => run.pause(),
    step: async () => {
      startAll();
      return run.step();
    },
  };
}

/** What a log says of its resources, as options that make equal stores. */
function asRecorded(resources: Readonly<Record<string, LoggedResource>>): ReplayedMap {
  return Object.fromEntries(
    Object.entries(resources).map(([name, { timers, fetches, ...described }]) => [
      name,
      described as unknown as Watched<KubernetesObject>,
    ]),
  );
}
