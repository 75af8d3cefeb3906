import { describe, expect, it } from 'vitest';
import {
  errorOf,
  IN_PAGES,
  MALFORMED,
  Machine,
  REFUSED_CONNECTION,
  RESET,
  requestOf,
  status,
  TOO_LARGE,
  timerOf,
  typesOf,
} from './machine.fixture.ts';

function listing(): Machine {
  const machine = new Machine(IN_PAGES);
  machine.give({ type: 'START' });
  machine.give({ type: 'OPENED' });
  return machine;
}

function synced(): Machine {
  const machine = listing();
  machine.give({ type: 'PAGE_ENDED', resourceVersion: '100', items: 1 });
  machine.give({ type: 'OPENED' });
  return machine;
}

/** A machine that lists anew at its last resource version, 100. */
function relisting(): Machine {
  const machine = synced();
  machine.give({ type: 'ERROR_EVENT', status: status(410) });
  return machine;
}

describe('list', () => {
  it('rule 6: the first list asks for pages of 500 with an empty resource version', () => {
    const effects = new Machine(IN_PAGES).give({ type: 'START' });
    expect(requestOf(effects)).toEqual({
      id: 1,
      purpose: 'list',
      query: { resourceVersion: '', limit: '500' },
    });
  });

  it('rule 7: a relist at the last resource version sends NotOlderThan and no limit', () => {
    const machine = synced();
    const effects = machine.give({ type: 'ERROR_EVENT', status: status(410) });
    expect(requestOf(effects)?.query).toEqual({
      resourceVersion: '100',
      resourceVersionMatch: 'NotOlderThan',
    });
  });

  it('rule 8: a further page sends the token and neither resource version nor match', () => {
    const machine = listing();
    const effects = machine.give({
      type: 'PAGE_ENDED',
      resourceVersion: '100',
      continue: 'token',
      items: 500,
    });
    expect(requestOf(effects)).toMatchObject({ id: 2, query: { limit: '500', continue: 'token' } });
    expect(Object.keys(requestOf(effects)?.query ?? {}).sort()).toEqual(['continue', 'limit']);
  });

  it('rule 8: the token decides whether there is more, not the number of items', () => {
    const machine = listing();
    const more = machine.give({ type: 'PAGE_ENDED', resourceVersion: '100', continue: 'a', items: 0 });
    expect(requestOf(more)?.purpose).toBe('list');
    const last = machine.give({ type: 'PAGE_ENDED', resourceVersion: '100', items: 500 });
    expect(typesOf(last)).toContain('listCommitted');
  });

  it("rule 8: the list is committed at the first page's resource version, and the watch begins there", () => {
    const machine = listing();
    machine.give({ type: 'PAGE_ENDED', resourceVersion: '100', continue: 'a', items: 500 });
    const effects = machine.give({ type: 'PAGE_ENDED', resourceVersion: '170', items: 3 });
    expect(effects).toContainEqual({ type: 'listCommitted', resourceVersion: '100' });
    expect(requestOf(effects)).toMatchObject({ purpose: 'watch', query: { resourceVersion: '100' } });
  });

  it('rule 9: a 410 on a later page discards all and lists once in one piece at the original resource version', () => {
    const machine = listing();
    machine.give({ type: 'PAGE_ENDED', resourceVersion: '100', continue: 'a', items: 500 });
    const effects = machine.give({ type: 'REFUSED', status: status(410) });
    expect(typesOf(effects).filter((type) => type.startsWith('list'))).toEqual([
      'listDiscarded',
      'listStarted',
    ]);
    expect(requestOf(effects)?.query).toEqual({ resourceVersion: '' });
    expect(machine.state).toMatchObject({ phase: 'paging', page: 1, resourceVersion: undefined });
  });

  it('rule 9: if the list in one piece expires too, the next attempt waits', () => {
    const machine = listing();
    machine.give({ type: 'PAGE_ENDED', resourceVersion: '100', continue: 'a', items: 500 });
    machine.give({ type: 'REFUSED', status: status(410) });
    machine.give({ type: 'REFUSED', status: status(410) });
    expect(machine.state.phase).toBe('backoff');
  });

  it.each([
    ['a 410', status(410)],
    ['a 504 with the cause', TOO_LARGE],
    [
      'a 504 in the words of older servers',
      status(504, { message: 'Too large resource version: 9, current: 8' }),
    ],
    ['a 504 with the words in a cause', status(504, { causes: [{ message: 'Too large resource version' }] })],
  ])('rule 10: %s is tried again at once with an empty resource version', (_, refusal) => {
    const machine = relisting();
    const effects = machine.give({ type: 'REFUSED', status: refusal });
    expect(requestOf(effects)?.query).toEqual({ resourceVersion: '', limit: '500' });
    expect(timerOf(effects, 'backoff')).toBeUndefined();
  });

  it('rule 10: an empty resource version that fails too keeps being asked for, with growing delays', () => {
    const machine = relisting();
    machine.give({ type: 'REFUSED', status: status(410) });
    const first = timerOf(machine.give({ type: 'REFUSED', status: TOO_LARGE }), 'backoff') ?? 0;
    expect(requestOf(machine.fire('backoff'))?.query.resourceVersion).toBe('');
    const second = timerOf(machine.give({ type: 'REFUSED', status: TOO_LARGE }), 'backoff') ?? 0;
    expect(second).toBe(2 * first);
  });

  it.each([
    ['a connection that breaks off', { type: 'TRANSPORT_FAILED' as const, error: RESET }],
    ['a refused connection', { type: 'TRANSPORT_FAILED' as const, error: REFUSED_CONNECTION }],
    ['an item that is none', { type: 'PROTOCOL_FAILED' as const, error: MALFORMED }],
    ['a 500', { type: 'REFUSED' as const, status: status(500) }],
    ['a plain 504', { type: 'REFUSED' as const, status: status(504) }],
    ['a 429', { type: 'REFUSED' as const, status: status(429) }],
  ])('rule 9: after %s nothing of the list remains, and it starts anew after a delay', (_, input) => {
    const machine = listing();
    machine.give({ type: 'PAGE_ENDED', resourceVersion: '100', continue: 'a', items: 500 });
    const effects = machine.give(input);
    expect(typesOf(effects)).toContain('listDiscarded');
    expect(timerOf(effects, 'backoff')).toBe(800);
    expect(requestOf(machine.fire('backoff'))?.query).toEqual({ resourceVersion: '', limit: '500' });
  });

  it('rule 15: a resource version that the server cannot read is not sent a second time', () => {
    const machine = relisting();
    machine.give({ type: 'REFUSED', status: status(400) });
    expect(requestOf(machine.fire('backoff'))?.query.resourceVersion).toBe('');
  });

  it('rule 17: a page that is silent for 90 s is given up', () => {
    const machine = listing();
    expect(errorOf(machine.fire('idle', 90_000))).toBe('TIMEOUT');
    expect(machine.state.phase).toBe('backoff');
  });

  it('rule 17: a page that comes in drops is given up after 10 min, each page anew', () => {
    const machine = listing();
    const next = machine.give({ type: 'PAGE_ENDED', resourceVersion: '100', continue: 'a', items: 500 });
    expect(timerOf(next, 'deadline')).toBe(600_000);
    machine.arrived('5');
    expect(errorOf(machine.fire('deadline', 600_000))).toBe('TIMEOUT');
    expect(machine.state.phase).toBe('backoff');
    expect(timerOf(machine.fire('backoff'), 'deadline')).toBe(600_000);
  });

  it('semantics 13: a list whose next page is the one just read is given up', () => {
    const machine = listing();
    const page = (token: string) =>
      machine.give({ type: 'PAGE_ENDED', resourceVersion: '1', continue: token, items: 500 });
    expect(requestOf(page('a'))).toBeDefined();
    expect(requestOf(page('b'))).toBeDefined();
    expect(errorOf(page('b'))).toBe('ENDLESS_LIST');
    expect(machine.state.phase).toBe('backoff');
  });

  it('semantics 13: a list that goes on without items is given up', () => {
    const machine = listing();
    let page = 0;
    const empty = () =>
      machine.give({ type: 'PAGE_ENDED', resourceVersion: '1', continue: `${page++}`, items: 0 });
    while (page < 100) expect(requestOf(empty())).toBeDefined();
    expect(errorOf(empty())).toBe('ENDLESS_LIST');
  });
});
