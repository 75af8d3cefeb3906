/** Owns the live table on a terminal: gathers what happens and draws it, seldom and only where it changed. */
import { type Clock, systemClock } from '@firn/stores';
import type { WatchState } from '../../watcher/watch-state.ts';
import type { OutputStream } from '../command.ts';
import { RateMeter } from '../rate-meter.ts';
import { type RecentLine, type ResourceRow, type ScreenSize, screenLines, shortDuration } from '../screen.ts';
import { stateNews } from '../state-news.ts';
import { renderLine } from '../styled-line.ts';
import type { Suspendable } from '../suspension.ts';
import { changeDetail, clockTime } from './change-detail.ts';
import { TerminalScreen } from './terminal-screen.ts';
import { cacheText, type ShownCache, type ShownChange, type View, type WatchedName } from './view.ts';

const FRAME_MS = 100;
const TICK_MS = 1000;
/** Changes and remarks kept for the screen: more than the tallest terminal shows. */
const MOST_RECENT = 200;

/** What a live view shows, and where. */
export interface LiveViewOptions {
  readonly stdout: OutputStream;
  readonly color: boolean;
  readonly title: string;
  /** A command line for the user, above the notes. */
  readonly command?: string | undefined;
  readonly watched: readonly WatchedName[];
  /** Lines at the bottom. */
  readonly notes: readonly string[];
  readonly clock?: Clock;
  /** Where the screen registers while it is there. */
  readonly suspendables?: Set<Suspendable> | undefined;
}

interface Row {
  state: WatchState | undefined;
  size: number;
  changedAt: number | undefined;
  cache: string | undefined;
  readonly rate: RateMeter;
}

/** A change whose difference is worked out only if it is shown. */
class LazyLine {
  readonly #watched: WatchedName;
  readonly #change: ShownChange;
  readonly #time: string;
  #line: RecentLine | undefined;

  constructor(watched: WatchedName, change: ShownChange, time: string) {
    this.#watched = watched;
    this.#change = change;
    this.#time = time;
  }

  get line(): RecentLine {
    const { type, ref } = this.#change;
    this.#line ??= {
      time: this.#time,
      type,
      resource: this.#watched.name,
      namespace: ref.namespace,
      name: ref.name,
      detail: changeDetail(this.#change),
    };
    return this.#line;
  }
}

/** Draws a table that stays up to date, at most ten times a second, until it is closed. */
export class LiveView implements View {
  readonly #options: LiveViewOptions;
  readonly #clock: Clock;
  readonly #screen: TerminalScreen;
  readonly #rows = new Map<string, Row>();
  readonly #startedAt: number;
  #recent: { readonly line: RecentLine }[] = [];
  #frame: unknown;
  #tick: unknown;
  #closed = false;

  constructor(options: LiveViewOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#startedAt = this.#clock.monotonic();
    for (const { name } of options.watched) {
      this.#rows.set(name, {
        state: undefined,
        size: 0,
        changedAt: undefined,
        cache: undefined,
        rate: new RateMeter(),
      });
    }
    this.#screen = new TerminalScreen(options.stdout, () => this.#schedule());
    options.suspendables?.add(this.#screen);
    this.#draw();
    this.#nextTick();
  }

  change(watched: WatchedName, change: ShownChange, size: number): void {
    const row = this.#rows.get(watched.name);
    const now = this.#clock.monotonic();
    if (row !== undefined) row.size = size;
    if (change.cause !== 'initial') {
      row?.rate.add(now);
      if (row !== undefined) row.changedAt = now;
      this.#remember(new LazyLine(watched, change, clockTime(this.#clock.now())));
    }
    this.#schedule();
  }

  state(watched: WatchedName, state: WatchState, size: number): void {
    const row = this.#rows.get(watched.name);
    // The last frame, which is left standing, shows how things were, not that the command ended.
    if (row === undefined || state.phase === 'stopped') return;
    const news = stateNews(row.state, state, size, this.#clock.now());
    row.state = state;
    row.size = size;
    if (news !== undefined) this.#remark(`${watched.name}: ${news}`, !state.stale);
    this.#schedule();
  }

  cache(watched: WatchedName, cache: ShownCache): void {
    const row = this.#rows.get(watched.name);
    if (row !== undefined) row.cache = cacheText(cache);
    this.#schedule();
  }

  remark(text: string): void {
    this.#remark(text, false);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#clock.clearTimeout(this.#frame);
    this.#clock.clearTimeout(this.#tick);
    this.#options.suspendables?.delete(this.#screen);
    // What the notes invite to has ended.
    this.#screen.close(this.#lines({ command: undefined, notes: [] }));
  }

  #remark(text: string, calm: boolean): void {
    this.#remember({ line: { time: clockTime(this.#clock.now()), type: 'remark', text, calm } });
    this.#schedule();
  }

  #remember(line: { readonly line: RecentLine }): void {
    this.#recent.unshift(line);
    if (this.#recent.length > 2 * MOST_RECENT) this.#recent = this.#recent.slice(0, MOST_RECENT);
  }

  #schedule(): void {
    if (this.#frame !== undefined || this.#closed) return;
    this.#frame = this.#clock.setTimeout(() => {
      this.#frame = undefined;
      this.#draw();
    }, FRAME_MS);
  }

  #nextTick(): void {
    this.#tick = this.#clock.setTimeout(() => {
      this.#draw();
      this.#nextTick();
    }, TICK_MS);
  }

  #draw(): void {
    this.#screen.draw(this.#lines());
  }

  #lines(below: Pick<LiveViewOptions, 'command' | 'notes'> = this.#options): readonly string[] {
    const size: ScreenSize = this.#screen.size;
    const running = shortDuration(this.#clock.monotonic() - this.#startedAt);
    const model = {
      title: `${this.#options.title} · ${running}`,
      rows: this.#options.watched.map(({ name }) => this.#row(name)),
      changes: this.#recent.slice(0, size.rows).map(({ line }) => line),
      command: below.command,
      notes: below.notes,
    };
    return screenLines(model, size).map((line) => renderLine(line, this.#options.color));
  }

  #row(name: string): ResourceRow {
    const row = this.#rows.get(name);
    const state = row?.state;
    const now = this.#clock.monotonic();
    const nextAttemptAt = state?.phase === 'backoff' ? state.nextAttemptAt : undefined;
    const retryIn = nextAttemptAt === undefined ? 0 : nextAttemptAt - this.#clock.now();
    const troubled = state !== undefined && (state.stale || !state.synced) && state.phase !== 'stopped';
    return {
      name,
      phase: state?.phase ?? 'idle',
      synced: state?.synced ?? false,
      stale: state?.stale ?? false,
      objects: row?.size ?? 0,
      changesPerSecond: row?.rate.perSecond(now) ?? 0,
      ...(state?.listed === undefined ? {} : { listed: state.listed }),
      ...(row?.changedAt === undefined ? {} : { sinceChange: now - row.changedAt }),
      ...(row?.cache === undefined ? {} : { cache: row.cache }),
      ...(troubled && state.lastError !== undefined ? { error: state.lastError.message } : {}),
      ...(retryIn > 0 ? { retryIn } : {}),
    };
  }
}
