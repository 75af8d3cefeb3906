/** Owns how a moment of a log is written on the command line. */
import { visibleText } from '../visible-text.ts';
import { UsageError } from './usage-error.ts';

const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/;
const DAY_MS = 86_400_000;

/**
 * A moment as wall-clock milliseconds: a time of the day (the last one that has been, in local time), a date as ISO 8601
 * has it, or `now`.
 */
export function readMoment(text: string, now: number, command: string): number {
  if (text === 'now') return now;
  const [, hours, minutes, seconds = '0'] = CLOCK.exec(text) ?? [];
  if (hours !== undefined && minutes !== undefined) {
    const [hour, minute, second] = [Number(hours), Number(minutes), Number(seconds)];
    if (hour < 24 && minute < 60 && second < 60) return lastTime(now, hour, minute, second);
  }
  const ms = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(ms)) return ms;
  throw new UsageError(
    `${JSON.stringify(visibleText(text, 80))} is no moment. Write 10:00, 10:00:30, 2026-01-31T10:00:00Z, or now.`,
    { command },
  );
}

function lastTime(now: number, hour: number, minute: number, second: number): number {
  const date = new Date(now);
  date.setHours(hour, minute, second, 999);
  return date.getTime() <= now ? date.getTime() : date.getTime() - DAY_MS;
}
