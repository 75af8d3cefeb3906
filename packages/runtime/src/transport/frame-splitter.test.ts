import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { FrameSplitter } from './frame-splitter.ts';

function texts(splitter: FrameSplitter, chunks: Iterable<Uint8Array>): string[] {
  return [...chunks].flatMap((chunk) =>
    splitter.push(chunk).map((frame) => Buffer.from(frame).toString('utf8')),
  );
}

describe('FrameSplitter', () => {
  it('rule 25: gives what splitting the text at newlines gives, however the bytes are chunked', () => {
    const line = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', '\u2028', '\u2029', '\r', 'é\u0085'),
    );
    const text = fc.array(line).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 12 }), (given, cuts) => {
        const bytes = Buffer.from(given);
        const places = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b);
        const chunks = [0, ...places].map((start, index) => bytes.subarray(start, places[index]));
        const splitter = new FrameSplitter();
        const frames = texts(splitter, chunks);
        const expected = bytes.toString('utf8').split('\n');
        const rest = expected.pop() ?? '';
        expect(frames).toEqual(expected.filter((frame) => frame !== ''));
        expect(Buffer.from(splitter.end()).toString('utf8')).toBe(rest);
      }),
      { numRuns: 500 },
    );
  });

  it('copies each byte a bounded number of times, however small the chunks are', () => {
    const set = vi.spyOn(Uint8Array.prototype, 'set');
    try {
      const splitter = new FrameSplitter();
      const piece = Buffer.alloc(100, 'x');
      for (let count = 0; count < 10_000; count++) splitter.push(piece);
      const [frame] = splitter.push(Buffer.from('\n'));
      expect(frame).toHaveLength(1_000_000);
      const copied = set.mock.calls.reduce((sum, [source]) => sum + source.length, 0);
      expect(copied).toBeLessThan(4 * 1_000_000);
    } finally {
      set.mockRestore();
    }
  });

  it('refuses a frame above the limit, finished or not', () => {
    const unfinished = new FrameSplitter({ limit: 10 });
    unfinished.push(Buffer.from('ok\n12345'));
    expect(() => unfinished.push(Buffer.from('678901'))).toThrow(
      expect.objectContaining({ code: 'FRAME_TOO_LARGE', offset: 3 }),
    );
    expect(() => new FrameSplitter({ limit: 10 }).push(Buffer.from('12345678901\n'))).toThrow(
      expect.objectContaining({ code: 'FRAME_TOO_LARGE' }),
    );
    expect(new FrameSplitter({ limit: 10 }).push(Buffer.from('1234567890\n'))).toHaveLength(1);
  });

  it('gives at the end what no newline followed, once', () => {
    const splitter = new FrameSplitter();
    splitter.push(Buffer.from('{}\n'));
    expect(splitter.end()).toHaveLength(0);
    splitter.push(Buffer.from('{}\n{"type"'));
    expect(Buffer.from(splitter.end())).toEqual(Buffer.from('{"type"'));
    expect(splitter.end()).toHaveLength(0);
  });
});
