/** Owns the proof that field paths, durations and resource types are read as they are written, or refused. */
import {
  ConfigError,
  createIndexer,
  FieldPathError,
  type FirnError,
  formatFieldPath,
  formatGvr,
  IndexError,
  parseDuration,
  parseFieldPath,
  parseGvr,
} from '@firn/core';
import fc from 'fast-check';
import { expect } from 'vitest';
import { fuzz } from '../../test-support/fuzz.ts';

/** What `read` gives, or undefined where it refuses in words that can be shown. */
function orRefused<V>(read: () => V, type: typeof ConfigError | typeof FieldPathError): V | undefined {
  try {
    return read();
  } catch (error) {
    expect(error).toBeInstanceOf(type);
    const { message } = error as FirnError;
    expect(message.length).toBeLessThan(7000);
    expect(message).toMatch(/^[^\p{Cc}\u202a-\u202e]*$/u);
    return undefined;
  }
}

const segment = fc.oneof(
  fc.constantFrom('spec', 'metadata', '__proto__', 'constructor', 'a-b'),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const path = fc
  .array(
    fc.oneof(
      segment.map((name) => ({ kind: 'field' as const, name })),
      fc.nat({ max: 99 }).map((index) => ({ kind: 'index' as const, index })),
      fc.constant({ kind: 'each' as const }),
    ),
    { maxLength: 5 },
  )
  .map((rest) => Buffer.from(formatFieldPath([{ kind: 'field', name: 'a' }, ...rest])));

fuzz({
  name: 'field-path',
  generated: path,
  tokens: [
    '.',
    '[',
    ']',
    "['",
    "']",
    '"',
    '\\',
    '\\u0041',
    '*',
    '0',
    '$',
    '{',
    '}',
    ' ',
    '\u202e',
    '\ud83d\ude00',
  ],
  runs: 2000,
  check(input) {
    const text = input.toString('utf8');
    const parsed = orRefused(() => parseFieldPath(text), FieldPathError);
    if (parsed === undefined) return;
    const { segments } = parsed;
    expect(parseFieldPath(formatFieldPath(segments)).segments).toEqual(segments);
    // What it says is what it reads: an object that is built along it has the value there.
    const object = segments.reduceRight<unknown>(
      (value, one) =>
        one.kind === 'field'
          ? Object.fromEntries([[one.name, value]])
          : filled(one.kind === 'index' ? one.index : 0, value),
      'found',
    );
    const read = createIndexer({ indexes: { it: [text] } }).indexes.get('it')?.(object);
    expect(read).toEqual([['found']]);
    expect(() => createIndexer({ indexes: { it: [text] } }).extractKeys({})).toThrow(IndexError);
  },
});

/** An array whose element at `index`, at most 1000, is the value. */
function filled(index: number, value: unknown): unknown[] {
  const array: unknown[] = [];
  array[index] = value;
  return array;
}

const UNITS = { ms: 1n, s: 1000n, m: 60_000n, h: 3_600_000n };

fuzz({
  name: 'duration',
  generated: fc
    .array(fc.tuple(fc.nat(), fc.option(fc.nat({ max: 999 })), fc.constantFrom('ms', 's', 'm', 'h')), {
      minLength: 1,
      maxLength: 4,
    })
    .map((parts) =>
      Buffer.from(
        parts.map(([whole, part, unit]) => `${whole}${part === null ? '' : `.${part}`}${unit}`).join(''),
      ),
    ),
  tokens: ['.', 'm', 'ms', 's', 'h', '0', '9', '-', 'e', ' ', '١', 'd'],
  runs: 2000,
  check(input) {
    const text = input.toString('utf8');
    const ms = orRefused(() => parseDuration(text), ConfigError);
    const isDuration = text.length <= 64 && /^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$/.test(text);
    expect(ms !== undefined).toBe(isDuration);
    if (ms === undefined) return;
    // In whole numbers, each part as a fraction of 10^64.
    const scale = 10n ** 64n;
    let exact = 0n;
    for (const [, whole = '', part = '', unit = ''] of text.matchAll(/(\d+)(?:\.(\d+))?(ms|s|m|h)/g))
      exact += BigInt(whole + part) * UNITS[unit as keyof typeof UNITS] * 10n ** BigInt(64 - part.length);
    const expected = Number(exact) / Number(scale);
    expect(ms).toBeGreaterThanOrEqual(0);
    expect(Math.abs(ms - expected)).toBeLessThanOrEqual(expected * 1e-12);
  },
});

const label = fc.constantFrom(
  'a',
  'apps',
  'v1',
  'x-y',
  'pods',
  '__proto__',
  'v1beta1',
  'Pods',
  '1',
  '..',
  '',
);
fuzz({
  name: 'resource-type',
  generated: fc.array(label, { maxLength: 4 }).map((labels) => Buffer.from(labels.join('/'))),
  tokens: ['/', '.', '-', 'v1', '%2f', '?', '#', '\u0000', '\u001b[2J', '\u202e', 'A', '\u0430'],
  runs: 2000,
  check(input) {
    const text = input.toString('utf8');
    const gvr = orRefused(() => parseGvr(text), ConfigError);
    if (gvr === undefined) return;
    expect(formatGvr(gvr)).toBe(text);
    // What becomes of it is part of a URL's path: nothing in it leads elsewhere.
    for (const part of Object.values(gvr)) expect(part).toMatch(/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$/);
    expect(text).not.toContain('..');
  },
});
