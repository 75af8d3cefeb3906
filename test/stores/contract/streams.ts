/** Owns the part of the store contract about streams: what subscribers are told, when, and until when. */
import { inspect } from 'node:util';
import type { StoreError } from '@firn/core';
import { config, type Observable } from 'rxjs';
import { expect } from 'vitest';
import { type Contract, isDeeplyFrozen, pod, refused, type Subject, told } from './subject.ts';

/** Collects what a store tells as lines. */
function listen({ store }: Subject): string[] {
  const lines: string[] = [];
  store.changes$.subscribe({
    next: (change) => lines.push(told(change)),
    complete: () => lines.push('complete'),
  });
  return lines;
}

export function describeStreams(contract: Contract): void {
  contract('tells every change in order, with its cause and count', async (create) => {
    const subject = create();
    const seen: string[] = [];
    subject.store.changes$.subscribe((change) =>
      seen.push(`${told(change)} ${change.cause} ${change.modCount}`),
    );
    subject.add(pod('shop/a'));
    subject.update(pod('shop/a'));
    subject.apply({ type: 'MODIFIED', object: pod('shop/b'), origin: 'watch' });
    subject.store.delete('shop', 'a');
    subject.store.clear();
    expect(seen).toEqual([
      'added shop/a call 1',
      'modified shop/a call 2',
      'added shop/b watch 3',
      'deleted shop/a call 4',
      'deleted shop/b call 5',
    ]);
  });

  contract('deletes of shared keys are told one by one, by identity, in order', async (create) => {
    const subject = create({ numKeys: 1 });
    for (const name of ['b', 'c', 'a']) subject.add(pod(`shop/${name}`), 'front');
    const lines = listen(subject);
    subject.store.delete('front');
    expect(lines).toEqual(['deleted shop/a', 'deleted shop/b', 'deleted shop/c']);
    expect(subject.store.modCount).toBe(6);
  });

  contract('replays nothing to late subscribers', async (create) => {
    const subject = create();
    subject.add(pod('shop/a'));
    const lines = listen(subject);
    const events: unknown[] = [];
    subject.store.events$.subscribe((event) => events.push(event));
    expect(lines).toEqual([]);
    expect(events).toEqual([]);
  });

  contract('tells each event before what it changed, the whole batch being visible', async (create) => {
    const subject = create();
    const lines: string[] = [];
    subject.store.changes$.subscribe((change) => lines.push(`${told(change)}, size ${subject.store.size}`));
    subject.store.events$.subscribe((event) => lines.push(event.type));
    subject.apply(
      { type: 'ADDED', object: pod('shop/a') },
      { type: 'BOOKMARK', resourceVersion: '7' },
      { type: 'MODIFIED', object: pod('shop/b') },
      { type: 'DELETED', object: pod('shop/missing') },
    );
    expect(lines).toEqual([
      'ADDED',
      'added shop/a, size 2',
      'BOOKMARK',
      'MODIFIED',
      'added shop/b, size 2',
      'DELETED',
    ]);
  });

  contract('shows events that nobody can edit', async (create) => {
    const subject = create();
    const events: unknown[] = [];
    subject.store.events$.subscribe((event) => events.push(event));
    subject.add(pod('shop/a'));
    subject.apply({ type: 'DELETED', object: pod('shop/a'), keys: ['shop', 'a'], origin: 'watch' });
    subject.apply({ type: 'BOOKMARK', resourceVersion: '7' }, { type: 'CLEARED' });
    expect(events).toMatchObject([
      { type: 'ADDED', origin: 'call' },
      { type: 'DELETED', object: { namespace: 'shop', name: 'a' }, origin: 'watch' },
      { type: 'BOOKMARK', resourceVersion: '7' },
      { type: 'CLEARED' },
    ]);
    expect(events.every(isDeeplyFrozen)).toBe(true);
  });

  contract('applies a write from inside a subscriber at once and tells it afterwards', async (create) => {
    const subject = create();
    const seen: string[] = [];
    subject.store.changes$.subscribe((change) => {
      if (change.ref.name === 'a') {
        subject.add(pod('shop/echo'));
        expect(subject.store.refs('shop', 'echo')).toHaveLength(1);
      }
    });
    subject.store.changes$.subscribe((change) => seen.push(told(change)));
    subject.apply({ type: 'ADDED', object: pod('shop/a') }, { type: 'ADDED', object: pod('shop/b') });
    expect(seen).toEqual(['added shop/a', 'added shop/b', 'added shop/echo']);
  });

  contract('tells later batches only to who subscribes during a publication', async (create) => {
    const subject = create();
    let late: string[] | undefined;
    subject.store.changes$.subscribe(() => {
      late ??= listen(subject);
    });
    subject.apply({ type: 'ADDED', object: pod('shop/a') }, { type: 'ADDED', object: pod('shop/b') });
    expect(late).toEqual([]);
    subject.add(pod('shop/c'));
    expect(late).toEqual(['added shop/c']);
  });

  contract('tells nothing to who unsubscribed, in the middle of a batch too', async (create) => {
    const subject = create();
    const other: string[] = [];
    let calls = 0;
    const first = subject.store.changes$.subscribe(() => {
      calls++;
      first.unsubscribe();
      second.unsubscribe();
    });
    const second = subject.store.changes$.subscribe((change) => other.push(told(change)));
    const third = listen(subject);
    subject.apply({ type: 'ADDED', object: pod('shop/a') }, { type: 'ADDED', object: pod('shop/b') });
    expect([calls, other, third]).toEqual([1, [], ['added shop/a', 'added shop/b']]);
  });

  contract('rule 28: a subscriber that throws harms nobody else', async (create) => {
    const subject = create();
    const { onUnhandledError } = config;
    try {
      const errors: unknown[] = [];
      const reported = new Promise<void>((resolve) => {
        config.onUnhandledError = (error) => {
          if (errors.push(error) === 2) resolve();
        };
      });
      subject.store.changes$.subscribe((change) => {
        throw new Error(told(change));
      });
      const lines = listen(subject);
      subject.add(pod('shop/a'));
      subject.add(pod('shop/b'));
      expect(lines).toEqual(['added shop/a', 'added shop/b']);
      await reported;
      expect(errors).toEqual([new Error('added shop/a'), new Error('added shop/b')]);
    } finally {
      config.onUnhandledError = onUnhandledError;
    }
  });

  contract('completes every stream when it is closed, and late subscribers at once', async (create) => {
    const subject = create();
    const { changes$, events$, errors$ } = subject.store;
    const streams: readonly Observable<unknown>[] = [changes$, events$, errors$];
    let completed = 0;
    const complete = (): void => {
      completed++;
    };
    for (const stream of streams) stream.subscribe({ complete });
    subject.store.close();
    expect(completed).toBe(3);
    subject.store.close();
    subject.store[Symbol.dispose]();
    expect(completed).toBe(3);
    for (const stream of streams) stream.subscribe({ complete });
    expect(completed).toBe(6);
  });

  contract('tells nothing more when it is closed from inside a subscriber', async (create) => {
    const subject = create();
    subject.store.changes$.subscribe(() => {
      subject.add(pod('shop/never-told'));
      subject.store.close();
    });
    const lines = listen(subject);
    subject.apply({ type: 'ADDED', object: pod('shop/a') }, { type: 'ADDED', object: pod('shop/b') });
    expect(lines).toEqual(['complete']);
  });

  contract('refuses every call once it is closed', async (create) => {
    const { store } = create();
    store.add(pod('shop/a'), ['shop', 'a']);
    store[Symbol.dispose]();
    const calls: Record<StoreError['operation'], (() => unknown)[]> = {
      get: [() => store.get('shop'), () => store.find('shop', 'a'), () => store.refs()],
      list: [() => store.list()],
      add: [() => store.add(pod('shop/a'))],
      update: [() => store.update(pod('shop/a'))],
      delete: [() => store.delete('shop', 'a')],
      remove: [() => store.remove({ namespace: 'shop', name: 'a' })],
      clear: [() => store.clear()],
      apply: [() => store.apply({ type: 'CLEARED' }), () => store.apply([])],
      fetch: [],
    };
    for (const [operation, all] of Object.entries(calls)) {
      for (const call of all) expect(await refused(call)).toMatchObject({ code: 'CLOSED', operation });
    }
    expect(store.size).toBe(1);
  });

  contract('shows no contents to JSON.stringify and inspect', async (create) => {
    const subject = create();
    subject.add(pod('shop/a', {}, 'hidden-content'));
    const changes: unknown[] = [];
    subject.store.changes$.subscribe((change) => changes.push(change));
    subject.update(pod('shop/a', { labels: { app: 'hidden-content' } }, 'hidden-content'));
    const shown = [JSON.stringify([subject.store, changes]), inspect([subject.store, changes], { depth: 9 })];
    expect(shown.join()).not.toContain('hidden-content');
    expect(JSON.parse(JSON.stringify(subject.store))).toMatchObject({ size: 1, modCount: 2, numKeys: 2 });
  });

  contract('is fresh until its feeder says otherwise', async (create) => {
    expect(create().store.freshness).toMatchObject({ stale: false });
  });
}
