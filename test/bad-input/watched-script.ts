/** Owns a watcher of a scripted server, and what every failure has to satisfy. */
import { inspect, isDeepStrictEqual } from 'node:util';
import type { FirnError, KubernetesObject, Resource } from '@firn/core';
import {
  createWatcher,
  type Logger,
  type Watcher,
  type WatcherOptions,
  type WatchState,
} from '@firn/runtime';
import type { MemoryStore } from '@firn/stores';
import type { KubeConfig } from '@kubernetes/client-node';
import { expect } from 'vitest';
import { CONTENTS, type Identity, ScriptedServer, TOKEN } from './scripted-server.ts';

/** Delays short enough for tests on real sockets, and without chance. */
export const BACKOFF = { initial: 10, factor: 2, cap: 50, jitter: 0 };

type Store = MemoryStore<KubernetesObject>;
type Tuning = Partial<Omit<WatcherOptions<Store>, 'store'>> & {
  readonly names?: readonly string[];
  readonly identity?: Identity;
  readonly kubeConfig?: (server: ScriptedServer) => KubeConfig;
};

/** Fails where an error says too little to people or programs, or more than it may. */
export function expectClear(error: FirnError | undefined, code: string, says: RegExp): void {
  expect(error).toMatchObject({ code });
  const message = error?.message ?? '';
  expect(message).toMatch(says);
  expect(message).toMatch(/^\S.{20,}[.?]$/s);
  expect(message).toMatch(/v1\/(configmaps|services)|127\.0\.0\.1/);
  expectSilentAboutContents(error);
}

/** Neither what a server sent nor a token stands in it, however it is printed. */
function expectSilentAboutContents(shown: unknown): void {
  const text = `${inspect(shown, { depth: 12, maxStringLength: null })} ${JSON.stringify(shown)}`;
  for (const secret of [CONTENTS, TOKEN]) {
    expect(text).not.toContain(secret);
    expect(text).not.toContain(Buffer.from(secret).toString('hex').match(/../g)?.join(' ') ?? secret);
  }
}

/** A logger that keeps what it is given. */
function keepingLogger(lines: unknown[]): Logger {
  const keep = (fields: object, message: string): void => {
    lines.push([fields, message]);
  };
  const logger: Logger = { debug: keep, info: keep, warn: keep, error: keep, child: () => logger };
  return logger;
}

/** A scripted server and a watcher of its ConfigMaps. */
export class WatchedScript implements AsyncDisposable {
  readonly server: ScriptedServer;
  readonly watcher: Watcher<KubernetesObject, Store>;
  readonly errors: FirnError[] = [];
  readonly logged: unknown[] = [];
  /** Sizes of all snapshots that readers have seen. */
  readonly sizes: number[] = [];
  state: WatchState | undefined;

  private constructor(server: ScriptedServer, tuning: Tuning) {
    const { names: _, identity: __, kubeConfig = ({ kubeConfig }) => kubeConfig, ...options } = tuning;
    this.server = server;
    this.watcher = createWatcher<KubernetesObject>(kubeConfig(server), {
      gvr: 'v1/configmaps',
      backoff: BACKOFF,
      logger: keepingLogger(this.logged),
      ...options,
    });
    this.watcher.errors$.subscribe((error) => this.errors.push(error));
    this.watcher.state$.subscribe((state) => {
      this.state = state;
    });
    this.watcher.store.snapshots$.subscribe(({ size }) => this.sizes.push(size));
  }

  /** The watcher is started by the test. */
  static async start(tuning: Tuning = {}): Promise<WatchedScript> {
    const server = await ScriptedServer.start(tuning.names ?? ['a', 'b'], tuning.identity);
    return new WatchedScript(server, tuning);
  }

  get store(): Store {
    return this.watcher.store;
  }

  get codes(): readonly string[] {
    return this.errors.map(({ code }) => code);
  }

  async synced(): Promise<void> {
    this.watcher.start();
    await this.watcher.synced;
  }

  /** Waits until a watch stands. */
  async connected(): Promise<void> {
    await expect.poll(() => this.server.watching && this.state?.stale === false, { interval: 5 }).toBe(true);
  }

  /** The names in the store. */
  get names(): readonly (string | undefined)[] {
    return this.store.list().map(({ metadata }) => metadata?.name);
  }

  /** Waits until that many failures were told of. */
  async failures(count: number): Promise<void> {
    await expect
      .poll(() => this.errors.length, { timeout: 10_000, interval: 5 })
      .toBeGreaterThanOrEqual(count);
  }

  /** Waits until the store holds what the server holds, field by field, and the state says that all is well. */
  async agrees(): Promise<void> {
    await expect
      .poll(() => this.holds(this.server.items) && this.state?.stale === false, {
        timeout: 10_000,
        interval: 5,
      })
      .toBe(true);
    expect(this.store.list()).toHaveLength(this.server.items.length);
  }

  /** Whether exactly these resources are in the store, the order of their members included. */
  holds(texts: readonly string[]): boolean {
    const wanted = texts.map((text) => JSON.parse(text) as Resource<KubernetesObject>);
    return (
      this.store.size === wanted.length &&
      wanted.every((object) => {
        const { namespace = '', name = '' } = object.metadata ?? {};
        const stored = this.store.find(namespace, name);
        return isDeepStrictEqual(stored, object) && JSON.stringify(stored) === JSON.stringify(object);
      })
    );
  }

  /**
   * Requests came no faster than the backoff allows: but for `quick` of them, each waited for the first delay at
   * least, and all but two of these for the third.
   */
  expectNoStorm(quick: number): void {
    const times = this.server.requests.map(({ at }) => at);
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    // Timers and clocks of different grain: two milliseconds of tolerance.
    const longer = (ms: number): number => gaps.filter((gap) => gap >= ms - 2).length;
    expect(longer(BACKOFF.initial)).toBeGreaterThanOrEqual(gaps.length - quick);
    expect(longer(BACKOFF.initial * BACKOFF.factor ** 2)).toBeGreaterThanOrEqual(gaps.length - quick - 2);
  }

  /** Nothing that was logged or told holds contents or a token. */
  expectDiscretion(): void {
    for (const error of this.errors) expectSilentAboutContents(error);
    for (const line of this.logged) expectSilentAboutContents(line);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.watcher.stop();
    await this.server[Symbol.asyncDispose]();
  }
}
