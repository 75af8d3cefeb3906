import { FirnError, parseGvr } from '@firn/core';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../testing/manual-clock.ts';
import type { WatchState } from '../../watcher/watch-state.ts';
import type { CommandIo, OutputStream } from '../command.ts';
import type { Suspendable } from '../suspension.ts';
import { chooseView } from './choose-view.ts';
import { JsonView } from './json-view.ts';
import { LineView } from './line-view.ts';
import { LiveView } from './live-view.ts';
import { PacedView } from './paced-view.ts';
import type { ShownChange, WatchedName } from './view.ts';

interface Written extends OutputStream {
  columns: number;
  rows: number;
  readonly isTTY: boolean;
  readonly writes: string[];
  resize(columns: number, rows: number): void;
}

function stream(isTTY = false): Written {
  const resized = new Set<() => void>();
  return {
    isTTY,
    columns: 60,
    rows: 10,
    writes: [],
    write(text) {
      this.writes.push(text);
      return true;
    },
    on: (event, listener) => event === 'resize' && resized.add(listener),
    off: (_, listener) => resized.delete(listener),
    resize(columns, rows) {
      this.columns = columns;
      this.rows = rows;
      for (const listener of resized) listener();
    },
  };
}

const secrets: WatchedName = { name: 'secrets', gvr: parseGvr('v1/secrets') };
const ref = { namespace: 'shop', name: 'key\u001b[2J', uid: 'u', resourceVersion: '8', keys: [] };
const secret = (password: string): object => ({ kind: 'Secret', data: { password } });
const modified: ShownChange = {
  type: 'modified',
  cause: 'watch',
  ref,
  modCount: 3,
  previous: secret('b2xk'),
  object: secret('bmV3'),
};
const live: WatchState = {
  phase: 'watching',
  synced: true,
  stale: false,
  restarts: 0,
  indexErrors: 0,
  mailbox: { length: 0, bytes: 0, oldestAgeMs: 0, coalesced: 0 },
};

const cache = { references: 40, cached: 3, hits: 5, misses: 3, shared: 1, evictions: 0, expirations: 2 };

describe('JsonView', () => {
  it('writes the numbers of a cache as one line', () => {
    const [stdout, stderr, clock] = [stream(), stream(), createManualClock()];
    new JsonView({ stdout, stderr, clock }).cache(secrets, cache);
    expect(JSON.parse(stdout.writes[0] ?? '')).toEqual({
      time: '2026-01-01T00:00:00.000Z',
      type: 'cache',
      resource: 'secrets',
      ...cache,
    });
  });

  it('writes a change as one line with what changed, without the data of Secrets', () => {
    const [stdout, stderr, clock] = [stream(), stream(), createManualClock()];
    new JsonView({ stdout, stderr, clock }).change(secrets, modified);
    expect(stdout.writes).toHaveLength(1);
    expect(stdout.writes[0]).toMatch(/^[^\n]*\n$/);
    expect(JSON.parse(stdout.writes[0] ?? '')).toEqual({
      time: '2026-01-01T00:00:00.000Z',
      type: 'modified',
      resource: 'secrets',
      namespace: 'shop',
      name: 'key\u001b[2J',
      cause: 'watch',
      uid: 'u',
      resourceVersion: '8',
      modCount: 3,
      changed: [{ path: 'data.password', from: '(hidden)', to: '(hidden)' }],
      object: { kind: 'Secret', data: { password: '(hidden)' } },
    });
    expect(stdout.writes[0]).not.toContain('\u001b');
  });

  it('writes a state once, and tells people on the error output', () => {
    const [stdout, stderr, clock] = [stream(), stream(), createManualClock()];
    const view = new JsonView({ stdout, stderr, clock });
    view.state(secrets, live, 5);
    view.state(secrets, { ...live, lastEventAt: 7 }, 5);
    expect(stdout.writes.map((line) => JSON.parse(line))).toMatchObject([
      { type: 'state', resource: 'secrets', phase: 'watching', synced: true, size: 5 },
    ]);
    expect(stderr.writes).toEqual(['secrets: in sync, 5 objects\n']);
  });
});

describe('LineView', () => {
  it.each([
    [
      'text',
      /^\d\d:\d\d:\d\d ~ secrets shop\/key\\u001b\[2J {2}data\.password: "\(hidden\)" → "\(hidden\)"\n$/,
    ],
    ['name', /^secret\/key\\u001b\[2J\n$/],
    [
      'yaml',
      /^---\n# modified v1\/secrets shop\/key\\u001b\[2J\nkind: Secret\ndata:\n {2}password: \(hidden\)\n$/,
    ],
  ] as const)('writes a change as %s', (format, expected) => {
    const [stdout, stderr, clock] = [stream(), stream(), createManualClock()];
    new LineView({ stdout, stderr, format, color: false, clock }).change(secrets, modified);
    expect(stdout.writes.join('')).toMatch(expected);
  });

  it('quotes in YAML what YAML 1.1 would not take for text', () => {
    const [stdout, stderr, clock] = [stream(), stream(), createManualClock()];
    const view = new LineView({ stdout, stderr, format: 'yaml', color: false, clock });
    view.change(secrets, { ...modified, object: { kind: 'Pod', metadata: { labels: { y: 'on' } } } });
    expect(stdout.writes.join('')).toContain('"y": "on"');
  });
});

describe('LiveView', () => {
  function start() {
    const [stdout, clock] = [stream(true), createManualClock()];
    const suspendables = new Set<Suspendable>();
    const view = new LiveView({
      suspendables,
      stdout,
      color: false,
      title: 'firn',
      watched: [secrets],
      command: 'kubectl get pods',
      notes: ['note'],
      clock,
    });
    return { stdout, clock, view, suspendables };
  }

  it('draws at most ten times a second, however much happens', async () => {
    const { stdout, clock, view } = start();
    stdout.writes.length = 0;
    for (let n = 0; n < 1000; n++) {
      view.change(secrets, modified, n);
      await clock.advance(1);
    }
    expect(stdout.writes.length).toBeGreaterThan(5);
    expect(stdout.writes.length).toBeLessThanOrEqual(11);
  });

  it('writes nothing while nothing changes but the seconds, and then only that line', async () => {
    const { stdout, clock, view } = start();
    view.state(secrets, live, 2);
    await clock.advance(500);
    stdout.writes.length = 0;
    await clock.advance(400);
    expect(stdout.writes).toEqual([]);
    await clock.advance(200);
    expect(stdout.writes).toEqual(['\u001b[1;1H\u001b[2Kfirn · 1s']);
  });

  it('shows changes and states, and draws anew when the terminal is resized', async () => {
    const { stdout, clock, view } = start();
    view.state(secrets, live, 2);
    view.change(secrets, modified, 2);
    await clock.advance(100);
    const drawn = stdout.writes.join('');
    expect(drawn).toMatch(/secrets +live +2/);
    expect(drawn).toContain('secrets shop/key\\u001b[2J');
    stdout.writes.length = 0;
    stdout.resize(20, 4);
    await clock.advance(100);
    const lines = stdout.writes.join('').split('\u001b[2K').slice(1);
    expect(lines.length).toBeLessThanOrEqual(4);
    expect(lines[0]).toContain('firn · 0s');
  });

  it('shows when the next attempt comes, and counts down', async () => {
    const { stdout, clock, view } = start();
    const lastError = new FirnError('refused', { code: 'CONNECTION_REFUSED' });
    const nextAttemptAt = clock.now() + 3000;
    view.state(secrets, { ...live, phase: 'backoff', stale: true, lastError, nextAttemptAt }, 2);
    await clock.advance(100);
    expect(stdout.writes.join('')).toContain('secrets (next attempt in 3 s): refused');
    await clock.advance('1s');
    expect(stdout.writes.join('')).toContain('secrets (next attempt in 2 s): refused');
    view.close();
  });

  it('marks being in sync otherwise than a lost connection', async () => {
    const { stdout, clock, view } = start();
    view.state(secrets, live, 2);
    view.state(secrets, { ...live, stale: true }, 2);
    await clock.advance(100);
    expect(stdout.writes.join('')).toMatch(/! secrets: connection lost[\s\S]*· secrets: in sync, 2 objects/);
    view.close();
  });

  it('leaves the terminal alone while it is suspended, and draws everything when it is back', async () => {
    const { stdout, clock, view, suspendables } = start();
    const [screen] = suspendables;
    view.state(secrets, live, 2);
    await clock.advance(100);
    stdout.writes.length = 0;
    screen?.suspend();
    expect(stdout.writes.splice(0).join('')).toBe('\u001b[?7h\u001b[?25h\u001b[?1049l');
    view.change(secrets, modified, 2);
    stdout.resize(60, 9);
    await clock.advance('5s');
    expect(stdout.writes).toEqual([]);
    screen?.resume();
    await clock.advance(100);
    const drawn = stdout.writes.join('');
    expect(drawn.startsWith('\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J')).toBe(true);
    expect(drawn).toContain('firn · 5s');
    expect(drawn).toMatch(/secrets +live +2/);
    view.close();
    expect(suspendables.size).toBe(0);
  });

  it('gives the terminal back with the last frame standing, once, and leaves no timer', async () => {
    const { stdout, clock, view } = start();
    stdout.resize(60, 20);
    await clock.advance(100);
    expect(stdout.writes.join('')).toMatch(/kubectl get pods[\s\S]*note/);
    view.state(secrets, live, 2);
    view.state(secrets, { ...live, phase: 'stopped' }, 2);
    stdout.writes.length = 0;
    view.close();
    view.close();
    stdout.resize(20, 4);
    await clock.advance('1m');
    expect(clock.pending).toBe(0);
    expect(stdout.writes).toHaveLength(1);
    expect(stdout.writes[0]).toContain('\u001b[?1049lfirn · 0s\n');
    expect(stdout.writes[0]).toMatch(/\nsecrets +live/);
    // What it invites to has ended.
    expect(stdout.writes[0]).not.toMatch(/kubectl|note/);
  });
});

describe('chooseView', () => {
  it.each<[{ tty: boolean; term?: string; output?: string }, unknown]>([
    [{ tty: true }, LiveView],
    [{ tty: true, term: 'dumb' }, LineView],
    [{ tty: false }, JsonView],
    [{ tty: true, output: 'json' }, JsonView],
    [{ tty: true, output: 'wide' }, LineView],
    [{ tty: false, output: 'yaml' }, LineView],
  ])('chooses by format and terminal: %j', ({ tty, term, output }, expected) => {
    const env = { TERM: term ?? 'xterm' };
    const io: CommandIo = {
      stdout: stream(tty),
      stderr: stream(),
      env,
      signal: new AbortController().signal,
    };
    const flags = new Map(output === undefined ? [] : [['output', output]]);
    const content = { title: 't', watched: [secrets], notes: [], clock: createManualClock() };
    const view = chooseView(io, flags, content);
    expect((view instanceof PacedView ? view.view : view).constructor).toBe(expected);
    view.close();
  });
});
