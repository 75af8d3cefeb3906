import { ProtocolError } from '@firn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ListEnvelope } from './list-envelope.ts';
import { ListSplitter, type ListSplitterOptions } from './list-splitter.ts';

/** Cuts bytes at the given places. */
function chunksOf(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((start, index) => bytes.subarray(start, places[index]));
}

function split(
  chunks: Iterable<Uint8Array>,
  options?: ListSplitterOptions,
): { items: unknown[]; envelope: ListEnvelope; splitter: ListSplitter } {
  const splitter = new ListSplitter(options);
  const items: unknown[] = [];
  for (const chunk of chunks) {
    for (const item of splitter.push(chunk)) items.push(JSON.parse(Buffer.from(item).toString('utf8')));
  }
  return { items, envelope: splitter.end(), splitter };
}

function splitText(text: string, options?: ListSplitterOptions): ReturnType<typeof split> {
  return split([Buffer.from(text)], options);
}

function failureOf(run: () => unknown): ProtocolError {
  try {
    run();
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const items = fc.array(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), { maxLength: 6 });
const metadata = fc.record(
  { resourceVersion: fc.stringMatching(/^[1-9]\d{0,9}$/), continue: fc.base64String({ minLength: 1 }) },
  { requiredKeys: [] },
);
const list = fc.record({ kind: fc.constant('PodList'), apiVersion: fc.constant('v1'), metadata, items });

/** Any order of members, any white space. */
const listText = fc
  .tuple(
    list,
    fc.shuffledSubarray(['kind', 'apiVersion', 'metadata', 'items'] as const, { minLength: 4 }),
    fc.constantFrom('', ' ', '\n\t', '\r\n  '),
    fc.boolean(),
  )
  .map(([value, order, space, unknownMember]) => {
    const members: string[] = order.map(
      (name) => `"${name}"${space}:${space}${JSON.stringify(value[name], null, space.length)}`,
    );
    if (unknownMember) members.splice(2, 0, '"extra"  : [{"items": [1, "]}"]}, -1.5e3, null]');
    return { value, text: `${space}{${space}${members.join(`${space},${space}`)}${space}}${space}` };
  });

describe('ListSplitter', () => {
  it('cuts out the items that JSON.parse finds, however the bytes are chunked', () => {
    fc.assert(
      fc.property(listText, fc.array(fc.nat(), { maxLength: 20 }), ({ value, text }, cuts) => {
        const { items: found, envelope } = split(chunksOf(Buffer.from(text), cuts));
        const parsed = JSON.parse(text);
        expect(found).toEqual(parsed.items);
        expect(envelope).toEqual({ kind: 'PodList', apiVersion: 'v1', metadata: value.metadata });
      }),
      { numRuns: 400 },
    );
  });

  it('gives the same for single bytes', () => {
    fc.assert(
      fc.property(listText, ({ text }) => {
        const bytes = Buffer.from(text);
        const single = Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
        expect(split(single).items).toEqual(JSON.parse(text).items);
      }),
      { numRuns: 50 },
    );
  });

  it('never accepts what JSON.parse refuses, and then gives the same items', () => {
    const mutation = fc.record({ at: fc.nat(), byte: fc.constantFrom(...'{}[]",:\\ 0e-ntx\n') });
    fc.assert(
      fc.property(listText, fc.array(mutation, { minLength: 1, maxLength: 3 }), ({ text }, mutations) => {
        const bytes = Buffer.from(text);
        for (const { at, byte } of mutations) bytes[at % bytes.length] = byte.charCodeAt(0);
        let found: unknown[] | undefined;
        try {
          found = split([bytes]).items;
        } catch {
          return;
        }
        expect(found).toEqual(JSON.parse(bytes.toString('utf8')).items ?? []);
      }),
      { numRuns: 2000 },
    );
  });

  it('hands an item on as soon as its last byte is there', () => {
    const splitter = new ListSplitter();
    expect(splitter.push(Buffer.from('{"kind":"PodList","items":[{"a":1'))).toHaveLength(0);
    expect(splitter.push(Buffer.from('},{"b":"}'))).toHaveLength(1);
    expect(splitter.push(Buffer.from('"}'))).toHaveLength(1);
    expect(splitter.kind).toBe('PodList');
  });

  it('looks at each byte once, however small the chunks of a big item are', () => {
    const text = `{"kind":"PodList","items":[{"data":"${'x\\"{'.repeat(100_000)}"}]}`;
    const bytes = Buffer.from(text);
    const chunks = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, i) =>
      bytes.subarray(7 * i, 7 * i + 7),
    );
    const { items: found, splitter } = split(chunks);
    expect(found).toEqual(JSON.parse(text).items);
    expect(splitter.scanned).toBeLessThanOrEqual(bytes.length);
  });

  it('reads the envelope: empty texts count as absent', () => {
    const text =
      '{"kind":"PodList","metadata":{"resourceVersion":"7","continue":"","remainingItemCount":3,"selfLink":"/x","shardInfo":{"selector":"s"}},"items":[]}';
    expect(splitText(text).envelope.metadata).toEqual({
      resourceVersion: '7',
      remainingItemCount: 3,
      selfLink: '/x',
      shardInfo: { selector: 's' },
    });
  });

  it('takes items: null as empty', () => {
    expect(splitText('{"kind":"PodList","items":null}').items).toEqual([]);
  });

  it.each([
    ['an HTML page', '<!doctype html><title>Sign in</title>', 'NOT_A_LIST'],
    ['an array', '[]', 'NOT_A_LIST'],
    ['plain text', 'unauthorized', 'NOT_A_LIST'],
    ['a Status', '{"kind":"Status","code":500}', 'NOT_A_LIST'],
    ['a Table', '{"kind":"Table","rows":[]}', 'NOT_A_LIST'],
    ['a single object', '{"kind":"Pod","metadata":{}}', 'NOT_A_LIST'],
    ['no kind', '{"items":[]}', 'NOT_A_LIST'],
    ['no items', '{"kind":"PodList"}', 'NOT_A_LIST'],
    ['a kind that is no text', '{"kind":5,"items":[]}', 'NOT_A_LIST'],
    ['a body that is empty', '', 'TRUNCATED_LIST'],
    ['a body cut within an item', '{"kind":"PodList","items":[{"a":', 'TRUNCATED_LIST'],
    ['a body cut after an item', '{"kind":"PodList","items":[{}', 'TRUNCATED_LIST'],
    ['a body cut before its last brace', '{"kind":"PodList","items":[]', 'TRUNCATED_LIST'],
    ['an item that is no object', '{"kind":"PodList","items":[1]}', 'MALFORMED_JSON'],
    ['items that are no array', '{"kind":"PodList","items":{}}', 'MALFORMED_JSON'],
    ['items twice', '{"kind":"PodList","items":[],"items":[]}', 'MALFORMED_JSON'],
    ['a comma too many', '{"kind":"PodList","items":[{},]}', 'MALFORMED_JSON'],
    ['a comma missing', '{"kind":"PodList","items":[{}{}]}', 'MALFORMED_JSON'],
    ['something behind the end', '{"kind":"PodList","items":[]}{', 'MALFORMED_JSON'],
    ['a literal that is none', '{"kind":"PodList","x":nul,"items":[]}', 'MALFORMED_JSON'],
    ['metadata that is no object', '{"kind":"PodList","metadata":7,"items":[]}', 'INVALID_LIST_METADATA'],
    [
      'an RV that is a number',
      '{"kind":"PodList","metadata":{"resourceVersion":7},"items":[]}',
      'INVALID_LIST_METADATA',
    ],
    ['512 levels and one', `{"kind":"PodList","items":[${'{"a":'.repeat(513)}`, 'NESTING_TOO_DEEP'],
    ['deep metadata', `{"kind":"PodList","metadata":${'['.repeat(100_000)}`, 'NESTING_TOO_DEEP'],
  ])('refuses %s', (_what, text, code) => {
    expect(failureOf(() => splitText(text)).code).toBe(code);
  });

  it('accepts 512 levels', () => {
    const deep = `${'{"a":'.repeat(511)}{}${'}'.repeat(511)}`;
    expect(splitText(`{"kind":"PodList","items":[${deep}]}`).items).toEqual([JSON.parse(deep)]);
  });

  it('refuses an item above the limit before it has arrived in full', () => {
    const splitter = new ListSplitter({ itemLimit: 100 });
    splitter.push(Buffer.from('{"kind":"PodList","items":[{"a":"'));
    expect(failureOf(() => splitter.push(Buffer.alloc(101, 'x'))).code).toBe('FRAME_TOO_LARGE');
  });

  it('names the content type of what is no list, and where the body went wrong', () => {
    const page = failureOf(() => splitText('<html>', { contentType: 'text/html; charset=utf-8' }));
    expect(page.message).toContain('text/html');
    expect(page.offset).toBe(0);
    const chunks = ['{"kind":"PodList",', '"items":[7'].map((text) => Buffer.from(text));
    expect(failureOf(() => split(chunks)).offset).toBe(27);
  });

  it('stays failed', () => {
    const splitter = new ListSplitter();
    const first = failureOf(() => splitter.push(Buffer.from('<')));
    expect(failureOf(() => splitter.push(Buffer.from('{')))).toBe(first);
    expect(failureOf(() => splitter.end())).toBe(first);
  });

  it('says nothing of the contents in its errors', () => {
    const body = '{"kind":"SecretList","items":[{"data":{"password":"hunter2"}},hunter2]}';
    expect(failureOf(() => splitText(body)).message).not.toContain('hunter2');
  });
});
