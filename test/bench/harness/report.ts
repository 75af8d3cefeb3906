/** Owns how results are shown: a table in Markdown, which a terminal shows as well. */
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import type { BenchOptions } from './bench-options.ts';
import { type Figure, formatNumber, type Result, verdictOf } from './figure.ts';

/** Where and with what was measured. */
export interface Environment {
  readonly date: string;
  readonly machine: string;
  readonly memoryGiB: number;
  readonly node: string;
  /** How the kernel paces what a server sends; `unknown` where it does not say. */
  readonly congestionControl: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly options: BenchOptions;
}

/** A whole run. */
export interface Report {
  readonly environment: Environment;
  readonly results: readonly Result[];
}

export function environmentOf(
  options: BenchOptions,
  versions: Readonly<Record<string, string>>,
): Environment {
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    congestionControl: congestionControl(),
    versions,
    options,
  };
}

function congestionControl(): string {
  try {
    return readFileSync('/proc/sys/net/ipv4/tcp_congestion_control', 'utf8').trim();
  } catch {
    return 'unknown';
  }
}

/** The environment as one line. */
export function formatEnvironment(environment: Environment): string {
  const { date, machine, memoryGiB, node, congestionControl: tcp, versions, options } = environment;
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const shown = Object.entries(options).map(([name, value]) => `${name} ${value}`);
  return `${date}; ${machine}, ${memoryGiB} GiB; Node ${node}; TCP ${tcp}; ${packages.join(', ')}; ${shown.join(', ')}`;
}

export function formatResult({ title, how, figures }: Result): string {
  const head = ['', 'median', 'least – most', '', 'must', 'aim', ''];
  const rows = figures.map(formatFigure);
  const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [`### ${title}`, '', how, '', line(head), rule, ...rows.map(line), ''].join('\n');
}

function formatFigure(figure: Figure): string[] {
  const { what, median, least, most, unit, detail, must, aim, atLeast } = figure;
  const sign = atLeast === true ? '≥' : '≤';
  const target = (value: number | undefined): string =>
    value === undefined ? '' : `${sign} ${formatNumber(value)} ${unit}`;
  return [
    what,
    `${formatNumber(median)} ${unit}`,
    `${formatNumber(least)} – ${formatNumber(most)}`,
    detail ?? '',
    target(must),
    target(aim),
    verdictOf(figure),
  ];
}
