/** Owns the reflector as its users see it: it keeps a list and watch alive, and tells a sink what happens. */
import type { Packer } from '@firn/core/engine';
import { type Clock, systemClock } from '@firn/stores';
import { type Logger, silentLogger } from '../logger.ts';
import type { Transport } from '../transport/transport.ts';
import { type ReflectorSettings, resolveConfig } from './reflector-config.ts';
import { ReflectorDriver } from './reflector-driver.ts';
import type { ReflectorSink } from './reflector-sink.ts';
import { createWatchListSupport, type WatchListSupport } from './watch-list-support.ts';

/** What to watch, and with what. */
export interface ReflectorOptions extends ReflectorSettings {
  readonly transport: Transport;
  readonly sink: ReflectorSink;
  /** The machine's when left out. */
  readonly clock?: Clock | undefined;
  /** Random numbers in [0, 1); `Math.random` when left out. */
  readonly random?: (() => number) | undefined;
  /** Silent when left out. */
  readonly logger?: Logger | undefined;
  /** Shared by the reflectors of one server; private when left out. */
  readonly watchListSupport?: WatchListSupport | undefined;
  /** That of the store's indexer: objects stay bytes until they are read. Left out: they are parsed at once. */
  readonly packer?: Packer | undefined;
}

/** Keeps a list and watch alive until it is stopped. */
export interface Reflector {
  /** Begins, or begins again after a stop; nothing happens while it runs. */
  start(): void;
  /** Stops at once: from now on nothing is emitted and nothing requested. Resolves when all connections are let go. */
  stop(): Promise<void>;
  /** Lists anew at once, from whatever is newest, whatever it does at the moment; a list under way goes on instead. */
  forceRelist(): void;
}

/**
 * Makes a reflector; it does nothing before `start`.
 *
 * @throws {ConfigError} `INVALID_DURATION` when a duration among the settings cannot be read; `INVALID_NAME` or
 * `NAMESPACE_NOT_ALLOWED` when the namespace does not fit.
 * @example
 * ```ts
 * const reflector = createReflector({ target: { gvr: parseGvr('v1/secrets'), namespaced: true }, transport, sink });
 * reflector.start();
 * await reflector.stop();
 * ```
 */
export function createReflector(options: ReflectorOptions): Reflector {
  const driver = new ReflectorDriver(resolveConfig(options), {
    transport: options.transport,
    sink: options.sink,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    logger: options.logger ?? silentLogger,
    watchListSupport: options.watchListSupport ?? createWatchListSupport(),
    packer: options.packer,
  });
  return {
    start: () => driver.dispatch({ type: 'START' }),
    stop: () => driver.stop(),
    forceRelist: () => driver.dispatch({ type: 'FORCE_RELIST' }),
  };
}
