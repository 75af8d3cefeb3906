import { describe, expect, it } from 'vitest';
import { readStatus } from './read-status.ts';
import { TransportError } from './transport-error.ts';

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

const NOW = Date.UTC(2026, 9, 21, 7, 28, 2);

function read(status: number, text: string, headers: Record<string, string> = {}) {
  return readStatus({ status, headers, body: chunks(text) }, NOW);
}

describe('readStatus', () => {
  it('reads a Status', async () => {
    const body = {
      kind: 'Status',
      code: 403,
      reason: 'Forbidden',
      message: 'no',
      details: { retryAfterSeconds: 2 },
    };
    expect(await read(403, JSON.stringify(body))).toEqual({
      code: 403,
      reason: 'Forbidden',
      message: 'no',
      details: { causes: [], retryAfterSeconds: 2 },
    });
  });

  it('goes by the HTTP status where a Status says something else', async () => {
    expect(await read(503, '{"kind":"Status","code":200}')).toMatchObject({
      code: 503,
      reason: 'ServiceUnavailable',
    });
  });

  it('takes plain text, with control characters visible and cut short', async () => {
    const { message, reason } = await read(404, `404 page not found\u0007${'x'.repeat(10_000)}`);
    expect(message).toMatch(/^404 page not found\\u0007x+…$/);
    expect(message.length).toBeLessThan(400);
    expect(reason).toBe('NotFound');
  });

  it('says that an HTML page came, with its title', async () => {
    const { message } = await read(502, '<html><head><title>Bad\u001bGateway</title>', {
      'content-type': 'text/html',
    });
    expect(message).toContain('HTML page titled "Bad\\u001bGateway"');
  });

  it.each([
    ['seconds', { 'retry-after': '7' }, 7],
    ['a date', { 'retry-after': 'Wed, 21 Oct 2026 07:28:05 GMT', date: 'Wed, 21 Oct 2026 07:28:00 GMT' }, 5],
    [
      'a date in the past',
      { 'retry-after': 'Wed, 21 Oct 2026 07:27:00 GMT', date: 'Wed, 21 Oct 2026 07:28:00 GMT' },
      0,
    ],
    [
      'a date, by the clock where the server tells no time',
      { 'retry-after': 'Wed, 21 Oct 2026 07:28:05 GMT' },
      3,
    ],
    ['nonsense', { 'retry-after': 'soon' }, undefined],
  ])('rule 15: reads Retry-After as %s', async (_what, headers, seconds) => {
    expect((await read(429, '', headers)).details.retryAfterSeconds).toBe(seconds);
  });

  it('rule 15: a date as Retry-After says nothing where neither the server nor a clock tells the time', async () => {
    const headers = { 'retry-after': 'Wed, 21 Oct 2026 07:28:05 GMT' };
    const { details } = await readStatus({ status: 429, headers, body: chunks('') });
    expect(details.retryAfterSeconds).toBeUndefined();
  });

  it('reads at most 64 KiB and lets the rest go', async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        given += 10_000;
        yield Buffer.alloc(10_000, 'x');
      }
    }
    await readStatus({ status: 500, headers: {}, body: endless() });
    expect(given).toBe(70_000);
  });

  it('counts what arrived of a body that breaks off', async () => {
    async function* cut(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half an');
      throw new TransportError('gone', { code: 'TRUNCATED' });
    }
    expect((await readStatus({ status: 500, headers: {}, body: cut() })).message).toBe('half an');
  });

  it.each(['', '{}', '{"kind":"Status","message":5}'])('makes do with %j', async (text) => {
    expect((await read(500, text)).message).toMatch(/500/);
  });
});
