/** Owns what a live screen shows: from a plain description to lines that fit the terminal. */
import { visibleText } from '../visible-text.ts';
import {
  cutLine,
  type Span,
  type StyledLine,
  span,
  type TableColumn,
  type TextStyle,
  tableLines,
} from './styled-line.ts';
import { wrapCommand, wrapText } from './wrap-text.ts';

/** One watched resource on the screen. */
export interface ResourceRow {
  readonly name: string;
  readonly phase: 'idle' | 'listing' | 'watching' | 'backoff' | 'stopped';
  readonly synced: boolean;
  readonly stale: boolean;
  readonly objects: number;
  /** Items that a running list has given so far. */
  readonly listed?: number;
  readonly changesPerSecond: number;
  /** Milliseconds since the last change. */
  readonly sinceChange?: number;
  readonly error?: string;
  /** How an on-demand store has got its resources, in words. */
  readonly cache?: string;
  /** Milliseconds until the server is asked again. */
  readonly retryIn?: number;
}

/** One change on the screen. */
export interface RecentChange {
  /** `12:34:56` */
  readonly time: string;
  readonly type: 'added' | 'modified' | 'deleted';
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly detail: string;
}

/** Something said about the watch itself. */
export interface Remark {
  readonly time: string;
  readonly type: 'remark';
  readonly text: string;
  /** Good news, or nothing to worry about. */
  readonly calm?: boolean;
}

/** A line among the recent ones. */
export type RecentLine = RecentChange | Remark;

/** Everything a screen shows. */
export interface ScreenModel {
  readonly title: string;
  readonly rows: readonly ResourceRow[];
  /** Newest first. */
  readonly changes: readonly RecentLine[];
  /** A command line for the user, at the bottom: wrapped so that it can be copied, left out rather than cut. */
  readonly command?: string | undefined;
  /** Texts at the bottom; the first one is kept longest. */
  readonly notes: readonly string[];
}

/** The size of a terminal, in characters. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

const COLUMNS: readonly TableColumn[] = [
  { title: 'RESOURCE', least: 8 },
  { title: 'STATE', least: 8 },
  { title: 'OBJECTS', align: 'right' },
  { title: 'CHANGES/S', align: 'right', optional: 1 },
  { title: 'LAST', align: 'right', optional: 2 },
];

const SIGNS: Readonly<Record<RecentChange['type'], readonly [string, TextStyle]>> = {
  added: ['+', 'good'],
  modified: ['~', 'changed'],
  deleted: ['-', 'bad'],
};

const integer = new Intl.NumberFormat('en');

/** A length of time in one unit: `0s`, `59s`, `3m`, `2h`, `5d`. */
export function shortDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

function stateCell(row: ResourceRow): Span {
  if (row.phase === 'listing' && !row.stale) {
    return span(row.listed === undefined ? 'listing' : `listing ${integer.format(row.listed)}`, 'changed');
  }
  if (row.phase === 'watching' && row.synced && !row.stale) return span('live', 'good');
  if (row.phase === 'stopped' || row.phase === 'idle') return span(row.phase, 'dim');
  if (row.synced) return span('connection lost', 'bad');
  return row.phase === 'backoff' ? span('waiting to retry', 'bad') : span('connecting', 'changed');
}

function resourceRow(row: ResourceRow): readonly Span[] {
  return [
    span(visibleText(row.name), 'bold'),
    stateCell(row),
    span(integer.format(row.objects)),
    span(row.changesPerSecond.toFixed(1)),
    span(row.sinceChange === undefined ? '' : shortDuration(row.sinceChange), 'dim'),
  ];
}

/** `namespace/name`, or the name of what lives in no namespace; control characters made visible. */
export function shownIdentity(namespace: string, name: string): string {
  return visibleText(namespace === '' ? name : `${namespace}/${name}`);
}

/** One change, or a remark, as a line. */
export function changeLine(change: RecentLine): StyledLine {
  if (change.type === 'remark') {
    const text = visibleText(change.text);
    const said = change.calm === true ? span(`· ${text}`) : span(`! ${text}`, 'changed');
    return [span(`${change.time} `, 'dim'), said];
  }
  const [sign, style] = SIGNS[change.type];
  return [
    span(`${change.time} `, 'dim'),
    span(`${sign} `, style),
    span(`${visibleText(change.resource)} `),
    span(shownIdentity(change.namespace, change.name), 'bold'),
    ...(change.detail === '' ? [] : [span(`  ${change.detail}`, 'plain')]),
  ];
}

/** When it is tried again stands before the reason: a reason may be cut. */
function errorLine({ name, error, retryIn }: ResourceRow): readonly StyledLine[] {
  if (error === undefined) return [];
  const retry = retryIn === undefined ? '' : ` (next attempt in ${Math.ceil(retryIn / 1000)} s)`;
  return [[span(`${visibleText(name)}${retry}: ${visibleText(error)}`, 'bad')]];
}

function cacheLine({ name, cache }: ResourceRow): readonly StyledLine[] {
  return cache === undefined ? [] : [[span(`${visibleText(name)}: ${cache}`, 'dim')]];
}

/** The command and the notes, each whole or not at all. */
function noteLines({ command, notes }: ScreenModel, width: number, room: number): readonly string[] {
  const blocks = notes.map((note) => wrapText(note, width));
  if (command !== undefined) blocks.unshift(wrapCommand(command, width));
  const shown: string[] = [];
  for (const block of blocks) {
    if (shown.length + block.length > room) break;
    shown.push(...block);
  }
  return shown;
}

/**
 * The lines of a screen, never more or wider than the terminal. Where there is little room, notes give way first,
 * then changes, then the rows at the end.
 */
export function screenLines(model: ScreenModel, size: ScreenSize): readonly StyledLine[] {
  const width = Math.max(1, size.columns);
  const table = tableLines(COLUMNS, model.rows.map(resourceRow), width);
  const errors = model.rows.flatMap(errorLine);
  const caches = model.rows.flatMap(cacheLine);
  const head: readonly StyledLine[] = [
    [span(visibleText(model.title), 'bold')],
    ...table,
    ...errors,
    ...caches,
  ];
  const room = Math.max(0, size.rows - head.length);
  const notes = noteLines(model, width, room - 4);
  const gap = notes.length > 0 ? 1 : 0;
  const changes = model.changes.slice(0, Math.max(0, room - notes.length - gap - 1));
  const lines: StyledLine[] = [...head];
  if (room > 1) lines.push([]);
  lines.push(...changes.map(changeLine));
  if (notes.length > 0) {
    while (lines.length < size.rows - notes.length) lines.push([]);
    lines.push(...notes.map((note) => [span(note, 'dim')]));
  }
  return lines.slice(0, size.rows).map((line) => cutLine(line, width));
}
