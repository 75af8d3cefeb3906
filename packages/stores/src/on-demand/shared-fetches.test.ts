/** Owns the behaviour of shared requests: one for all who wait, whatever becomes of it. */
import { defer, NEVER, type Observable, of, Subject, tap, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { SharedFetches } from './shared-fetches.ts';

/** Counts how often a request begins, is joined, and is called off. */
function counted(source: () => Observable<string>) {
  const counts = { begun: 0, joined: 0, cancelled: 0 };
  const shared = new SharedFetches<string>();
  const begin = (): Observable<string> =>
    defer(() => {
      counts.begun++;
      return source().pipe(tap({ unsubscribe: () => counts.cancelled++ }));
    });
  return { counts, shared, ask: (key = 'k') => shared.of(key, begin, () => counts.joined++) };
}

describe('a shared fetch', () => {
  it('does not begin before somebody subscribes', () => {
    const { counts, shared, ask } = counted(() => NEVER);
    ask();
    expect([counts.begun, shared.size]).toEqual([0, 0]);
  });

  it('is one for all who subscribe while it is under way', () => {
    const source = new Subject<string>();
    const { counts, shared, ask } = counted(() => source);
    const seen: string[] = [];
    for (const name of ['x', 'y'])
      ask().subscribe({ next: (v) => seen.push(name + v), complete: () => seen.push(`${name}.`) });
    source.next('1');
    source.complete();
    expect(seen).toEqual(['x1', 'y1', 'x.', 'y.']);
    expect([counts, shared.size]).toEqual([{ begun: 1, joined: 1, cancelled: 0 }, 0]);
  });

  it('is another one for another key', () => {
    const { counts, shared, ask } = counted(() => NEVER);
    ask('a').subscribe();
    ask('b').subscribe();
    expect([counts.begun, shared.size]).toEqual([2, 2]);
  });

  it.each([
    ['a value', () => of('1')],
    ['an error', () => throwError(() => new Error('no'))],
    ['nothing', () => of<string>()],
  ])('that gives %s at once leaves nothing behind', (_what, source) => {
    const { counts, shared, ask } = counted(source);
    const quiet = { error: () => undefined };
    ask().subscribe(quiet);
    ask().subscribe(quiet);
    expect([counts.begun, counts.joined, shared.size]).toEqual([2, 0, 0]);
  });

  it('goes on until the last one leaves, then is called off and forgotten', () => {
    const { counts, shared, ask } = counted(() => NEVER);
    const two = [ask().subscribe(), ask().subscribe()];
    two[0]?.unsubscribe();
    expect([counts.cancelled, shared.size]).toEqual([0, 1]);
    two[1]?.unsubscribe();
    expect([counts.cancelled, shared.size]).toEqual([1, 0]);
    ask().subscribe();
    expect(counts).toEqual({ begun: 2, joined: 1, cancelled: 1 });
  });

  it('is forgotten before it is told: who asks in answer begins a new one', () => {
    const sources = [new Subject<string>(), new Subject<string>()];
    const { counts, ask } = counted(() => sources[counts.begun - 1] as Subject<string>);
    ask().subscribe(() => ask().subscribe());
    sources[0]?.next('1');
    expect(counts).toMatchObject({ begun: 2, joined: 0 });
  });

  it('that is kept apart ends for those who wait, and does not disturb the new one', () => {
    const sources = [new Subject<string>(), new Subject<string>()];
    const { counts, shared, ask } = counted(() => sources[counts.begun - 1] as Subject<string>);
    const seen: string[] = [];
    ask().subscribe((v) => seen.push(`old ${v}`));
    shared.keepApart();
    ask().subscribe((v) => seen.push(`new ${v}`));
    sources[0]?.next('1');
    expect([seen, shared.size, counts.joined]).toEqual([['old 1'], 1, 0]);
  });
});
