/** Owns the pace at which the demo's shop changes. */
import { FirnError, type KubernetesObject } from '@firn/core';
import type { Clock } from '@firn/stores';
import type { Shop, ShopChange } from './shop.ts';

/** What the shop lives in. */
export interface ShopServer {
  create(object: KubernetesObject): Promise<unknown>;
  patch(object: KubernetesObject): Promise<unknown>;
  delete(object: KubernetesObject): Promise<unknown>;
}

/** How a shop is kept changing. */
export interface KeepChangingOptions {
  readonly server: ShopServer;
  readonly shop: Shop;
  /** Changes per second; 0: none. */
  readonly rate: number;
  readonly clock: Clock;
  /** Aborting ends it. */
  readonly signal: AbortSignal;
}

/** A shop that is kept changing. */
export interface Changing {
  /** Resolves when the last change is written. */
  readonly stopped: Promise<void>;
  /** Rejects if a change cannot be written; never resolves. */
  readonly failed: Promise<never>;
}

const SHORTEST_PAUSE_MS = 20;
/** Changes that are caught up at once, at most, after the process was held up. */
const LONGEST_BURST_MS = 1000;

/** What a server says where somebody else was faster: the resource is gone, or there is one of that name. */
const CROSSED: ReadonlySet<string> = new Set(['NotFound', 'AlreadyExists', 'Conflict']);

async function write({ type, object }: ShopChange, server: ShopServer): Promise<void> {
  try {
    await server[type](object);
  } catch (error) {
    // Whoever takes part with kubectl may delete what the shop is about to change.
    if (!(error instanceof FirnError) || !CROSSED.has(error.code)) throw error;
  }
}

async function run({ server, shop, rate, clock, signal }: KeepChangingOptions): Promise<void> {
  if (rate === 0) return;
  const pause = Math.max(SHORTEST_PAUSE_MS, 1000 / rate);
  let last = clock.monotonic();
  let due = 0;
  while (!signal.aborted) {
    await sleep(pause, clock, signal);
    const now = clock.monotonic();
    due += (Math.min(now - last, LONGEST_BURST_MS) * rate) / 1000;
    last = now;
    for (; due >= 1 && !signal.aborted; due -= 1) await write(shop.nextChange(), server);
  }
}

function sleep(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.setTimeout(resolve, ms);
  const abort = (): void => {
    clock.clearTimeout(timer);
    resolve();
  };
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  return promise.finally(() => signal.removeEventListener('abort', abort));
}

/** Lets a shop change until the signal is aborted; what others delete or create meanwhile is accepted. */
export function keepChanging(options: KeepChangingOptions): Changing {
  const running = run(options);
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => undefined);
  return { stopped: running.catch(reject), failed };
}
