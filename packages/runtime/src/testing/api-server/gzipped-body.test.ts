import { constants, gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { BodySink } from './body-sink.ts';
import { GzippedBody } from './gzipped-body.ts';

class Written implements BodySink {
  readonly chunks: Uint8Array[] = [];

  write(chunk: Uint8Array): boolean {
    this.chunks.push(chunk);
    return true;
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }

  end(): void {}
  close(): void {}
  reset(): void {}
}

const FRAMES = ['{"type":"ADDED"}\n', '{"type":"BOOKMARK"}\n', `{"text":"${'ä'.repeat(300)}"}\n`];

function compress(): Uint8Array[] {
  const written = new Written();
  const body = new GzippedBody(written);
  for (const frame of FRAMES) body.write(Buffer.from(frame));
  return written.chunks;
}

describe('GzippedBody', () => {
  it('rule 24: sends every write as a gzip member that is whole in itself', () => {
    expect(compress().map((member) => gunzipSync(member).toString())).toEqual(FRAMES);
  });

  it('rule 24: its members, one after the other, are one stream', () => {
    expect(gunzipSync(Buffer.concat(compress())).toString()).toBe(FRAMES.join(''));
  });

  it('holds nothing in the last block of a member, which Go hands out only when the next member comes', () => {
    const lastBlockAndTrailer = 10;
    const withoutLastBlock = compress().map((member) =>
      gunzipSync(member.subarray(0, -lastBlockAndTrailer), {
        finishFlush: constants.Z_SYNC_FLUSH,
      }).toString(),
    );
    expect(withoutLastBlock).toEqual(FRAMES);
  });
});
