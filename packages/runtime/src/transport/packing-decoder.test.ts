import { createIndexer, type KubernetesObject, ProtocolError } from '@firn/core';
import { Entry, Packer } from '@firn/core/engine';
import { describe, expect, it } from 'vitest';
import { KindLearningDecoder } from './kind-learning-decoder.ts';
import { PackingDecoder } from './packing-decoder.ts';

const EXPECTED = { apiVersion: 'v1', kind: 'Secret' };
const metadata = { name: 'a', namespace: 'n', uid: 'u', resourceVersion: '7' };
const secret = { ...EXPECTED, metadata };

function decoderFor(expected: { apiVersion: string; kind?: string } = EXPECTED): PackingDecoder {
  const packer = new Packer(createIndexer({ ignoreFields: ['metadata.managedFields'] }));
  return new PackingDecoder(expected.apiVersion, packer, new KindLearningDecoder(expected));
}

function bytes(value: unknown): Buffer {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
}

function entryOf(object: unknown): Entry<KubernetesObject> {
  if (object instanceof Entry) return object;
  throw new Error('it was parsed');
}

function failureOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error instanceof ProtocolError ? error.code : error;
  }
  return undefined;
}

describe('PackingDecoder', () => {
  it('gives items as entries: who they are is known, what they are is read later', () => {
    const item = { ...secret, metadata: { ...metadata, managedFields: [1] }, data: { a: 'ü' } };
    const entry = entryOf(decoderFor().decodeListItem(bytes(item), EXPECTED));
    expect(entry.ref).toEqual({ ...metadata, keys: ['n', 'a'] });
    expect(entry.resource).toEqual({ ...secret, data: { a: 'ü' } });
  });

  it('rule 8: puts apiVersion and kind of the list in front where the item has none', () => {
    const { resource } = entryOf(decoderFor().decodeListItem(bytes({ metadata, data: {} }), EXPECTED));
    expect(JSON.stringify(resource)).toBe(JSON.stringify({ ...secret, data: {} }));
  });

  it('refuses an item without kind that is of another list, and of another kind', () => {
    const other = { apiVersion: 'v1', kind: 'Pod' };
    expect(failureOf(() => decoderFor().decodeListItem(bytes({ metadata }), other))).toBe('WRONG_KIND');
    const pod = { ...other, metadata };
    expect(failureOf(() => decoderFor().decodeListItem(bytes(pod), EXPECTED))).toBe('WRONG_KIND');
  });

  it('takes an item out of a chunk, and says where it ends', () => {
    const item = JSON.stringify(secret);
    const chunk = bytes(`[${item}, `);
    const taken = decoderFor().takeListItem(chunk, 1, EXPECTED);
    expect(taken?.end).toBe(1 + item.length);
    expect(taken?.item.name).toBe('a');
  });

  it('takes nothing that goes on in the next chunk', () => {
    const item = JSON.stringify(secret);
    for (let length = 1; length < item.length; length++) {
      expect(decoderFor().takeListItem(bytes(item.slice(0, length)), 0, EXPECTED)).toBeUndefined();
    }
  });

  it('learns the kind from the first object, and packs that one too', () => {
    const decoder = decoderFor({ apiVersion: 'v1' });
    expect(decoder.takeListItem(bytes(secret), 0, {})).toBeUndefined();
    expect(entryOf(decoder.decodeListItem(bytes(secret), {})).name).toBe('a');
    expect(decoder.takeListItem(bytes(secret), 0, {})?.item.name).toBe('a');
    expect(failureOf(() => decoder.decodeListItem(bytes({ ...secret, kind: 'Pod' }), {}))).toBe('WRONG_KIND');
  });

  it.each(['ADDED', 'MODIFIED'])('gives what was %s as an entry', (type) => {
    const frame = decoderFor().decodeWatchFrame(bytes({ type, object: secret }));
    expect(frame.type).toBe(type);
    expect('object' in frame && entryOf(frame.object).resource).toEqual(secret);
  });

  it('gives what was DELETED as a reference', () => {
    const frame = decoderFor().decodeWatchFrame(bytes({ type: 'DELETED', object: secret }));
    expect(frame).toMatchObject({ type: 'DELETED', object: { ...metadata, keys: [] } });
  });

  it.each([
    ['members the other way round', `{"object":${JSON.stringify(secret)},"type":"ADDED"}`],
    ['white space', JSON.stringify({ type: 'ADDED', object: secret }, undefined, 1)],
    ['more members', JSON.stringify({ type: 'ADDED', object: secret, more: 1 })],
    [
      'a name that comes twice',
      JSON.stringify({ type: 'ADDED', object: secret }).replace('"uid"', '"uid":"x","uid"'),
    ],
  ])('parses a frame with %s', (_what, frame) => {
    expect(decoderFor().decodeWatchFrame(bytes(frame))).toEqual({ type: 'ADDED', object: secret });
  });

  it('rule 25: takes no frame that a newline ends early, wherever JSON would allow one', () => {
    const frame = JSON.stringify({ type: 'ADDED', object: secret });
    expect(decoderFor().takeWatchFrame(bytes(`${frame}\n`), 0)?.end).toBe(frame.length);
    for (const cut of ['{"metadata"', '"name"', ',"uid"', '}}}', '}}']) {
      const at = frame.lastIndexOf(cut);
      const broken = `${frame.slice(0, at + 1)}\n${frame.slice(at + 1)}`;
      expect(decoderFor().takeWatchFrame(bytes(`${broken}\n`), 0)).toBeUndefined();
    }
  });

  it.each([
    ['ends early', '{"type":"ADDED","object":{"metadata":', 'MALFORMED_JSON'],
    ['goes on', `${JSON.stringify({ type: 'ADDED', object: secret })}}`, 'MALFORMED_JSON'],
    [
      'is no UTF-8',
      JSON.stringify({ type: 'ADDED', object: secret }).replace('"u"', '"\xff"'),
      'MALFORMED_JSON',
    ],
    ['is of another kind', { type: 'ADDED', object: { ...secret, kind: 'Pod' } }, 'WRONG_KIND'],
    ['has no kind', { type: 'ADDED', object: { metadata } }, 'WRONG_KIND'],
    [
      'has no version',
      { type: 'DELETED', object: { ...EXPECTED, metadata: { name: 'a' } } },
      'MISSING_RESOURCE_VERSION',
    ],
    [
      'is too deep',
      `{"type":"ADDED","object":{"a":${'['.repeat(512)}${']'.repeat(512)}}}`,
      'NESTING_TOO_DEEP',
    ],
  ])('rule 25: refuses a frame that %s', (_what, frame, code) => {
    const raw = typeof frame === 'string' ? Buffer.from(frame, 'latin1') : bytes(frame);
    expect(failureOf(() => decoderFor().decodeWatchFrame(raw))).toBe(code);
  });
});
