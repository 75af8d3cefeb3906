import { describe, expect, it } from 'vitest';
import {
  errorOf,
  IN_PAGES,
  Machine,
  REFUSED_CONNECTION,
  RESET,
  requestOf,
  SECRETS,
  status,
  timerOf,
  typesOf,
} from './machine.fixture.ts';

const BOOKMARKED = 60_000;

/** A machine whose watch was refused a connection once and waits. */
function cutOff(): Machine {
  const machine = new Machine().rewatching();
  machine.now += 60_000;
  machine.give({ type: 'TRANSPORT_FAILED', error: RESET });
  machine.give({ type: 'TRANSPORT_FAILED', error: REFUSED_CONNECTION });
  return machine;
}

describe('health of a connection', () => {
  it('rule 17: a stream has a deadline of its timeout and 30 s, after which it is opened again at the last RV', () => {
    const machine = new Machine();
    expect(timerOf(machine.give({ type: 'START' }), 'deadline')).toBe(330_000);
    machine.give({ type: 'OPENED' });
    machine.give({ type: 'INITIAL_EVENTS_ENDED', resourceVersion: '100' });
    machine.arrived('103');
    const effects = machine.fire('deadline', 330_000);
    expect(requestOf(effects)).toMatchObject({ purpose: 'watch', query: { resourceVersion: '103' } });
    expect(errorOf(effects)).toBe('TIMEOUT');
  });

  it('rule 17: a stream that has shown a bookmark and is silent for 90 s is opened again', () => {
    const machine = new Machine().rewatching();
    machine.now += BOOKMARKED;
    machine.arrived('104');
    machine.stream.bookmarkedAt = machine.now;
    expect(timerOf(machine.fire('idle', 30_000), 'idle')).toBe(60_000);
    const effects = machine.fire('idle', 60_000);
    expect(requestOf(effects)).toMatchObject({ purpose: 'watch', query: { resourceVersion: '104' } });
    expect(machine.state.memory.stale).toBe(true);
  });

  it('rule 17: a stream without bookmarks is left alone until its deadline', () => {
    const machine = new Machine().synced('100');
    for (let time = 0; time < 3; time++) {
      const effects = machine.fire('idle', 90_000);
      expect(effects).toEqual([{ type: 'timer', timer: 'idle', ms: 90_000 }]);
    }
  });

  it('rule 17: a watch that is not answered for 90 s could not be opened', () => {
    const machine = new Machine().synced('100');
    machine.now += 60_000;
    machine.give({ type: 'STREAM_ENDED' });
    const effects = machine.fire('idle', 90_000);
    expect(errorOf(effects)).toBe('TIMEOUT');
    expect(machine.state.memory.openFailures).toBe(1);
  });

  it('rule 17: idleTimeout and watchTimeout set other times', () => {
    const machine = new Machine({ ...SECRETS, idleTimeout: '5s', watchTimeout: '20s' });
    const effects = machine.give({ type: 'START' });
    expect(timerOf(effects, 'idle')).toBe(5000);
    expect(timerOf(effects, 'deadline')).toBe(50_000);
    expect(requestOf(effects)?.query.timeoutSeconds).toBe('20');
  });

  it('rule 18: a resumed watch without a byte for 90 s is probed, and stays open meanwhile', () => {
    const machine = new Machine().rewatching();
    const effects = machine.fire('idle', 90_000);
    expect(requestOf(effects)).toMatchObject({
      purpose: 'probe',
      query: { resourceVersion: '', limit: '1' },
    });
    expect(typesOf(effects)).not.toContain('abort');
    expect(machine.state.phase).toBe('watching');
  });

  it.each(['100', '101', '9999', 'unreadable'])(
    'rule 18: at RV 100 a probe that says %s changes nothing',
    (rv) => {
      const machine = new Machine().rewatching();
      const { id = 0 } = requestOf(machine.fire('idle', 90_000)) ?? {};
      expect(typesOf(machine.give({ type: 'PROBED', request: id, resourceVersion: rv }))).toEqual([
        'clearTimers',
      ]);
      expect(machine.state.phase).toBe('watching');
      expect(requestOf(machine.fire('idle', 90_000))).toBeUndefined();
    },
  );

  it('rule 18: a probe with a lower RV means that the server went back: relist with an empty RV', () => {
    const machine = new Machine().rewatching();
    const { id = 0 } = requestOf(machine.fire('idle', 90_000)) ?? {};
    const effects = machine.give({ type: 'PROBED', request: id, resourceVersion: '99' });
    expect(errorOf(effects)).toBe('SERVER_WENT_BACK');
    expect(requestOf(effects)).toMatchObject({ purpose: 'watch-list', query: { resourceVersion: '' } });
    expect(typesOf(effects)[0]).toBe('abort');
  });

  it('rule 18: a watch that follows its own list, or has delivered a byte, is not probed', () => {
    const listed = new Machine(IN_PAGES);
    listed.give({ type: 'START' });
    listed.give({ type: 'PAGE_ENDED', resourceVersion: '100', items: 1 });
    listed.give({ type: 'OPENED' });
    expect(requestOf(listed.fire('idle', 90_000))).toBeUndefined();
    const alive = new Machine().rewatching().arrived('101');
    expect(requestOf(alive.fire('idle', 90_000))).toBeUndefined();
  });

  it('rule 18: a busy server is probed again later, one that forbids it is not', () => {
    const busy = new Machine().rewatching();
    const { id = 0 } = requestOf(busy.fire('idle', 90_000)) ?? {};
    busy.give({ type: 'REFUSED', request: id, status: status(503) });
    expect(requestOf(busy.fire('idle', 90_000))?.purpose).toBe('probe');
    const forbidding = new Machine().rewatching();
    const second = requestOf(forbidding.fire('idle', 90_000))?.id ?? 0;
    forbidding.give({ type: 'REFUSED', request: second, status: status(403) });
    expect(requestOf(forbidding.fire('idle', 90_000))).toBeUndefined();
    expect(forbidding.state.phase).toBe('watching');
  });

  it('rule 18: a probe that is not answered means a dead connection', () => {
    const machine = new Machine().rewatching();
    machine.fire('idle', 90_000);
    const effects = machine.fire('probe', 30_000);
    expect(typesOf(effects).filter((type) => type === 'abort')).toHaveLength(2);
    expect(machine.state.phase).toBe('backoff');
  });

  it('rule 18: a reconnect after a refused connection begins with a probe, then watches the same RV', () => {
    const machine = cutOff();
    expect(requestOf(machine.fire('backoff'))?.purpose).toBe('probe');
    const effects = machine.give({ type: 'PROBED', resourceVersion: '100' });
    expect(requestOf(effects)).toMatchObject({ purpose: 'watch', query: { resourceVersion: '100' } });
  });

  it('rule 18: a reconnect to a server that went back relists with an empty RV, until that succeeds', () => {
    const machine = cutOff();
    machine.fire('backoff');
    machine.give({ type: 'PROBED', resourceVersion: '7' });
    expect(requestOf(machine.fire('backoff'))?.query.resourceVersion).toBe('');
    machine.give({ type: 'TRANSPORT_FAILED', error: RESET });
    expect(requestOf(machine.fire('backoff'))?.query.resourceVersion).toBe('');
    machine.give({ type: 'OPENED' });
    machine.give({ type: 'INITIAL_EVENTS_ENDED', resourceVersion: '8' });
    expect(machine.state.memory.resourceVersion).toBe('8');
  });

  it('rule 18: who may watch but not list watches on without a probe', () => {
    const machine = cutOff();
    machine.fire('backoff');
    expect(requestOf(machine.give({ type: 'REFUSED', status: status(403) }))?.purpose).toBe('watch');
  });

  it('rule 15: probes that fail count as watches that cannot be opened', () => {
    const machine = cutOff();
    expect(requestOf(machine.fire('backoff'))?.purpose).toBe('probe');
    machine.give({ type: 'TRANSPORT_FAILED', error: REFUSED_CONNECTION });
    expect(requestOf(machine.fire('backoff'))?.purpose).toBe('probe');
    machine.fire('probe', 30_000);
    expect(requestOf(machine.fire('backoff'))).toMatchObject({
      purpose: 'watch-list',
      query: { resourceVersion: '100' },
    });
  });
});
