import type { FirnError, KubernetesObject, ResourceEvent } from '@firn/core';
import { MemoryStore } from '@firn/stores';
import { writerOf } from '@firn/stores/engine';
import { describe, expect, it } from 'vitest';
import { type Logger, silentLogger } from '../logger.ts';
import { DEFAULT_BACKOFF } from '../reflector/backoff.ts';
import type { ReflectorSink } from '../reflector/reflector-sink.ts';
import { createManualClock, type ManualClock } from '../testing/manual-clock.ts';
import { ResourceActor } from './resource-actor.ts';

type Thing = KubernetesObject;

const thing = (name: string, version: number): Thing => ({
  metadata: { namespace: 'shop', name, uid: `uid-${name}`, resourceVersion: String(version) },
});
const event = (type: 'ADDED' | 'MODIFIED', name: string, version: number): ResourceEvent<Thing> => ({
  type,
  object: thing(name, version),
  origin: 'watch',
});

function acting(logger: Logger = silentLogger, clock: ManualClock = createManualClock()) {
  const store = new MemoryStore<Thing>({ numKeys: 2, clock });
  const sinks: ReflectorSink[] = [];
  const stopped: number[] = [];
  const synced: number[] = [];
  const failures: FirnError[] = [];
  const waiting: number[] = [];
  const actor: ResourceActor = new ResourceActor({
    writer: writerOf(store),
    createSource: (sink) => {
      const life = sinks.push(sink) - 1;
      return {
        start: () => undefined,
        stop: async () => void stopped.push(life),
        forceRelist: () => undefined,
      };
    },
    observer: {
      synced: (count) => synced.push(count),
      applied: () => undefined,
      changed: () => waiting.push(actor.mailbox.length),
      failed: (error) => failures.push(error),
    },
    backoff: DEFAULT_BACKOFF,
    clock,
    random: () => 0,
    logger,
  });
  return { clock, store, actor, sinks, stopped, synced, failures, waiting, settle: () => clock.advance(0) };
}

describe('ResourceActor', () => {
  it('rule 19: shows a list only when it is complete, at once', async () => {
    const { actor, sinks, store, synced, settle } = acting();
    actor.start();
    sinks[0]?.listStarted();
    sinks[0]?.listItems([thing('a', 1)]);
    await settle();
    expect(store.size).toBe(0);
    sinks[0]?.listItems([thing('b', 2)]);
    sinks[0]?.listCommitted('2');
    await settle();
    expect(store.size).toBe(2);
    expect(synced).toEqual([2]);
  });

  it('rule 9: shows nothing of a list that was discarded', async () => {
    const { actor, sinks, store, settle } = acting();
    actor.start();
    sinks[0]?.listStarted();
    sinks[0]?.listItems([thing('a', 1)]);
    sinks[0]?.listDiscarded();
    sinks[0]?.listCommitted('2');
    await settle();
    expect(store.size).toBe(0);
  });

  it('rule 2: a deletion before the end of a list takes the resource out again', async () => {
    const { actor, sinks, store, settle } = acting();
    actor.start();
    sinks[0]?.listStarted();
    sinks[0]?.listItems([thing('a', 1), thing('b', 2)]);
    sinks[0]?.listItemDeleted({ namespace: 'shop', name: 'a' });
    sinks[0]?.listCommitted('3');
    await settle();
    expect(store.list().map((one) => one.metadata?.name)).toEqual(['b']);
  });

  it('rule 27: applies nothing after it was stopped, not even what waits', async () => {
    const { actor, sinks, store, settle } = acting();
    actor.start();
    sinks[0]?.batch([event('ADDED', 'a', 1)], 100);
    await actor.stop();
    sinks[0]?.batch([event('ADDED', 'b', 2)], 100);
    await settle();
    expect(store.size).toBe(0);
    expect(actor.status.phase).toBe('stopped');
  });

  it('rule 29: is stale from a stop to the first contact of the next start', async () => {
    const { actor, sinks, store } = acting();
    const watching = { phase: 'watching', stale: false, connectedSince: 1 } as const;
    actor.start();
    sinks[0]?.status({ phase: 'listing', stale: false, listed: 0 });
    expect(actor.status.stale).toBe(false);
    sinks[0]?.status(watching);
    await actor.stop();
    expect(actor.status).toEqual({ phase: 'stopped', stale: true });
    expect(store.freshness.stale).toBe(true);
    actor.start();
    sinks[1]?.status({ phase: 'listing', stale: false, listed: 0 });
    expect(actor.status).toEqual({ phase: 'listing', stale: true, listed: 0 });
    sinks[1]?.status(watching);
    expect(actor.status).toEqual(watching);
    expect(store.freshness.stale).toBe(false);
  });

  it('starts again after a delay when something unexpected fails, and counts it', async () => {
    const { actor, sinks, store, clock, failures, stopped, settle } = acting();
    actor.start();
    const broken = { type: 'ADDED', object: { metadata: {} }, origin: 'watch' } as ResourceEvent<Thing>;
    sinks[0]?.batch([broken], 100);
    await settle();
    expect(failures.map(({ code }) => code)).toEqual(['ACTOR_FAILED']);
    expect(stopped).toEqual([0]);
    expect(actor.status).toMatchObject({ phase: 'backoff', stale: true });
    await clock.advance(DEFAULT_BACKOFF.initial);
    expect(sinks).toHaveLength(2);
    expect(actor.restarts).toBe(1);
    sinks[1]?.status({ phase: 'listing', stale: false, listed: 0 });
    expect(actor.status).toMatchObject({ phase: 'listing', lastError: { code: 'ACTOR_FAILED' } });
    sinks[0]?.batch([event('ADDED', 'old', 1)], 100);
    sinks[1]?.batch([event('ADDED', 'new', 2)], 100);
    await settle();
    expect(store.list().map((one) => one.metadata?.name)).toEqual(['new']);
  });

  it('rule 16: after 2 min of health the delay before a restart is short again', async () => {
    const { actor, sinks, clock, settle } = acting();
    const fail = async (): Promise<number> => {
      sinks.at(-1)?.batch([{ type: 'ADDED', object: {}, origin: 'watch' }], 10);
      await settle();
      return (actor.status.nextAttemptAt ?? 0) - clock.now();
    };
    actor.start();
    expect([await fail(), await clock.advance(800), await fail()]).toEqual([800, undefined, 1600]);
    await clock.advance(1600);
    sinks.at(-1)?.status({ phase: 'watching', stale: false, connectedSince: 1 });
    await clock.advance('2m');
    expect(await fail()).toBe(800);
    expect(actor.restarts).toBe(3);
    await actor.stop();
    actor.start();
    expect(await fail()).toBe(800);
  });

  it('tells that the mailbox is empty again, if it was told as filled', async () => {
    const { actor, sinks, waiting, settle } = acting();
    actor.start();
    sinks[0]?.batch([event('ADDED', 'a', 1)], 100);
    sinks[0]?.status({ phase: 'watching', stale: false });
    sinks[0]?.batch([event('ADDED', 'b', 2)], 100);
    await settle();
    expect(waiting).toEqual([1, 0]);
    sinks[0]?.batch([event('ADDED', 'c', 3)], 100);
    await settle();
    expect(waiting).toEqual([1, 0]);
  });

  it('does not start again when it was stopped while it waited', async () => {
    const { actor, sinks, clock, settle } = acting();
    actor.start();
    sinks[0]?.batch([{ type: 'ADDED', object: {}, origin: 'watch' }], 10);
    await settle();
    await actor.stop();
    await clock.advance(3_600_000);
    expect(sinks).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('rule 29: marks the store stale while there is no contact', async () => {
    const { actor, sinks, store } = acting();
    actor.start();
    sinks[0]?.status({ phase: 'backoff', stale: true });
    expect(store.freshness.stale).toBe(true);
    expect(store.freshness.since).toBeTypeOf('number');
    sinks[0]?.status({ phase: 'watching', stale: false });
    expect(store.freshness).toEqual({ stale: false });
  });

  it('rule 18: takes everything from the socket while a subscriber is slow, and loses no last state', async () => {
    const { actor, sinks, store, settle } = acting();
    actor.start();
    let seen = 0;
    store.changes$.subscribe(() => seen++);
    for (let version = 1; version <= 25_000; version++) {
      sinks[0]?.batch([event('MODIFIED', `n${version % 10}`, version)], 1_000);
    }
    expect(actor.mailbox.length).toBeLessThanOrEqual(10_000);
    const { coalesced } = actor.mailbox;
    await settle();
    expect(seen + coalesced).toBe(25_000);
    expect(store.refs().map((ref) => Number(ref.resourceVersion))).toEqual([
      25_000, 24_991, 24_992, 24_993, 24_994, 24_995, 24_996, 24_997, 24_998, 24_999,
    ]);
  });

  it('reports a subscriber that holds a batch up for more than 100 ms, and goes on', async () => {
    const manual = createManualClock();
    let passed = 0;
    const clock = { ...manual, monotonic: () => manual.monotonic() + passed };
    const warnings: unknown[] = [];
    const logger = { ...silentLogger, warn: (...line: unknown[]) => warnings.push(line) };
    const { actor, sinks, store } = acting(logger, clock);
    actor.start();
    const takes = [100, 101, 250];
    store.changes$.subscribe(() => {
      passed += takes.shift() ?? 0;
    });
    for (const version of [1, 2, 3, 4]) {
      sinks[0]?.batch([event('MODIFIED', 'a', version)], 1_000);
      await manual.advance(0);
    }
    expect(warnings).toEqual([
      [{ tookMs: 101 }, expect.stringContaining('a subscriber is slow')],
      [{ tookMs: 250 }, expect.stringContaining('a subscriber is slow')],
    ]);
    expect(store.refs()[0]?.resourceVersion).toBe('4');
  });
});
