/** Owns one line of text for each change: for terminals that cannot be drawn on, and for other output formats. */
import { formatGvr } from '@firn/core';
import { type Clock, systemClock } from '@firn/stores';
import { visibleText } from '../../visible-text.ts';
import type { WatchState } from '../../watcher/watch-state.ts';
import type { OutputStream } from '../command.ts';
import { hideSecrets } from '../hide-secrets.ts';
import { resourceName } from '../resource-name.ts';
import { changeLine, shownIdentity } from '../screen.ts';
import { progressNews, stateNews } from '../state-news.ts';
import { renderLine } from '../styled-line.ts';
import { yamlText } from '../yaml-text.ts';
import { changeDetail, clockTime } from './change-detail.ts';
import {
  cacheText,
  LONGEST_REMARK,
  type ShownCache,
  type ShownChange,
  type View,
  type WatchedName,
} from './view.ts';

/** How one change is written. */
export type LineFormat = 'text' | 'name' | 'yaml';

/** What a line view writes to, and how. */
export interface LineViewOptions {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly format: LineFormat;
  readonly color: boolean;
  readonly clock?: Clock;
}

function kindOf(object: unknown): string {
  if (typeof object !== 'object' || object === null || !('kind' in object)) return '';
  return typeof object.kind === 'string' ? object.kind : '';
}

/** Writes each change as it comes; remarks go to the error output. */
export class LineView implements View {
  readonly #options: LineViewOptions;
  readonly #clock: Clock;
  readonly #states = new Map<string, WatchState>();

  constructor(options: LineViewOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  change(watched: WatchedName, change: ShownChange): void {
    this.#options.stdout.write(`${this.#format(watched, change)}\n`);
  }

  state(watched: WatchedName, state: WatchState, size: number): void {
    const before = this.#states.get(watched.name);
    this.#states.set(watched.name, state);
    const now = this.#clock.now();
    const news = stateNews(before, state, size, now) ?? progressNews(before, state, now);
    if (news !== undefined) this.remark(`${watched.name}: ${news}`);
  }

  cache({ name }: WatchedName, cache: ShownCache): void {
    this.remark(`${name}: ${cacheText(cache)}`);
  }

  remark(text: string): void {
    this.#options.stderr.write(`${visibleText(text, LONGEST_REMARK)}\n`);
  }

  close(): void {
    this.#states.clear();
  }

  #format({ name, gvr }: WatchedName, change: ShownChange): string {
    const { namespace, name: shownName } = change.ref;
    if (this.#options.format === 'name') return resourceName(gvr, kindOf(change.object), shownName);
    if (this.#options.format === 'yaml') {
      const what = `# ${change.type} ${formatGvr(gvr)} ${shownIdentity(namespace, shownName)}`;
      const text = change.object === undefined ? '' : yamlText(hideSecrets(change.object));
      return `---\n${what}\n${text}`.trimEnd();
    }
    const detail = changeDetail(change);
    const time = clockTime(this.#clock.now());
    const line = changeLine({
      time,
      type: change.type,
      resource: name,
      namespace,
      name: shownName,
      detail,
    });
    return renderLine(line, this.#options.color);
  }
}
