/** Owns a line on a terminal: pieces of text with styles, cut to a width, with or without colours. */
import { padTo, textWidth, truncate } from './text-width.ts';

/** What a piece of text is shown as. */
export type TextStyle = 'plain' | 'dim' | 'bold' | 'good' | 'changed' | 'bad';

/** One piece of a line. */
export interface Span {
  readonly text: string;
  readonly style: TextStyle;
}

/** A line of a screen. */
export type StyledLine = readonly Span[];

const CODES: Readonly<Record<TextStyle, string>> = {
  plain: '',
  dim: '\u001b[2m',
  bold: '\u001b[1m',
  good: '\u001b[32m',
  changed: '\u001b[33m',
  bad: '\u001b[31m',
};
const RESET = '\u001b[0m';

/** One piece. */
export function span(text: string, style: TextStyle = 'plain'): Span {
  return { text, style };
}

/** The line, cut to `width` columns. */
export function cutLine(line: StyledLine, width: number): StyledLine {
  const kept: Span[] = [];
  let left = width;
  for (const piece of line) {
    const text = truncate(piece.text, left);
    if (text !== '') kept.push({ text, style: piece.style });
    left -= textWidth(text);
    if (text !== piece.text || left <= 0) break;
  }
  return kept;
}

/** The line as text for a terminal. */
export function renderLine(line: StyledLine, color: boolean): string {
  return line
    .map(({ text, style }) => (color && style !== 'plain' ? `${CODES[style]}${text}${RESET}` : text))
    .join('');
}

/** A column of a table. */
export interface TableColumn {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Columns with a higher number are left out first where the terminal is narrow; 0: always there. */
  readonly optional?: number;
  /** May be cut to this width where the terminal is narrow. */
  readonly least?: number;
}

function widths(columns: readonly TableColumn[], rows: readonly (readonly Span[])[]): number[] {
  return columns.map((column, at) =>
    Math.max(textWidth(column.title), ...rows.map((row) => textWidth(row[at]?.text ?? ''))),
  );
}

function total(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size, 0) + 2 * Math.max(0, sizes.length - 1);
}

function mostOptional(columns: readonly TableColumn[], shown: readonly number[]): number | undefined {
  const rank = (at: number): number => columns[at]?.optional ?? 0;
  const last = shown.reduce((found, at) => (rank(at) > rank(found) ? at : found), shown[0] ?? 0);
  return rank(last) > 0 ? last : undefined;
}

/** Lines of a table that fits into `width`: optional columns are left out, then flexible ones cut. */
export function tableLines(
  columns: readonly TableColumn[],
  rows: readonly (readonly Span[])[],
  width: number,
): readonly StyledLine[] {
  const sizes = widths(columns, rows);
  let shown = columns.map((_, at) => at);
  const needed = (): number => total(shown.map((at) => sizes[at] ?? 0));
  for (let drop = mostOptional(columns, shown); needed() > width && drop !== undefined; ) {
    const dropped = drop;
    shown = shown.filter((at) => at !== dropped);
    drop = mostOptional(columns, shown);
  }
  for (const at of shown) {
    const least = columns[at]?.least;
    const size = sizes[at] ?? 0;
    if (least !== undefined && needed() > width)
      sizes[at] = Math.min(size, Math.max(least, size - (needed() - width)));
  }
  const line = (cell: (at: number) => Span): StyledLine => {
    const pieces = shown.flatMap((at, position): Span[] => {
      const { text, style } = cell(at);
      const padded = { text: padTo(text, sizes[at] ?? 0, columns[at]?.align), style };
      return position === 0 ? [padded] : [span('  '), padded];
    });
    return cutLine(pieces, width);
  };
  return [
    line((at) => span(columns[at]?.title ?? '', 'dim')),
    ...rows.map((row) => line((at) => row[at] ?? span(''))),
  ];
}
