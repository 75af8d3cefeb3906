import { parseGvr } from '@firn/core';
import { describe, expect, it } from 'vitest';
import type { OutputStream } from '../command.ts';
import { PacedView } from './paced-view.ts';
import type { ShownChange, View, WatchedName } from './view.ts';

const pods: WatchedName = { name: 'pods', gvr: parseGvr('v1/pods') };

function slow() {
  const listeners = new Set<() => void>();
  const told: string[] = [];
  const stdout = {
    writableNeedDrain: true as boolean,
    write: () => true,
    on: (_: string, listener: () => void) => listeners.add(listener),
    off: (_: string, listener: () => void) => listeners.delete(listener),
  } satisfies OutputStream;
  const inner: View = {
    change: (_, { type, ref, object, previous }) =>
      void told.push([type, ref.name, previous ?? '', object].join(' ')),
    state: (_, { phase }) => void told.push(phase),
    cache: () => undefined,
    remark: (text) => void told.push(text),
    close: () => void told.push('closed'),
  };
  const drain = (): void => {
    for (const listener of listeners) listener();
  };
  return { stdout, told, drain, listeners, view: new PacedView(inner, stdout) };
}

function change(type: ShownChange['type'], name: string, object: number, previous?: number): ShownChange {
  const ref = { namespace: 'shop', name, keys: [] };
  return { type, cause: 'watch', ref, modCount: object, object, ...(previous && { previous }) };
}

describe('PacedView', () => {
  it('tells at once what the output takes, and the rest in order as it is read', () => {
    const { stdout, told, drain, view, listeners } = slow();
    stdout.writableNeedDrain = false;
    view.change(pods, change('added', 'a', 1), 1);
    stdout.writableNeedDrain = true;
    view.change(pods, change('modified', 'a', 2, 1), 1);
    view.change(pods, change('modified', 'a', 3, 2), 1);
    expect(told).toEqual(['added a  1']);
    stdout.writableNeedDrain = false;
    drain();
    expect(told).toEqual(['added a  1', 'modified a 1 2', 'modified a 2 3']);
    stdout.writableNeedDrain = true;
    view.change(pods, change('deleted', 'a', 3, 3), 0);
    view.close();
    expect(told.slice(3)).toEqual(['deleted a 3 3', 'closed']);
    expect(listeners.size).toBe(0);
  });

  it('keeps the latest of each resource when too much waits, however long nobody reads', () => {
    const { stdout, told, drain, view } = slow();
    view.change(pods, change('modified', 'gone', 2, 1), 3);
    view.change(pods, change('deleted', 'gone', 2, 2), 2);
    view.change(pods, change('deleted', 'back', 1, 1), 2);
    view.change(pods, change('added', 'back', 2), 2);
    view.change(pods, change('added', 'new', 1), 2);
    for (let n = 2; n < 50_000; n++) {
      view.change(pods, change('modified', 'new', n, n - 1), 2);
      view.change(pods, change('modified', 'old', n, n - 1), 2);
      view.change(pods, change('added', `brief-${n}`, n), 3);
      view.change(pods, change('deleted', `brief-${n}`, n, n), 2);
    }
    const remarks = told.splice(0);
    expect(remarks[0]).toMatch(/^the output is read slowly: \d+ versions were left out$/);
    stdout.writableNeedDrain = false;
    drain();
    expect(told.length).toBeLessThan(10_000);
    const first = told.filter((line) => !/brief|modified/.test(line));
    expect(first).toEqual([
      'deleted gone 2 2',
      'deleted back 1 1',
      'added back  2',
      expect.stringMatching(/^added new {2}\d+$/),
    ]);
    const old = told.filter((line) => line.startsWith('modified old'));
    expect(old[0]).toMatch(/^modified old 1 \d+$/);
    expect(old.at(-1)).toMatch(/ 49999$/);
  });
});
