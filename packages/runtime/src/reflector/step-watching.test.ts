import { describe, expect, it } from 'vitest';
import {
  errorOf,
  MALFORMED,
  Machine,
  REFUSED_CONNECTION,
  RESET,
  requestOf,
  SECRETS,
  status,
  TOO_LARGE,
  timerOf,
  typesOf,
} from './machine.fixture.ts';

describe('watch', () => {
  it('rule 11: is opened at the last resource version, with bookmarks and a random timeout', () => {
    const machine = new Machine().synced('100').arrived('107');
    machine.now += 60_000;
    machine.random = 0.9999;
    expect(requestOf(machine.give({ type: 'STREAM_ENDED' }))).toMatchObject({
      purpose: 'watch',
      query: { watch: '1', resourceVersion: '107', allowWatchBookmarks: 'true', timeoutSeconds: '600' },
    });
    machine.give({ type: 'OPENED' });
    machine.now += 60_000;
    machine.random = 0;
    const effects = machine.give({ type: 'STREAM_ENDED' });
    expect(requestOf(effects)?.query).toEqual({
      watch: '1',
      resourceVersion: '107',
      allowWatchBookmarks: 'true',
      timeoutSeconds: '300',
    });
  });

  it('rule 13: a 410 ERROR event relists at the last RV first, with an empty RV only if that fails', () => {
    const machine = new Machine().rewatching().arrived('107');
    const first = machine.give({ type: 'ERROR_EVENT', status: status(410) });
    expect(requestOf(first)).toMatchObject({ purpose: 'watch-list', query: { resourceVersion: '107' } });
    expect(errorOf(first)).toBe('EXPIRED');
    const second = machine.give({ type: 'REFUSED', status: status(410) });
    expect(requestOf(second)).toMatchObject({ purpose: 'watch-list', query: { resourceVersion: '' } });
  });

  it('rule 13: an ERROR event ends the stream at once, whatever the server does', () => {
    const machine = new Machine().rewatching();
    const { request } = machine.state as { request: number };
    const effects = machine.give({ type: 'ERROR_EVENT', status: status(410) });
    expect(effects).toContainEqual({ type: 'abort', request });
    expect(machine.give({ type: 'STREAM_ENDED', request })).toEqual([]);
  });

  it('rule 13: a 429 ERROR event waits as long as it asks and watches the same RV, however often it comes', () => {
    const machine = new Machine().rewatching();
    for (let time = 0; time < 6; time++) {
      const busy = status(429, { retryAfterSeconds: 100 });
      expect(timerOf(machine.give({ type: 'ERROR_EVENT', status: busy }), 'backoff')).toBe(100_000);
      expect(requestOf(machine.fire('backoff'))).toMatchObject({
        purpose: 'watch',
        query: { resourceVersion: '100' },
      });
      machine.give({ type: 'OPENED' });
    }
  });

  it('rule 13: a 500 ERROR event watches the same RV once more, then relists', () => {
    const machine = new Machine().rewatching();
    machine.give({ type: 'ERROR_EVENT', status: status(500) });
    expect(requestOf(machine.fire('backoff'))?.purpose).toBe('watch');
    machine.give({ type: 'OPENED' });
    machine.give({ type: 'ERROR_EVENT', status: status(500) });
    expect(requestOf(machine.fire('backoff'))?.purpose).toBe('watch-list');
  });

  it('rule 13: a 500 at a later RV has its own second chance', () => {
    const machine = new Machine().rewatching();
    machine.give({ type: 'ERROR_EVENT', status: status(500) });
    machine.fire('backoff');
    machine.give({ type: 'OPENED' });
    machine.arrived('108');
    machine.give({ type: 'ERROR_EVENT', status: status(500) });
    expect(requestOf(machine.fire('backoff'))?.purpose).toBe('watch');
  });

  it('rule 13: a list gives the same RV a second chance again', () => {
    const machine = new Machine().rewatching();
    machine.give({ type: 'ERROR_EVENT', status: status(500) });
    machine.fire('backoff');
    machine.give({ type: 'ERROR_EVENT', status: status(500) });
    machine.fire('backoff');
    machine.give({ type: 'OPENED' });
    machine.give({ type: 'INITIAL_EVENTS_ENDED', resourceVersion: '100' });
    machine.give({ type: 'ERROR_EVENT', status: status(500) });
    expect(requestOf(machine.fire('backoff'))?.purpose).toBe('watch');
  });

  it.each([
    status(500, { reason: 'StorageReadError' }),
    status(500, { reason: 'StoreReadError' }),
    status(500, { causes: [{ reason: 'StorageReadError' }] }),
  ])('rule 13: a deletion lost in storage relists at once', (lost) => {
    const machine = new Machine().rewatching();
    const effects = machine.give({ type: 'ERROR_EVENT', status: lost });
    expect(requestOf(effects)?.purpose).toBe('watch-list');
  });

  it.each([
    ['a clean end', { type: 'STREAM_ENDED' as const }],
    ['a reset', { type: 'TRANSPORT_FAILED' as const, error: RESET }],
  ])(
    'rule 14: after %s of a watch that lived, watches on at once at the last RV, without a list',
    (_, input) => {
      const machine = new Machine().rewatching().arrived('109');
      machine.now += 5000;
      const effects = machine.give(input);
      expect(requestOf(effects)).toMatchObject({ purpose: 'watch', query: { resourceVersion: '109' } });
      expect(timerOf(effects, 'backoff')).toBeUndefined();
    },
  );

  it('rule 14: a watch that ends in under 1 s with no event has failed and waits', () => {
    const machine = new Machine().rewatching();
    machine.now += 999;
    const effects = machine.give({ type: 'STREAM_ENDED' });
    expect(errorOf(effects)).toBe('WATCH_ENDED_AT_ONCE');
    expect(timerOf(effects, 'backoff')).toBe(800);
    expect(machine.state.memory.stale).toBe(true);
    expect(requestOf(machine.fire('backoff'))?.purpose).toBe('watch');
  });

  it('rule 14: a watch that delivers one event and closes, again and again, is opened ever more rarely', () => {
    const machine = new Machine().rewatching();
    const delays: number[] = [];
    for (let time = 0; time < 9; time++) {
      machine.arrived(String(200 + time));
      machine.now += 10;
      delays.push(timerOf(machine.give({ type: 'STREAM_ENDED' }), 'backoff') ?? 0);
      machine.fire('backoff', delays.at(-1));
      machine.give({ type: 'OPENED' });
    }
    expect(delays).toEqual([790, 1590, 3190, 6390, 12_790, 25_590, 29_990, 29_990, 29_990]);
  });

  it('rule 16: after 2 min of health, over several watches, the delays start anew', () => {
    const machine = new Machine().rewatching();
    for (let time = 0; time < 4; time++) {
      machine.give({ type: 'STREAM_ENDED' });
      machine.fire('backoff', 10_000);
      machine.give({ type: 'OPENED' });
    }
    machine.now += 60_000;
    machine.give({ type: 'STREAM_ENDED' });
    machine.give({ type: 'OPENED' });
    machine.now += 60_000;
    machine.give({ type: 'STREAM_ENDED' });
    machine.give({ type: 'OPENED' });
    expect(timerOf(machine.give({ type: 'STREAM_ENDED' }), 'backoff')).toBe(800);
  });

  it('rule 25: a frame that does not parse relists', () => {
    const machine = new Machine().rewatching().arrived('109');
    const effects = machine.give({ type: 'PROTOCOL_FAILED', error: MALFORMED });
    expect(errorOf(effects)).toBe('MALFORMED_JSON');
    expect(requestOf(effects)).toMatchObject({ purpose: 'watch-list', query: { resourceVersion: '109' } });
  });

  it('rule 14: a server that always sends something broken is not stormed with lists', () => {
    const machine = new Machine().rewatching();
    machine.give({ type: 'PROTOCOL_FAILED', error: MALFORMED });
    machine.give({ type: 'OPENED' });
    machine.give({ type: 'INITIAL_EVENTS_ENDED', resourceVersion: '110' });
    const effects = machine.give({ type: 'PROTOCOL_FAILED', error: MALFORMED });
    expect(requestOf(effects)).toBeUndefined();
    expect(timerOf(effects, 'backoff')).toBe(1600);
  });

  it('rule 21: the resume RV that the stream reached is kept, whatever ends it', () => {
    const machine = new Machine().rewatching().arrived('1099');
    machine.give({ type: 'TRANSPORT_FAILED', error: RESET });
    expect(machine.state.memory.resourceVersion).toBe('1099');
  });
});

/** A machine whose watch is being opened. */
function opening(): Machine {
  const machine = new Machine().synced('100');
  machine.now += 60_000;
  machine.give({ type: 'STREAM_ENDED' });
  return machine;
}

describe('a watch that cannot be opened', () => {
  it.each([
    ['429', status(429)],
    ['500', status(500)],
    ['503', status(503)],
    ['a plain 504', status(504)],
    ['400', status(400)],
  ])('rule 15: %s waits and watches the same RV; after 3 in a row it relists', (_, refusal) => {
    const machine = opening();
    for (let time = 0; time < 2; time++) {
      machine.give({ type: 'REFUSED', status: refusal });
      expect(requestOf(machine.fire('backoff'))).toMatchObject({
        purpose: 'watch',
        query: { resourceVersion: '100' },
      });
    }
    machine.give({ type: 'REFUSED', status: refusal });
    expect(requestOf(machine.fire('backoff'))).toMatchObject({
      purpose: 'watch-list',
      query: { resourceVersion: '100' },
    });
  });

  it('rule 15: a watch that opens in between starts the count anew', () => {
    const machine = opening();
    machine.give({ type: 'REFUSED', status: status(503) });
    machine.fire('backoff');
    machine.give({ type: 'REFUSED', status: status(503) });
    machine.fire('backoff');
    machine.give({ type: 'OPENED' });
    expect(machine.state.memory.openFailures).toBe(0);
  });

  it('rule 15: a list in between starts the count anew', () => {
    const machine = opening();
    machine.give({ type: 'REFUSED', status: status(503) });
    machine.fire('backoff');
    machine.give({ type: 'REFUSED', status: status(503) });
    machine.give({ type: 'FORCE_RELIST' });
    machine.give({ type: 'INITIAL_EVENTS_ENDED', resourceVersion: '100' });
    expect(machine.state.memory.openFailures).toBe(0);
  });

  it('rule 15: a 401 is tried again at once with refreshed credentials, then as a 403', () => {
    const machine = opening();
    const first = machine.give({ type: 'REFUSED', status: status(401) });
    expect(typesOf(first).indexOf('refreshCredentials')).toBeLessThan(typesOf(first).indexOf('request'));
    expect(requestOf(first)?.purpose).toBe('watch');
    expect(errorOf(first)).toBeUndefined();
    const second = machine.give({ type: 'REFUSED', status: status(401) });
    expect(typesOf(second)).not.toContain('refreshCredentials');
    expect(errorOf(second)).toBe('UNAUTHORIZED');
    expect(timerOf(second, 'backoff')).toBe(30_000);
  });

  it('rule 15: after a success, or after the long delay, a 401 refreshes the credentials again', () => {
    const machine = opening();
    machine.give({ type: 'REFUSED', status: status(401) });
    machine.give({ type: 'REFUSED', status: status(401) });
    machine.fire('backoff');
    const late = machine.give({ type: 'REFUSED', status: status(401) });
    expect(typesOf(late)).toContain('refreshCredentials');
    machine.give({ type: 'OPENED' });
    expect(machine.state.memory.credentialsRefreshed).toBe(false);
  });

  it.each([
    [403, 'FORBIDDEN', 'May not watch v1/secrets'],
    [404, 'NOT_FOUND', 'not installed'],
    [405, 'METHOD_NOT_ALLOWED', 'verb "watch"'],
  ])('rule 15: a %i stays at the longest delay, and the state says %s', (code, name, words) => {
    const machine = opening();
    for (let time = 0; time < 5; time++) {
      const refusal = status(code, { message: 'user "x" lacks rights' });
      const effects = machine.give({ type: 'REFUSED', status: refusal });
      expect(timerOf(effects, 'backoff')).toBe(30_000);
      expect(machine.state.memory.lastError).toMatchObject({ code: name, retryable: false });
      expect(machine.state.memory.lastError?.message).toContain(words);
      expect(machine.state.memory.lastError?.message).toContain('user "x" lacks rights');
      expect(requestOf(machine.fire('backoff'))?.purpose).toBe('watch');
    }
  });

  it('rule 15: a 410 relists at the last RV at once; again soon after, it waits', () => {
    const machine = opening();
    const effects = machine.give({ type: 'REFUSED', status: status(410) });
    expect(requestOf(effects)?.query.resourceVersion).toBe('100');
    machine.give({ type: 'OPENED' });
    machine.give({ type: 'INITIAL_EVENTS_ENDED', resourceVersion: '120' });
    expect(machine.give({ type: 'ERROR_EVENT', status: status(410) })).toContainEqual({
      type: 'timer',
      timer: 'backoff',
      ms: 1600,
    });
  });

  it('rule 15: a resource version that is too large relists with an empty one', () => {
    const machine = opening();
    const effects = machine.give({ type: 'REFUSED', status: TOO_LARGE });
    expect(requestOf(effects)?.query.resourceVersion).toBe('');
  });

  it.each([
    [429, 120, 120_000],
    [503, 120, 120_000],
    [503, 9999, 300_000],
    [503, 0, 800],
    [400, 120, 800],
  ])('rule 15: a %i with Retry-After %i waits %i ms', (code, retryAfterSeconds, ms) => {
    const effects = opening().give({ type: 'REFUSED', status: status(code, { retryAfterSeconds }) });
    expect(timerOf(effects, 'backoff')).toBe(ms);
  });

  it('rule 16: the options replace the delays', () => {
    const backoff = { initial: 10, factor: 3, cap: '50ms', jitter: 0, resetAfter: '1m' };
    const machine = new Machine({ ...SECRETS, backoff });
    machine.give({ type: 'START' });
    const delays = [1, 2, 3, 4].map(() => {
      const effects = machine.give({ type: 'TRANSPORT_FAILED', error: REFUSED_CONNECTION });
      machine.fire('backoff');
      return timerOf(effects, 'backoff');
    });
    expect(delays).toEqual([10, 30, 50, 50]);
  });
});
