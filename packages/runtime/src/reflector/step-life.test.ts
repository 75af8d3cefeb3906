import { describe, expect, it } from 'vitest';
import {
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
import { statusOf } from './reflector-state.ts';

const PHASES: readonly (readonly [string, () => Machine])[] = [
  ['watch-listing', () => started(new Machine())],
  ['paging', () => started(new Machine(IN_PAGES))],
  ['watching', () => new Machine().rewatching()],
  ['backoff', () => waiting()],
  ['probing', () => probing()],
];

function started(machine: Machine): Machine {
  machine.give({ type: 'START' });
  return machine;
}

function waiting(): Machine {
  const machine = new Machine().rewatching();
  machine.now += 60_000;
  machine.give({ type: 'TRANSPORT_FAILED', error: RESET });
  machine.give({ type: 'TRANSPORT_FAILED', error: REFUSED_CONNECTION });
  return machine;
}

function probing(): Machine {
  const machine = waiting();
  machine.fire('backoff');
  return machine;
}

describe('life of a reflector', () => {
  it.each(PHASES)('rule 27: a stop while %s undoes everything, and nothing follows', (phase, make) => {
    const machine = make();
    expect(machine.state.phase).toBe(phase);
    const request = 'request' in machine.state ? machine.state.request : 0;
    const effects = machine.give({ type: 'STOP' });
    const allowed = new Set(['abort', 'clearTimers', 'listDiscarded']);
    expect(typesOf(effects).filter((type) => !allowed.has(type))).toEqual([]);
    expect(effects.some((effect) => effect.type === 'abort')).toBe(phase !== 'backoff');
    expect(machine.state.phase).toBe('stopped');
    expect(machine.give({ type: 'STREAM_ENDED', request })).toEqual([]);
    expect(machine.fire('backoff')).toEqual([]);
    expect(machine.give({ type: 'FORCE_RELIST' })).toEqual([]);
    expect(machine.give({ type: 'STOP' })).toEqual([]);
  });

  it.each(PHASES)('rule 27: a start while %s changes nothing', (phase, make) => {
    const machine = make();
    expect(machine.give({ type: 'START' })).toEqual([]);
    expect(machine.state.phase).toBe(phase);
  });

  it('rule 27: a start after a stop lists no older than what was seen before', () => {
    const machine = new Machine().rewatching().arrived('120');
    machine.give({ type: 'STOP' });
    const effects = machine.give({ type: 'START' });
    expect(requestOf(effects)).toMatchObject({ purpose: 'watch-list', query: { resourceVersion: '120' } });
  });

  it('rule 27: a start after a stop has forgotten the failures', () => {
    const machine = waiting();
    machine.give({ type: 'STOP' });
    machine.give({ type: 'START' });
    const effects = machine.give({ type: 'TRANSPORT_FAILED', error: REFUSED_CONNECTION });
    expect(timerOf(effects, 'backoff')).toBe(800);
  });

  it('a warm start watches from the given RV without a list', () => {
    const machine = new Machine({ ...SECRETS, resume: { resourceVersion: '55' } });
    expect(requestOf(machine.give({ type: 'START' }))).toMatchObject({
      purpose: 'watch',
      query: { resourceVersion: '55' },
    });
  });

  it.each(['watching', 'backoff', 'probing'])(
    'a forced relist while %s lists from whatever is newest',
    (phase) => {
      const machine = PHASES.find(([name]) => name === phase)![1]();
      const effects = machine.give({ type: 'FORCE_RELIST' });
      expect(requestOf(effects)).toMatchObject({ purpose: 'watch-list', query: { resourceVersion: '' } });
      expect(machine.state.phase).toBe('watch-listing');
    },
  );

  it.each(['watch-listing', 'paging'])('a forced relist while %s lets the list go on', (phase) => {
    const machine = PHASES.find(([name]) => name === phase)![1]();
    expect(machine.give({ type: 'FORCE_RELIST' })).toEqual([]);
  });
});

function told(machine: Machine) {
  return statusOf(machine.state, 0);
}

describe('what a reflector says of itself', () => {
  it('rule 29: after an outage it is stale until the first successful contact', () => {
    const machine = new Machine().rewatching();
    expect(told(machine)).toMatchObject({
      phase: 'watching',
      stale: false,
      connectedSince: machine.now + 1e12,
    });
    machine.now += 60_000;
    machine.give({ type: 'TRANSPORT_FAILED', error: RESET });
    expect(told(machine)).toMatchObject({ stale: true, lastError: { code: 'CONNECTION_RESET' } });
    expect(told(machine).connectedSince).toBeUndefined();
    machine.give({ type: 'TRANSPORT_FAILED', error: REFUSED_CONNECTION });
    expect(told(machine)).toMatchObject({
      phase: 'backoff',
      stale: true,
      nextAttemptAt: machine.now + 1e12 + 800,
    });
    machine.fire('backoff', 800);
    machine.give({ type: 'PROBED', resourceVersion: '100' });
    expect(told(machine).stale).toBe(true);
    machine.give({ type: 'OPENED' });
    expect(told(machine)).toMatchObject({ phase: 'watching', stale: false });
    expect(told(machine).nextAttemptAt).toBeUndefined();
  });

  it('rule 29: a clean end is no outage', () => {
    const machine = new Machine().rewatching();
    machine.now += 60_000;
    machine.give({ type: 'STREAM_ENDED' });
    expect(told(machine).stale).toBe(false);
  });

  it('rule 29: an ERROR event is one, until a list has been opened', () => {
    const machine = new Machine().rewatching();
    machine.give({ type: 'ERROR_EVENT', status: status(410) });
    expect(told(machine)).toMatchObject({ phase: 'listing', stale: true, resourceVersion: '100' });
    machine.give({ type: 'OPENED' });
    expect(told(machine).stale).toBe(false);
  });

  it('rule 29: the time of the last event is told', () => {
    const machine = new Machine().rewatching();
    machine.now += 1000;
    const at = machine.now + 1e12;
    machine.arrived('101');
    machine.now += 5000;
    machine.give({ type: 'STREAM_ENDED' });
    expect(told(machine).lastEventAt).toBe(at);
  });
});
