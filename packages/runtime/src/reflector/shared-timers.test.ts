import type { Clock } from '@firn/stores';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../testing/manual-clock.ts';
import { SharedTimers } from './shared-timers.ts';

function sharing() {
  const clock = createManualClock();
  const timers = new SharedTimers(clock);
  const fired: string[] = [];
  const set = (name: string, ms: number, then: () => void = () => undefined): unknown =>
    timers.setTimeout(() => {
      fired.push(`${name}@${clock.monotonic()}`);
      then();
    }, ms);
  return { clock, timers, fired, set };
}

/** A clock that stands still and whose timers are called by hand. */
function calledByHand() {
  const calls: (() => void)[] = [];
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    setTimeout: (f) => calls.push(f),
    clearTimeout: () => undefined,
  };
  return { clock, calls };
}

describe('SharedTimers', () => {
  it('takes one timer of the clock for many, and none once nothing is set', async () => {
    const { clock, timers, set } = sharing();
    const handles = [30, 10, 20].map((ms) => set('any', ms));
    expect(clock.pending).toBe(1);
    for (const handle of handles) timers.clearTimeout(handle);
    expect(clock.pending).toBe(0);
    set('any', 5);
    await clock.advance(5);
    expect(clock.pending).toBe(0);
  });

  it('fires each at its time, and those that are due together in the order in which they were set', async () => {
    const { clock, fired, set } = sharing();
    set('c', 20);
    set('a', 10);
    await clock.advance(5);
    set('d', 15);
    set('b', 5);
    await clock.advance(20);
    expect(fired).toEqual(['a@10', 'b@10', 'c@20', 'd@20']);
  });

  it('tells the same time as the clock', async () => {
    const clock = createManualClock({ now: 7, monotonic: 3 });
    const timers = new SharedTimers(clock);
    await clock.advance(10);
    expect([timers.now(), timers.monotonic()]).toEqual([17, 13]);
  });

  it('never fires what another one cleared that was due at the same time', async () => {
    const { clock, timers, fired, set } = sharing();
    set('first', 10, () => timers.clearTimeout(second));
    const second = set('second', 10);
    set('third', 10);
    await clock.advance(10);
    expect(fired).toEqual(['first@10', 'third@10']);
  });

  it('ignores handles that it does not know, or no longer', async () => {
    const { clock, timers, fired, set } = sharing();
    const done = set('done', 1);
    await clock.advance(1);
    set('kept', 5);
    for (const handle of [done, undefined, null, 1, {}]) timers.clearTimeout(handle);
    await clock.advance(5);
    expect(fired).toEqual(['done@1', 'kept@6']);
  });

  it('fires the others although one of them throws, which the clock reports', async () => {
    const { clock, fired, set } = sharing();
    set('broken', 10, () => {
      throw new Error('from the callback');
    });
    set('together', 10);
    set('later', 20);
    await expect(clock.advance(30)).rejects.toThrow('from the callback');
    await clock.advance(30);
    expect(fired).toEqual(['broken@10', 'together@10', 'later@20']);
    expect(clock.pending).toBe(0);
  });

  it('leaves the clock its turn before it fires what was set while it fired', () => {
    const { clock, calls } = calledByHand();
    const timers = new SharedTimers(clock);
    const fired: string[] = [];
    timers.setTimeout(() => {
      fired.push('first');
      timers.setTimeout(() => fired.push('second'), 0);
    }, 1);
    calls.shift()?.();
    expect(fired).toEqual(['first']);
    calls.shift()?.();
    expect(fired).toEqual(['first', 'second']);
  });

  it('fires when the clock calls, also if that is early by its own account', () => {
    const { clock, calls } = calledByHand();
    const timers = new SharedTimers(clock);
    let fired = false;
    timers.setTimeout(() => {
      fired = true;
    }, 1);
    calls.shift()?.();
    expect([fired, calls]).toEqual([true, []]);
  });

  it('fires like the clock itself, whatever is set, cleared and thrown in between', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 25 }), async (commands) => {
        const model = createManualClock();
        const clock = createManualClock();
        expect(
          await play(commands, clock, new SharedTimers(clock), () => expect(clock.pending).toBeLessThan(2)),
        ).toEqual(await play(commands, model, model, () => undefined));
        expect(clock.pending).toBe(Math.min(model.pending, 1));
      }),
      { numRuns: 60 },
    );
  });
});

const act = fc.oneof(
  fc.record({ do: fc.constant('set' as const), ms: fc.nat(20) }),
  fc.record({ do: fc.constant('clear' as const), nth: fc.nat(20) }),
  fc.record({ do: fc.constant('throw' as const) }),
);
const command = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('set' as const),
      ms: fc.nat(20),
      acts: fc.array(act, { maxLength: 3 }),
    }),
  },
  fc.record({ do: fc.constant('clear' as const), nth: fc.nat(20) }),
  fc.record({ do: fc.constant('advance' as const), ms: fc.nat(15) }),
);
type Act = typeof act extends fc.Arbitrary<infer A> ? A : never;
type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;

/** Plays the commands and tells what fired when. */
async function play(
  commands: readonly Command[],
  clock: ManualClock,
  timers: Clock,
  check: () => void,
): Promise<readonly string[]> {
  const log: string[] = [];
  const handles: unknown[] = [];
  const set = (ms: number, acts: readonly Act[]): void => {
    const id = handles.length;
    handles.push(
      timers.setTimeout(() => {
        log.push(`${id}@${clock.monotonic()}`);
        for (const one of acts) {
          if (one.do === 'throw') throw new Error(`thrown by ${id}`);
          if (one.do === 'set') set(one.ms, []);
          else timers.clearTimeout(handles[one.nth]);
        }
      }, ms),
    );
  };
  for (const one of commands) {
    if (one.do === 'set') set(one.ms, one.acts);
    else if (one.do === 'clear') timers.clearTimeout(handles[one.nth]);
    else await clock.advance(one.ms).catch((error: Error) => log.push(error.message));
    check();
  }
  return log;
}
