/** Owns the proof that a watch body is read as a naive reader reads it, or refused, whatever its bytes are. */
import { createIndexer, type KubernetesObject, ProtocolError } from '@firn/core';
import { Entry, Packer } from '@firn/core/engine';
import fc from 'fast-check';
import { expect } from 'vitest';
import { chunksOf, fuzz } from '../../test-support/fuzz.ts';
import { WatchFrameTaker } from '../reflector/watch-frame-taker.ts';
import { FrameSplitter } from './frame-splitter.ts';
import { createObjectDecoder } from './json-object-decoder.ts';
import { KindLearningDecoder } from './kind-learning-decoder.ts';
import type { ObjectDecoder, WatchFrame } from './object-decoder.ts';
import { PackingDecoder } from './packing-decoder.ts';

const EXPECTED = { apiVersion: 'v1', kind: 'Secret' };
const NEWLINE = 0x0a;

const indexer = createIndexer({ ignoreFields: ['metadata.managedFields'] });

/** What is known of a frame in the end: JSON keeps the order of members, and names such as `__proto__`. */
function known(frame: WatchFrame): string {
  if (!('object' in frame)) return JSON.stringify(frame);
  const { type, object } = frame;
  if (type !== 'DELETED') {
    const read = object instanceof Entry ? (object as Entry<KubernetesObject>).glimpse : object;
    return `${type} ${JSON.stringify(indexer.filterFields(read))}`;
  }
  const { namespace = '', name, uid = '', resourceVersion } = 'metadata' in object ? object.metadata : object;
  return `${type} ${JSON.stringify([namespace ?? '', name, uid, resourceVersion])}`;
}

/** The frames up to the first that is refused, and how it is refused. */
function readAll(frames: Iterable<Uint8Array | WatchFrame>, decoder: ObjectDecoder): readonly string[] {
  const read: string[] = [];
  try {
    for (const frame of frames)
      read.push(known(frame instanceof Uint8Array ? decoder.decodeWatchFrame(frame) : frame));
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    expect(error.message.length).toBeLessThan(1000);
    expect(error.message).toMatch(/^[^\p{Cc}\u202a-\u202e]*$/u);
    read.push(error.code);
  }
  return read;
}

function naiveFrames(body: Buffer): Uint8Array[] {
  const frames: Uint8Array[] = [];
  let from = 0;
  for (let at = 0; at <= body.length; at++) {
    if (at < body.length && body[at] !== NEWLINE) continue;
    if (at > from) frames.push(body.subarray(from, at));
    from = at + 1;
  }
  return frames;
}

const object = fc.record(
  {
    apiVersion: fc.constantFrom('v1', 'v1', 'v1', 'v2'),
    kind: fc.constantFrom('Secret', 'Secret', 'Secret', 'Pod', 'Table'),
    metadata: fc.record(
      {
        name: fc.constantFrom('a', '__proto__', 'ü'),
        namespace: fc.constantFrom('shop', '', 'a\u0000b'),
        uid: fc.constantFrom('u', ''),
        resourceVersion: fc.constantFrom('1', '99999999999999999999', ''),
        annotations: fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })),
        managedFields: fc.jsonValue(),
      },
      { requiredKeys: ['name', 'resourceVersion'] },
    ),
    data: fc.jsonValue(),
  },
  { requiredKeys: ['metadata'] },
);
const line = fc.oneof(
  fc
    .tuple(fc.constantFrom('ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR', 'OTHER'), object)
    .map(([type, value]) => `{"type":"${type}","object":${JSON.stringify(value)}}`),
  fc.constantFrom('', '{}', '\r', '\u2028', 'null'),
);

fuzz({
  name: 'watch-frames',
  generated: fc.array(line, { maxLength: 5 }).map((lines) => Buffer.from(lines.join('\n'))),
  tokens: [
    '\n',
    '\r\n',
    '"',
    '\\',
    '{',
    '[',
    '}',
    ',',
    '\\u0000',
    '\\ud800',
    '"__proto__":',
    '1e999',
    'null',
  ],
  runs: 1500,
  check(body, cuts) {
    const decoder = new PackingDecoder(
      'v1',
      new Packer(indexer),
      new KindLearningDecoder(EXPECTED),
      'Secret',
    );
    const splitter = new FrameSplitter();
    const taker = new WatchFrameTaker(decoder);
    const taken = [
      ...chunksOf(body, cuts).flatMap((chunk) => splitter.push(chunk, taker)),
      ...[splitter.end()].filter((rest) => rest.length > 0),
    ];
    const parsed = readAll(naiveFrames(body), createObjectDecoder(EXPECTED));
    expect(readAll(taken, decoder)).toEqual(parsed);

    const limit = 100;
    const bounded = new FrameSplitter({ limit });
    const isTooLarge = naiveFrames(body).some((frame) => frame.length > limit);
    const push = (): number => {
      for (const chunk of chunksOf(body, cuts)) bounded.push(chunk);
      return bounded.end().length;
    };
    if (isTooLarge) expect(push).toThrow(expect.objectContaining({ code: 'FRAME_TOO_LARGE' }));
    else expect(push()).toBeLessThanOrEqual(limit);
  },
});
