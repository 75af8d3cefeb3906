import { MemoryStore } from '@firn/stores';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../testing/manual-clock.ts';
import { ChangeGatherer, type ChangeStats } from './change-gatherer.ts';

interface Thing {
  metadata: { namespace: string; name: string; uid?: string; resourceVersion?: string };
}

const thing = (name: string): Thing => ({ metadata: { namespace: 'shop', name } });

function gathering(options: { callDuringSync?: boolean } = {}) {
  const clock = createManualClock();
  const store = new MemoryStore<Thing>({ numKeys: 2, clock });
  const calls: ChangeStats[] = [];
  const gatherer = new ChangeGatherer<Thing, MemoryStore<Thing>>({
    store,
    interval: 500,
    callDuringSync: options.callDuringSync ?? false,
    onChange: (_, stats) => calls.push(stats),
    clock,
    run: (call) => call(),
  });
  const end = gatherer.listen();
  return { clock, store, calls, gatherer, end };
}

describe('onChange', () => {
  it('is called once for everything that happened in an interval', async () => {
    const { clock, store, calls, gatherer } = gathering();
    gatherer.synced();
    store.add(thing('a'));
    store.add(thing('b'));
    store.update(thing('a'));
    store.remove({ namespace: 'shop', name: 'b' });
    await clock.advance(499);
    expect(calls).toEqual([]);
    await clock.advance(1);
    expect(calls).toEqual([{ created: 2, modified: 1, deleted: 1, isInitialSync: false }]);
  });

  it('comes at the latest one interval after the first change, however many follow', async () => {
    const { clock, store, calls, gatherer } = gathering();
    gatherer.synced();
    for (let i = 0; i < 10; i++) {
      store.update(thing('a'));
      await clock.advance(100);
    }
    expect(calls).toHaveLength(2);
    expect(calls.reduce((sum, { created, modified }) => sum + created + modified, 0)).toBe(10);
  });

  it('loses nothing that happened while it was suppressed before the first sync', async () => {
    const { clock, store, calls, gatherer } = gathering();
    store.add(thing('early'));
    store.apply({ type: 'REPLACED', objects: [thing('a'), thing('b')], resourceVersion: '5' });
    await clock.advance(10_000);
    expect(calls).toEqual([]);
    gatherer.synced();
    await clock.advance(500);
    expect(calls).toEqual([{ created: 3, modified: 0, deleted: 1, isInitialSync: true }]);
  });

  it('is called before the first sync where that is asked for', async () => {
    const { clock, store, calls } = gathering({ callDuringSync: true });
    store.add(thing('early'));
    await clock.advance(500);
    expect(calls).toEqual([{ created: 1, modified: 0, deleted: 0, isInitialSync: false }]);
  });

  it('is called by a flush for what is pending, and not again for the same', async () => {
    const { clock, store, calls, gatherer, end } = gathering();
    gatherer.synced();
    store.add(thing('a'));
    gatherer.flush();
    end();
    expect(calls).toEqual([{ created: 1, modified: 0, deleted: 0, isInitialSync: false }]);
    await clock.advance(10_000);
    expect(calls).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('is not called when nothing happened', async () => {
    const { clock, calls, gatherer } = gathering();
    gatherer.synced();
    gatherer.flush();
    await clock.advance(10_000);
    expect(calls).toEqual([]);
  });
});
