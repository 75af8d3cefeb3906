/** Owns a reader that is slower than the cluster: what it cannot take yet waits, within bounds. */
import type { WatchState } from '../../watcher/watch-state.ts';
import type { OutputStream } from '../command.ts';
import type { ShownCache, ShownChange, View, WatchedName } from './view.ts';

/** As much may wait before versions that nobody has seen are left out. */
const MOST_WAITING = 10_000;

interface WaitingState {
  readonly watched: WatchedName;
  readonly size: number;
  readonly state: WatchState;
}

/** One change, or several of a resource that have become one. */
interface WaitingChange {
  readonly watched: WatchedName;
  readonly size: number;
  /** What came before the last change stands in the first. */
  readonly first: ShownChange;
  readonly last: ShownChange;
}

type Waiting = WaitingState | WaitingChange;

/** Two changes of one resource as one; `undefined` if both have to be told, `'nothing'` if neither. */
function joined(before: WaitingChange, after: WaitingChange): WaitingChange | 'nothing' | undefined {
  if (before.first.type === 'deleted' || after.last.type === 'added') return undefined;
  if (before.first.type === 'added' && after.last.type === 'deleted') return 'nothing';
  return { ...after, first: before.first };
}

function asOne({ first, last }: WaitingChange): ShownChange {
  if (first === last || last.type === 'deleted') return last;
  const { cause, ref, modCount, resourceVersion } = last;
  return {
    type: first.type,
    cause,
    ref,
    modCount,
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    get object() {
      return last.object;
    },
    get previous() {
      return first.previous;
    },
  };
}

/** Joins what can be joined, in the order in which the last of it came. */
function compacted(waiting: readonly Waiting[]): Waiting[] {
  const kept = new Map<number, Waiting>();
  const latest = new Map<string, number>();
  waiting.forEach((item, at) => {
    const isState = 'state' in item;
    const { namespace, name } = isState ? { namespace: '', name: '' } : item.last.ref;
    const identity = [isState ? 'state' : 'change', item.watched.name, namespace, name].join('\0');
    const before = latest.get(identity);
    const earlier = before === undefined ? undefined : kept.get(before);
    let next: Waiting | 'nothing' | undefined = item;
    if (!isState && earlier !== undefined && !('state' in earlier)) next = joined(earlier, item);
    if (before !== undefined && next !== undefined) kept.delete(before);
    if (next === 'nothing') latest.delete(identity);
    else {
      kept.set(at, next ?? item);
      latest.set(identity, at);
    }
  });
  return [...kept.values()];
}

/**
 * A view whose output is read slowly: changes wait while the output is full. When many do, only the latest version of
 * each resource is told, with what the reader saw before; a resource that came and went meanwhile is not.
 */
export class PacedView implements View {
  readonly view: View;
  readonly #stdout: OutputStream;
  readonly #flush = (): void => this.#tell(() => this.#stdout.writableNeedDrain !== true);
  #waiting: Waiting[] = [];
  #most = MOST_WAITING;

  constructor(view: View, stdout: OutputStream) {
    this.view = view;
    this.#stdout = stdout;
    stdout.on('drain', this.#flush);
  }

  change(watched: WatchedName, change: ShownChange, size: number): void {
    this.#wait({ watched, size, first: change, last: change });
  }

  state(watched: WatchedName, state: WatchState, size: number): void {
    this.#wait({ watched, size, state });
  }

  cache(watched: WatchedName, cache: ShownCache): void {
    this.view.cache(watched, cache);
  }

  remark(text: string): void {
    this.view.remark(text);
  }

  close(): void {
    this.#stdout.off('drain', this.#flush);
    this.#tell(() => true);
    this.view.close();
  }

  #wait(item: Waiting): void {
    this.#waiting.push(item);
    this.#flush();
    const count = this.#waiting.length;
    if (count < this.#most) return;
    this.#waiting = compacted(this.#waiting);
    // Where there is little to join, it is not tried again before as much has come.
    this.#most = Math.max(MOST_WAITING, 2 * this.#waiting.length);
    const left = count - this.#waiting.length;
    if (left > 0) this.remark(`the output is read slowly: ${left} versions were left out`);
  }

  #tell(goesOn: () => boolean): void {
    let told = 0;
    for (; told < this.#waiting.length && goesOn(); told++) {
      const item = this.#waiting[told];
      if (item === undefined) break;
      if ('state' in item) this.view.state(item.watched, item.state, item.size);
      else this.view.change(item.watched, asOne(item), item.size);
    }
    if (told > 0) this.#waiting.splice(0, told);
  }
}
