/** Owns what a soak reports, and how people read it. */

import { mib } from './invariants/heap.ts';
import { INVARIANTS, type Invariant, type Violation } from './invariants/ledger.ts';
import { MOST_REQUESTS } from './invariants/request-bound.ts';
import type { Level } from './invariants/start-level.ts';
import type { Round } from './script/soak-script.ts';

/** What happened in a soak. */
export interface SoakReport {
  readonly violation: Violation | undefined;
  /** The rounds so far, the last one maybe not to its end. */
  readonly played: readonly Round[];
  readonly seconds: number;
  /** Of all threads of the process, server and watchers alike. */
  readonly cpuSeconds: number;
  readonly writes: number;
  /** Changes that were told, by watcher. */
  readonly events: ReadonlyMap<string, number>;
  readonly coalesced: number;
  readonly relists: number;
  readonly faults: ReadonlyMap<string, number>;
  readonly requests: ReadonlyMap<string, number>;
  /** The most requests of one watcher in a minute of its clock. */
  readonly peakRequests: number;
  /** What the watchers said of themselves, by code. */
  readonly errors: ReadonlyMap<string, number>;
  readonly reads: { readonly answered: number; readonly failed: number };
  readonly checks: ReadonlyMap<Invariant, number>;
  /** Milliseconds, each time that everything came to rest. */
  readonly convergedAfter: readonly number[];
  /** Bytes in use at rest, early and late; undefined where that was not measured often enough. */
  readonly memoryAtRest: { readonly first: number; readonly last: number } | undefined;
}

function sumOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function byName(counts: ReadonlyMap<string, number>): string {
  const named = [...counts].filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a);
  return named.map(([name, count]) => `${name} ${number(count)}`).join(', ') || 'none';
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** The summary of a soak. */
export function formatReport(report: SoakReport): string {
  const { seconds, writes, events, faults, requests, errors, convergedAfter, reads, checks } = report;
  const total = sumOf(events);
  const slowest = Math.max(0, ...convergedAfter);
  return [
    `events      ${number(total)} in ${number(seconds)} s, ${number(total / seconds)} a second: ${byName(events)}`,
    `processor   ${number(report.cpuSeconds)} s, ${number(total / report.cpuSeconds)} events in each`,
    `writes      ${number(writes)}, ${number(writes / seconds)} a second, in ${number(report.played.length)} rounds`,
    `coalesced   ${number(report.coalesced)}`,
    `faults      ${number(sumOf(faults))}: ${byName(faults)}`,
    `requests    ${number(sumOf(requests))}: ${byName(requests)}`,
    `relists     ${number(report.relists)}; reconnects ${number(requests.get('watch') ?? 0)}`,
    `at most     ${number(report.peakRequests)} requests of a watcher in a minute of its clock; bound ${number(MOST_REQUESTS)}`,
    `errors$     ${number(sumOf(errors))}: ${byName(errors)}`,
    `reads       ${number(reads.answered)} answered, ${number(reads.failed)} failed`,
    `converged   ${convergedAfter.length} times, after ${number(median(convergedAfter))} ms (median), ${number(slowest)} ms at most`,
    'checks',
    ...INVARIANTS.map((name) => `  ${number(checks.get(name) ?? 0).padStart(12)}  ${name}`),
  ].join('\n');
}

/** Memory before, meanwhile and after. */
export function formatMemory({ memoryAtRest: rest }: SoakReport, before: Level, after: Level): string {
  const { heap: start } = before;
  const { heap: end } = after;
  if (start === undefined || end === undefined) return 'memory      not measured: start with --expose-gc';
  const meanwhile =
    rest === undefined
      ? ''
      : `, at rest ${mib(rest.first)} in the first third and ${mib(rest.last)} in the last`;
  return `memory      ${mib(start)} before, ${mib(end)} after${meanwhile}`;
}
