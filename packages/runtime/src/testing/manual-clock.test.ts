import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createManualClock } from './manual-clock.ts';

describe('createManualClock', () => {
  it('stands still until it is moved', async () => {
    const clock = createManualClock({ now: 1000, monotonic: 50 });
    let fired = false;
    clock.setTimeout(() => {
      fired = true;
    }, 10);
    await new Promise((resolve) => setImmediate(resolve));
    expect([clock.now(), clock.monotonic(), fired, clock.pending]).toEqual([1000, 50, false, 1]);
  });

  it('fires timers in order of due time, then of creation, with both clocks at the due time', async () => {
    const clock = createManualClock({ now: 0 });
    const seen: string[] = [];
    for (const [name, ms] of [
      ['b', 20],
      ['a', 10],
      ['c', 20],
    ] as const) {
      clock.setTimeout(() => seen.push(`${name}@${clock.now()}/${clock.monotonic()}`), ms);
    }
    await clock.advance(25);
    expect(seen).toEqual(['a@10/10', 'b@20/20', 'c@20/20']);
    expect([clock.now(), clock.monotonic(), clock.pending]).toEqual([25, 25, 0]);
  });

  it('leaves timers that are not due yet, and fires one that is due at the very end', async () => {
    const clock = createManualClock();
    const seen: number[] = [];
    clock.setTimeout(() => seen.push(100), 100);
    clock.setTimeout(() => seen.push(101), 101);
    await clock.advance('100ms');
    expect(seen).toEqual([100]);
    expect(clock.pending).toBe(1);
  });

  it('fires timers that are set while time passes, if they fall due', async () => {
    const clock = createManualClock();
    const ticks: number[] = [];
    const tick = (): void => {
      ticks.push(clock.monotonic());
      clock.setTimeout(tick, 30);
    };
    clock.setTimeout(tick, 30);
    await clock.advance(100);
    expect(ticks).toEqual([30, 60, 90]);
    expect(clock.pending).toBe(1);
  });

  it('fires a timer of 0, negative or NaN milliseconds at the next advance, even by 0', async () => {
    const clock = createManualClock();
    let fired = 0;
    for (const ms of [0, -5, Number.NaN]) clock.setTimeout(() => fired++, ms);
    await clock.advance(0);
    expect(fired).toBe(3);
  });

  it('lets promise chains and setImmediate callbacks finish before time moves on', async () => {
    const clock = createManualClock();
    const seen: string[] = [];
    const work = async (): Promise<void> => {
      for (let step = 0; step < 50; step++) await Promise.resolve();
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(`worked at ${clock.monotonic()}`);
      clock.setTimeout(() => seen.push(`followed at ${clock.monotonic()}`), 5);
    };
    clock.setTimeout(() => void work(), 10);
    clock.setTimeout(() => seen.push(`later at ${clock.monotonic()}`), 20);
    await clock.advance(100);
    expect(seen).toEqual(['worked at 10', 'followed at 15', 'later at 20']);
  });

  it('sees timers that a promise chain under way sets before the advance begins', async () => {
    const clock = createManualClock();
    let fired = false;
    void Promise.resolve()
      .then(() => undefined)
      .then(() =>
        clock.setTimeout(() => {
          fired = true;
        }, 1),
      );
    await clock.advance(1);
    expect(fired).toBe(true);
  });

  it('never fires a cleared timer, cleared even by another one due at the same time', async () => {
    const clock = createManualClock();
    let fired = false;
    clock.setTimeout(() => clock.clearTimeout(second), 10);
    const second = clock.setTimeout(() => {
      fired = true;
    }, 10);
    clock.clearTimeout(undefined);
    await clock.advance(10);
    expect(fired).toBe(false);
  });

  it('sets the wall clock back without touching monotonic time or timers', async () => {
    const clock = createManualClock({ now: 10_000 });
    let firedAt = -1;
    clock.setTimeout(() => {
      firedAt = clock.now();
    }, 100);
    clock.setNow(500);
    expect([clock.now(), clock.monotonic()]).toEqual([500, 0]);
    await clock.advance(100);
    expect([firedAt, clock.monotonic()]).toEqual([600, 100]);
  });

  it('runs parallel advances one after the other', async () => {
    const clock = createManualClock();
    const seen: number[] = [];
    clock.setTimeout(() => seen.push(clock.monotonic()), 15);
    await Promise.all([clock.advance(10), clock.advance(10)]);
    expect(seen).toEqual([15]);
    expect(clock.monotonic()).toBe(20);
  });

  it('rejects with what a callback threw, at its due time, and goes on afterwards', async () => {
    const clock = createManualClock();
    let later = false;
    clock.setTimeout(() => {
      throw new Error('from the callback');
    }, 5);
    clock.setTimeout(() => {
      later = true;
    }, 10);
    await expect(clock.advance(20)).rejects.toThrow('from the callback');
    expect([clock.monotonic(), later]).toEqual([5, false]);
    await clock.advance(5);
    expect(later).toBe(true);
  });

  it('refuses to go back', async () => {
    await expect(createManualClock().advance(-1)).rejects.toMatchObject({ code: 'INVALID_DURATION' });
  });

  it('fires the same timers at the same times, however the way is divided', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(50), { maxLength: 12 }),
        fc.array(fc.nat(20), { minLength: 1, maxLength: 5 }),
        async (delays, steps) => {
          const run = async (ways: readonly number[]): Promise<unknown> => {
            const clock = createManualClock();
            const seen: unknown[] = [];
            delays.forEach((ms, index) => {
              clock.setTimeout(() => seen.push([index, clock.monotonic()]), ms);
            });
            for (const ms of ways) await clock.advance(ms);
            return [seen, clock.monotonic(), clock.pending];
          };
          const whole = steps.reduce((sum, ms) => sum + ms, 0);
          expect(await run(steps)).toEqual(await run([whole]));
        },
      ),
      { numRuns: 30 },
    );
  });
});
