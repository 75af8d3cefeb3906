import { describe, expect, it } from 'vitest';
import { createManualClock } from '../testing/manual-clock.ts';
import { VersionWaiters } from './version-waiters.ts';

function waiting() {
  const clock = createManualClock();
  let current: string | undefined;
  const waiters = new VersionWaiters(() => current, clock);
  return {
    clock,
    waiters,
    reach(resourceVersion: string): void {
      current = resourceVersion;
      waiters.check();
    },
  };
}

describe('reached', () => {
  it('resolves at once when the version is there', async () => {
    const { waiters, reach } = waiting();
    reach('100');
    await expect(waiters.wait('99', {})).resolves.toBeUndefined();
  });

  it('rule 21: resolves when a version is reached that is longer, not greater as text', async () => {
    const { waiters, reach } = waiting();
    const reached = waiters.wait('999', {});
    reach('1000');
    await expect(reached).resolves.toBeUndefined();
  });

  it('rule 21: waits for equality where versions cannot be compared', async () => {
    const { waiters, reach } = waiting();
    const reached = waiters.wait('abc', {});
    reach('abd');
    reach('abc');
    await expect(reached).resolves.toBeUndefined();
  });

  it('rejects with TIMEOUT when the version does not come in time, and leaves no timer', async () => {
    const { clock, waiters } = waiting();
    const reached = waiters.wait('5', { timeout: '1s' });
    const outcome = expect(reached).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true });
    await clock.advance(1000);
    await outcome;
    expect(clock.pending).toBe(0);
  });

  it("rejects with the signal's reason when aborted, before and while waiting", async () => {
    const { waiters } = waiting();
    const reason = new Error('enough');
    await expect(waiters.wait('5', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const reached = waiters.wait('5', { signal: controller.signal });
    controller.abort(reason);
    await expect(reached).rejects.toBe(reason);
  });

  it('refuses what is no version and what is no duration, as a rejection', async () => {
    const { waiters } = waiting();
    await expect(waiters.wait(undefined as never, {})).rejects.toMatchObject({
      code: 'INVALID_RESOURCE_VERSION',
    });
    await expect(waiters.wait('5', { timeout: '1 s' })).rejects.toMatchObject({ code: 'INVALID_DURATION' });
  });

  it('refuses an empty version, which no store ever reaches', async () => {
    const { waiters } = waiting();
    await expect(waiters.wait('', {})).rejects.toMatchObject({
      name: 'ConfigError',
      code: 'INVALID_RESOURCE_VERSION',
    });
  });

  it('leaves no timer behind when it resolves', async () => {
    const { clock, waiters, reach } = waiting();
    const reached = waiters.wait('5', { timeout: '1h' });
    reach('5');
    await reached;
    expect(clock.pending).toBe(0);
  });
});
