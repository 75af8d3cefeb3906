/** Owns JSON lines: one for each change and each state, for programs that read a pipe. */
import { type Clock, systemClock } from '@firn/stores';
import { visibleJson, visibleText } from '../../visible-text.ts';
import type { WatchState } from '../../watcher/watch-state.ts';
import type { OutputStream } from '../command.ts';
import { hideSecretChanges, hideSecrets } from '../hide-secrets.ts';
import { progressNews, stateNews } from '../state-news.ts';
import { whatChanged } from '../what-changed.ts';
import { LONGEST_REMARK, type ShownCache, type ShownChange, type View, type WatchedName } from './view.ts';

/** Most differences in one line. */
const MOST_DIFFERENCES = 20;

/** What a JSON view writes to. */
export interface JsonViewOptions {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly clock?: Clock;
}

function sameState(a: WatchState | undefined, b: WatchState): boolean {
  return a?.phase === b.phase && a.synced === b.synced && a.stale === b.stale && a.lastError === b.lastError;
}

/** Writes changes and states as JSON lines to the output, remarks for people to the error output. */
export class JsonView implements View {
  readonly #stdout: OutputStream;
  readonly #stderr: OutputStream;
  readonly #clock: Clock;
  readonly #states = new Map<string, WatchState>();

  constructor(options: JsonViewOptions) {
    this.#stdout = options.stdout;
    this.#stderr = options.stderr;
    this.#clock = options.clock ?? systemClock;
  }

  change({ name }: WatchedName, change: ShownChange): void {
    const { type, cause, ref, modCount } = change;
    const object = hideSecrets(change.object);
    const differs = type === 'modified' && change.previous !== undefined;
    const { changes, more } = differs
      ? hideSecretChanges(object, whatChanged(change.previous, change.object, MOST_DIFFERENCES))
      : { changes: [], more: false };
    this.#line({
      type,
      resource: name,
      namespace: ref.namespace,
      name: ref.name,
      cause,
      uid: ref.uid,
      resourceVersion: change.resourceVersion ?? ref.resourceVersion,
      modCount,
      ...(differs ? { changed: changes, ...(more ? { moreChanged: true } : {}) } : {}),
      object,
    });
  }

  state(watched: WatchedName, state: WatchState, size: number): void {
    const before = this.#states.get(watched.name);
    this.#states.set(watched.name, state);
    const now = this.#clock.now();
    const news = stateNews(before, state, size, now) ?? progressNews(before, state, now);
    if (news !== undefined) this.remark(`${watched.name}: ${news}`);
    if (sameState(before, state)) return;
    const { phase, synced, stale, resourceVersion, lastError } = state;
    const error = lastError === undefined ? undefined : { code: lastError.code, message: lastError.message };
    this.#line({ type: 'state', resource: watched.name, phase, synced, stale, size, resourceVersion, error });
  }

  cache({ name }: WatchedName, cache: ShownCache): void {
    this.#line({ type: 'cache', resource: name, ...cache });
  }

  remark(text: string): void {
    this.#stderr.write(`${visibleText(text, LONGEST_REMARK)}\n`);
  }

  close(): void {
    this.#states.clear();
  }

  #line(fields: Readonly<Record<string, unknown>>): void {
    const time = new Date(this.#clock.now()).toISOString();
    this.#stdout.write(`${visibleJson({ time, ...fields })}\n`);
  }
}
