import { describe, expect, it } from 'vitest';
import { readMoment } from './moment.ts';

const now = new Date(2026, 0, 31, 12, 30, 0).getTime();
const local = (...parts: [number, number, number, number, number, number, number]) =>
  new Date(...parts).getTime();

describe('a moment on the command line', () => {
  it.each([
    ['now', now],
    ['10:00', local(2026, 0, 31, 10, 0, 0, 999)],
    ['9:05:30', local(2026, 0, 31, 9, 5, 30, 999)],
    ['12:31', local(2026, 0, 30, 12, 31, 0, 999)],
    ['2026-01-31T10:00:00Z', Date.UTC(2026, 0, 31, 10)],
    ['2026-01-31', Date.UTC(2026, 0, 31)],
  ])('%s', (text, ms) => {
    expect(readMoment(text, now, 'diff')).toBe(ms);
  });

  it.each(['', 'yesterday', '24:00', '10:60', '10', '2026-13-01', '31.1.2026'])('refuses %j', (text) => {
    expect(() => readMoment(text, now, 'diff')).toThrow(expect.objectContaining({ name: 'UsageError' }));
  });
});
