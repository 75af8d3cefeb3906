/** Owns the proof that whatever a server refuses with can be shown to people, and holds nobody up. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { chunksOf, fuzz } from '../../test-support/fuzz.ts';
import { readStatus } from './read-status.ts';
import { ServerWarnings } from './server-warnings.ts';

const LONGEST = 600;
/** Nothing that moves a cursor or turns text around. */
const VISIBLE = /^[^\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]*$/u;

const status = fc.record(
  {
    kind: fc.constant('Status'),
    code: fc.oneof(fc.integer(), fc.jsonValue()),
    message: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
    reason: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
    details: fc.oneof(
      fc.record({ causes: fc.jsonValue(), retryAfterSeconds: fc.oneof(fc.double(), fc.jsonValue()) }),
      fc.jsonValue(),
    ),
  },
  { requiredKeys: ['kind'] },
);

fuzz({
  name: 'refusal',
  generated: fc.oneof(
    status.map((value) => Buffer.from(JSON.stringify(value))),
    fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
  ),
  tokens: [
    '<title',
    '>',
    '<html>',
    '\u001b[2J',
    '\u0000',
    '\\u001b',
    '"',
    '\\',
    ' ',
    '299 - "',
    '31536000',
    '-1',
    '1e999',
  ],
  runs: 1000,
  async check(body, cuts) {
    const text = body.toString('latin1').replace(/[^\x20-\x7e]/g, '');
    const read = await readStatus({
      status: 503,
      headers: { 'content-type': text.slice(0, 20), 'retry-after': text.slice(0, 20), date: text.slice(-30) },
      body: (async function* () {
        yield* chunksOf(body, cuts);
      })(),
    });
    const { code, reason, message, details } = read;
    expect(code).toBe(503);
    const texts = [reason, message, ...details.causes.flatMap((cause) => Object.values(cause))];
    for (const one of texts) {
      expect(one).toMatch(VISIBLE);
      expect(one.length).toBeLessThan(LONGEST * 6);
    }
    const { retryAfterSeconds = 0 } = details;
    expect(Number.isSafeInteger(retryAfterSeconds) && retryAfterSeconds >= 0).toBe(true);

    const told: object[] = [];
    const logger = { warn: (fields: object) => void told.push(fields) };
    new ServerWarnings(logger as never).report(body.toString('latin1'), text);
    for (const value of told.flatMap((fields) => Object.values(fields))) expect(value).toMatch(VISIBLE);
  },
});
