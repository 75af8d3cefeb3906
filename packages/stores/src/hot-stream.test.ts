/** Owns the behaviour of delivery to subscribers, whatever they do meanwhile. */
import { config, finalize, map, Subscriber, take } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { deliver, HotStream } from './hot-stream.ts';

const { onUnhandledError, onStoppedNotification } = config;

afterEach(() => {
  vi.useRealTimers();
  config.onUnhandledError = onUnhandledError;
  config.onStoppedNotification = onStoppedNotification;
});

/** Resolves with the first error that RxJS reports as unhandled. */
function unhandled(): Promise<unknown> {
  return new Promise((resolve) => {
    config.onUnhandledError = resolve;
  });
}

describe('a hot stream', () => {
  it('knows whether anybody subscribes', () => {
    const stream = new HotStream<number>();
    expect([stream.observed, stream.audience()]).toEqual([false, []]);
    const subscription = stream.observable.subscribe();
    expect([stream.observed, stream.audience().length]).toEqual([true, 1]);
    subscription.unsubscribe();
    expect([stream.observed, stream.audience()]).toEqual([false, []]);
  });

  it('keeps an audience as it was taken, while others come', () => {
    const stream = new HotStream<number>();
    const seen: string[] = [];
    stream.observable.subscribe((value) => seen.push(`first ${value}`));
    const audience = stream.audience();
    stream.observable.subscribe((value) => seen.push(`second ${value}`));
    deliver(audience, 1);
    stream.next(2);
    expect(seen).toEqual(['first 1', 'first 2', 'second 2']);
    expect(stream.audience()).toBe(stream.audience());
  });

  it('delivers nothing to who has left, and does not call that a stopped notification', () => {
    vi.useFakeTimers();
    const stopped: unknown[] = [];
    config.onStoppedNotification = (notification) => stopped.push(notification);
    const stream = new HotStream<number>();
    const seen: number[] = [];
    stream.observable.pipe(take(1)).subscribe((value) => seen.push(value));
    const audience = stream.audience();
    deliver(audience, 1);
    deliver(audience, 2);
    vi.runAllTimers();
    expect([seen, stopped]).toEqual([[1], []]);
  });

  it('goes on when an operator throws: its subscriber alone ends', async () => {
    const error = unhandled();
    const stream = new HotStream<number>();
    const seen: number[] = [];
    const broken = map<number, number>(() => {
      throw new Error('from an operator');
    });
    stream.observable.pipe(broken).subscribe();
    stream.observable.subscribe((value) => seen.push(value));
    stream.next(1);
    stream.next(2);
    expect(seen).toEqual([1, 2]);
    expect(stream.audience()).toHaveLength(1);
    expect(await error).toEqual(new Error('from an operator'));
  });

  it('goes on when a subscriber of its own making throws', async () => {
    const error = unhandled();
    class Broken extends Subscriber<number> {
      protected override _next(): void {
        throw new Error('not caught by RxJS');
      }
    }
    const stream = new HotStream<number>();
    const seen: number[] = [];
    stream.observable.subscribe(new Broken());
    stream.observable.subscribe((value) => seen.push(value));
    stream.next(1);
    expect(seen).toEqual([1]);
    expect(await error).toEqual(new Error('not caught by RxJS'));
  });

  it('completes all, also when the teardown of one throws', async () => {
    const error = unhandled();
    const stream = new HotStream<number>();
    const completed: string[] = [];
    const teardown = finalize<number>(() => {
      throw new Error('from a teardown');
    });
    stream.observable.pipe(teardown).subscribe({ complete: () => completed.push('first') });
    stream.observable.subscribe({ complete: () => completed.push('second') });
    stream.complete();
    expect(completed).toEqual(['first', 'second']);
    expect(stream.observed).toBe(false);
    expect(await error).toMatchObject({ name: 'UnsubscriptionError' });
  });

  it('delivers nothing after completion and completes who comes late', () => {
    const stream = new HotStream<number>();
    const seen: unknown[] = [];
    stream.observable.subscribe((value) => seen.push(value));
    const audience = stream.audience();
    stream.complete();
    stream.next(1);
    deliver(audience, 2);
    stream.observable.subscribe({ next: (value) => seen.push(value), complete: () => seen.push('complete') });
    expect(seen).toEqual(['complete']);
  });
});
