/** A kubeconfig that holds a client's requests up before they are sent: where a test needs to act between two of them. */
import { setImmediate } from 'node:timers/promises';
import { type Clock, systemClock } from '@firn/stores';
import type { KubeConfig } from '@kubernetes/client-node';
import { expect } from 'vitest';
import type { Cluster } from '../harness/cluster.ts';
import { kubeConfigOf } from './kube-config.ts';
import { PATIENCE } from './patience.ts';

/** Longer than credentials are kept. */
const NEXT_CREDENTIALS_MS = 60_000;

/** The admin's kubeconfig, whose credentials are only given out for as many requests as were let through. */
export class GatedKubeConfig {
  readonly kubeConfig: KubeConfig;
  /** For the client: on it, credentials are old as soon as they have been used. */
  readonly clock: Clock;
  readonly #waiting: (() => void)[] = [];
  #arrived = 0;
  #through = 0;
  #passed = 0;

  constructor(cluster: Cluster) {
    this.kubeConfig = kubeConfigOf(cluster);
    this.clock = { ...systemClock, monotonic: () => systemClock.monotonic() + this.#passed };
    this.kubeConfig.addAuthenticator({
      isAuthProvider: () => true,
      applyAuthentication: async (_user, options) => {
        const number = ++this.#arrived;
        while (number > this.#through) await new Promise<void>((resolve) => this.#waiting.push(resolve));
        // The time of the evaluation is taken while it is under way: what makes it old comes after.
        await setImmediate();
        this.#passed += NEXT_CREDENTIALS_MS;
        options.headers = { ...options.headers, authorization: `Bearer ${cluster.token}` };
      },
    });
  }

  /** How many requests have come to the gate. */
  get requests(): number {
    return this.#arrived;
  }

  /** Lets the first `count` requests through. */
  letThrough(count: number): void {
    this.#through = count;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Lets everything through from now on. */
  open(): void {
    this.letThrough(Number.POSITIVE_INFINITY);
  }

  /** Waits until that many requests have come to the gate, whether or not they were let through. */
  async arrived(count: number): Promise<void> {
    await expect.poll(() => this.requests, PATIENCE).toBeGreaterThanOrEqual(count);
  }
}
