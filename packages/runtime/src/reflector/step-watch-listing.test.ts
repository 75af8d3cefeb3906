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

function opened(): Machine {
  const machine = new Machine();
  machine.give({ type: 'START' });
  machine.give({ type: 'OPENED' });
  return machine;
}

/** A machine that lists anew at its last resource version, 100. */
function relisting(): Machine {
  const machine = new Machine().synced('100');
  machine.give({ type: 'ERROR_EVENT', status: status(410) });
  return machine;
}

describe('streaming list', () => {
  it('rule 1: asks for initial events with exactly these parameters, and no limit', () => {
    const machine = new Machine();
    const effects = machine.give({ type: 'START' });
    expect(requestOf(effects)).toEqual({
      id: 1,
      purpose: 'watch-list',
      query: {
        watch: '1',
        sendInitialEvents: 'true',
        resourceVersionMatch: 'NotOlderThan',
        allowWatchBookmarks: 'true',
        resourceVersion: '',
        timeoutSeconds: '300',
      },
    });
    expect(typesOf(effects)[0]).toBe('listStarted');
  });

  it('rule 1: carries the selectors, and the last resource version on a relist', () => {
    const machine = new Machine({ ...SECRETS, labelSelector: 'app=shop', fieldSelector: 'type=x' }).synced(
      '100',
    );
    const effects = machine.give({ type: 'ERROR_EVENT', status: status(410) });
    expect(requestOf(effects)?.query).toMatchObject({
      labelSelector: 'app=shop',
      fieldSelector: 'type=x',
      resourceVersion: '100',
      sendInitialEvents: 'true',
    });
  });

  it('rule 2: initial events never move the resume resource version', () => {
    const machine = opened();
    machine.stream.resourceVersion = '77';
    machine.arrived('77');
    machine.give({ type: 'STREAM_ENDED' });
    expect(machine.state.memory.resourceVersion).toBeUndefined();
  });

  it('rule 3: commits at the end bookmark and goes on with the same request', () => {
    const machine = opened();
    const { request } = machine.state as { request: number };
    const effects = machine.give({ type: 'INITIAL_EVENTS_ENDED', resourceVersion: '42' });
    expect(effects).toEqual([
      { type: 'clearTimers', timers: ['progress'] },
      { type: 'listCommitted', resourceVersion: '42' },
    ]);
    expect(machine.state).toMatchObject({ phase: 'watching', request, memory: { resourceVersion: '42' } });
  });

  it.each([
    ['a clean end', { type: 'STREAM_ENDED' as const }],
    ['a reset', { type: 'TRANSPORT_FAILED' as const, error: RESET }],
    ['a malformed frame', { type: 'PROTOCOL_FAILED' as const, error: MALFORMED }],
  ])('rule 4: %s before the end discards, tries three times in all, then lists in pages', (_, input) => {
    const machine = opened();
    for (let attempt = 1; attempt <= 2; attempt++) {
      expect(typesOf(machine.give(input))).toContain('listDiscarded');
      expect(machine.state.phase).toBe('backoff');
      expect(requestOf(machine.fire('backoff'))?.purpose).toBe('watch-list');
      machine.give({ type: 'OPENED' });
    }
    const effects = machine.give(input);
    expect(typesOf(effects).filter((type) => type.startsWith('list'))).toEqual([
      'listDiscarded',
      'listStarted',
    ]);
    expect(requestOf(effects)?.purpose).toBe('list');
  });

  it('rule 4: a completed list starts the count of early ends anew', () => {
    const machine = opened();
    machine.give({ type: 'STREAM_ENDED' });
    machine.fire('backoff');
    machine.give({ type: 'OPENED' });
    machine.give({ type: 'STREAM_ENDED' });
    machine.fire('backoff');
    machine.give({ type: 'OPENED' });
    machine.give({ type: 'INITIAL_EVENTS_ENDED', resourceVersion: '42' });
    expect(machine.state.memory.earlyEnds).toBe(0);
  });

  it('rule 4: warns after 10 s without progress, and not while items arrive', () => {
    const machine = opened();
    expect(timerOf(machine.fire('progress', 10_000), 'progress')).toBe(10_000);
    const warned = machine.fire('progress', 10_000).find((effect) => effect.type === 'log');
    expect(warned).toMatchObject({ level: 'warn', message: expect.stringContaining('no progress for 20 s') });
    machine.arrived('5');
    const quiet = machine.fire('progress', 4000);
    expect(typesOf(quiet)).toEqual(['timer']);
    expect(timerOf(quiet, 'progress')).toBe(6000);
  });

  it('rule 4: a stream that is silent for 90 s has ended early', () => {
    const machine = opened();
    machine.arrived('5');
    expect(timerOf(machine.fire('idle', 60_000), 'idle')).toBe(30_000);
    expect(errorOf(machine.fire('idle', 30_000))).toBe('TIMEOUT');
    expect(machine.state).toMatchObject({ phase: 'backoff', memory: { earlyEnds: 1 } });
  });

  it('rule 5: a plain bookmark that no end follows within 10 s means a server without streaming lists', () => {
    const machine = opened();
    machine.stream.bookmarkedAt = machine.now;
    expect(requestOf(machine.fire('progress', 9000))).toBeUndefined();
    const effects = machine.fire('progress', 1000);
    expect(typesOf(effects)).toContain('rememberUnsupported');
    expect(requestOf(effects)?.purpose).toBe('list');
  });

  it.each([
    ['a refused connection', { type: 'TRANSPORT_FAILED' as const, error: REFUSED_CONNECTION }],
    ['a 429', { type: 'REFUSED' as const, status: status(429) }],
  ])('rule 5: after %s waits and tries a streaming list again', (_, input) => {
    const machine = new Machine();
    machine.give({ type: 'START' });
    expect(timerOf(machine.give(input), 'backoff')).toBe(800);
    expect(requestOf(machine.fire('backoff'))?.purpose).toBe('watch-list');
    expect(machine.state.memory.earlyEnds).toBe(0);
  });

  it.each([
    ['a 410', status(410)],
    ['a resource version that is too large', TOO_LARGE],
  ])('rule 5: %s at the last resource version is tried again at once with an empty one', (_, refusal) => {
    const machine = relisting();
    const effects = machine.give({ type: 'REFUSED', status: refusal });
    expect(requestOf(effects)).toMatchObject({ purpose: 'watch-list', query: { resourceVersion: '' } });
  });

  it('rule 5: a too large resource version may come as an ERROR event within the stream', () => {
    const machine = relisting();
    machine.give({ type: 'OPENED' });
    const effects = machine.give({ type: 'ERROR_EVENT', status: TOO_LARGE });
    expect(requestOf(effects)?.query.resourceVersion).toBe('');
  });

  it('rule 5: a server that answers 410 to an empty resource version is not stormed', () => {
    const machine = new Machine();
    machine.give({ type: 'START' });
    expect(requestOf(machine.give({ type: 'REFUSED', status: status(410) }))).toBeUndefined();
    expect(machine.state.phase).toBe('backoff');
  });

  it.each([400, 405, 406, 415, 422, 501])(
    'rule 5: a %i means pages for this cycle, and is remembered',
    (code) => {
      const machine = new Machine();
      machine.give({ type: 'START' });
      const effects = machine.give({ type: 'REFUSED', status: status(code) });
      expect(requestOf(effects)).toMatchObject({ purpose: 'list', query: { limit: '500' } });
      expect(typesOf(effects)).toContain('rememberUnsupported');
      expect(errorOf(effects)).toBeUndefined();
      expect(effects.find((effect) => effect.type === 'log')).toMatchObject({ level: 'info' });
    },
  );

  it.each([403, 404, 500, 503])('rule 5: a %i means pages for this cycle only', (code) => {
    const machine = new Machine();
    machine.give({ type: 'START' });
    const effects = machine.give({ type: 'REFUSED', status: status(code) });
    expect(requestOf(effects)?.purpose).toBe('list');
    expect(typesOf(effects)).not.toContain('rememberUnsupported');
  });

  it('rule 5: what is remembered as unsupported is listed in pages right away', () => {
    const machine = new Machine();
    machine.watchListUnsupported = true;
    expect(requestOf(machine.give({ type: 'START' }))?.purpose).toBe('list');
  });

  it('rule 15: a 503 with Retry-After is left alone for that long', () => {
    const machine = new Machine();
    machine.give({ type: 'START' });
    const effects = machine.give({ type: 'REFUSED', status: status(503, { retryAfterSeconds: 7 }) });
    expect(timerOf(effects, 'backoff')).toBe(7000);
    expect(requestOf(machine.fire('backoff'))?.purpose).toBe('list');
  });

  it('rule 15: so is one that has not reached its own newest resource version', () => {
    const machine = new Machine();
    machine.give({ type: 'START' });
    const tooLarge = { ...TOO_LARGE, details: { ...TOO_LARGE.details, retryAfterSeconds: 7 } };
    const effects = machine.give({ type: 'REFUSED', status: tooLarge });
    expect(timerOf(effects, 'backoff')).toBe(7000);
    expect(requestOf(machine.fire('backoff'))?.purpose).toBe('watch-list');
  });
});
