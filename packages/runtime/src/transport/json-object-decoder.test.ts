import { ProtocolError } from '@firn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createObjectDecoder, type ObjectExpectation } from './json-object-decoder.ts';
import type { ItemDefaults } from './object-decoder.ts';

const INGRESS: ObjectExpectation = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' };
const DEFAULTS: ItemDefaults = INGRESS;

function bytes(value: unknown): Uint8Array {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
}

function item(value: unknown, expected = INGRESS, defaults = DEFAULTS) {
  return createObjectDecoder(expected).decodeListItem(bytes(value), defaults);
}

function frame(value: unknown, expected = INGRESS) {
  return createObjectDecoder(expected).decodeWatchFrame(bytes(value));
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

const metadata = { name: 'a', namespace: 'n', uid: 'u', resourceVersion: '7' };
const whole = { ...INGRESS, metadata };

describe('decodeListItem', () => {
  it('rule 8: puts apiVersion and kind of the list in front where the item has none', () => {
    const decoded = item({ metadata, spec: {} });
    expect(decoded).toEqual({ ...whole, spec: {} });
    expect(Object.keys(decoded)).toEqual(['apiVersion', 'kind', 'metadata', 'spec']);
  });

  it('rule 8: compares only what is there', () => {
    expect(item({ ...INGRESS, metadata })).toEqual(whole);
    expect(item({ kind: 'Ingress', metadata })).toEqual(whole);
    expect(failureOf(() => item({ kind: 'Service', metadata })).code).toBe('WRONG_KIND');
    expect(failureOf(() => item({ apiVersion: 'v1', metadata })).code).toBe('WRONG_KIND');
    const otherList = { apiVersion: 'v1', kind: 'Service' };
    expect(failureOf(() => item({ metadata }, INGRESS, otherList)).code).toBe('WRONG_KIND');
  });

  it('takes the kind of the list where none is expected, and any where the list has none', () => {
    const unknown = { apiVersion: 'networking.k8s.io/v1' };
    expect(item({ metadata }, unknown)).toEqual(whole);
    expect(item({ metadata }, unknown, {})).toEqual({ apiVersion: 'networking.k8s.io/v1', metadata });
    expect(item({ kind: 'Ingress', metadata }, unknown, {})).toEqual(whole);
  });

  it('rule 23: gives metadata-only objects their own apiVersion and kind back', () => {
    const partial = { apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata', metadata };
    const only = { ...INGRESS, metadataOnly: true };
    expect(item(partial, only)).toEqual(whole);
    expect(item({ metadata }, only, partial)).toEqual(whole);
    expect(Object.keys(item(partial, only))[0]).toBe('apiVersion');
    expect(item({ metadata, spec: {} }, only)).toEqual({ ...whole, spec: {} });
    expect(failureOf(() => item(partial)).code).toBe('WRONG_KIND');
  });

  it.each([
    ['no metadata', {}, 'INVALID_METADATA'],
    ['metadata that is a list', { metadata: [] }, 'INVALID_METADATA'],
    ['no name', { metadata: { resourceVersion: '1' } }, 'INVALID_METADATA'],
    ['an empty name', { metadata: { ...metadata, name: '' } }, 'INVALID_METADATA'],
    ['a name that is a number', { metadata: { ...metadata, name: 5 } }, 'INVALID_METADATA'],
    ['a namespace that is no text', { metadata: { ...metadata, namespace: {} } }, 'INVALID_METADATA'],
    ['a uid that is no text', { metadata: { ...metadata, uid: null } }, 'INVALID_METADATA'],
    ['no RV', { metadata: { name: 'a' } }, 'MISSING_RESOURCE_VERSION'],
    ['an empty RV', { metadata: { name: 'a', resourceVersion: '' } }, 'MISSING_RESOURCE_VERSION'],
    ['an RV that is a number', { metadata: { name: 'a', resourceVersion: 7 } }, 'MISSING_RESOURCE_VERSION'],
    ['a list', '[]', 'NOT_AN_OBJECT'],
    ['JSON that breaks off', '{"metadata":', 'MALFORMED_JSON'],
    ['a Table', { apiVersion: 'meta.k8s.io/v1', kind: 'Table' }, 'WRONG_KIND'],
    ['a Status', { apiVersion: 'v1', kind: 'Status' }, 'WRONG_KIND'],
    ['a kind that is a number', { kind: 5, metadata }, 'WRONG_KIND'],
  ])('rule 12: refuses an object with %s', (_what, value, code) => {
    expect(failureOf(() => item(value)).code).toBe(code);
  });

  it('accepts an RV that is not a number: it is compared for equality only', () => {
    expect(item({ metadata: { ...metadata, resourceVersion: 'abc' } }).metadata.resourceVersion).toBe('abc');
  });

  it('keeps __proto__ as data', () => {
    const decoded = item('{"metadata":{"name":"a","resourceVersion":"1"},"__proto__":{"polluted":true}}');
    expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
    expect(Object.hasOwn(decoded, '__proto__')).toBe(true);
    expect('polluted' in decoded).toBe(false);
  });

  it('keeps lone surrogates and U+2028 as they are', () => {
    const data = '"\\ud800 \u2028 é"';
    expect(item(`{"metadata":${JSON.stringify(metadata)},"data":${data}}`)).toMatchObject({
      data: JSON.parse(data),
    });
  });

  it('refuses bytes that are not UTF-8', () => {
    const text = Buffer.from('{"metadata":{"name":"a\xff","resourceVersion":"1"}}', 'latin1');
    expect(failureOf(() => createObjectDecoder(INGRESS).decodeListItem(text, DEFAULTS)).code).toBe(
      'MALFORMED_JSON',
    );
  });

  it('decodes what JSON.parse decodes', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), (more) => {
        const value = { ...more, ...whole };
        expect(item(value)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('decodeWatchFrame', () => {
  it('gives type and object', () => {
    for (const type of ['ADDED', 'MODIFIED', 'DELETED'] as const) {
      expect(frame({ type, object: whole })).toEqual({ type, object: whole });
    }
  });

  it('rule 3: tells the bookmark that ends the initial events by the exact annotation', () => {
    const bookmark = (annotations?: unknown) =>
      frame({ type: 'BOOKMARK', object: { ...INGRESS, metadata: { resourceVersion: '9', annotations } } });
    expect(bookmark({ 'k8s.io/initial-events-end': 'true' })).toEqual({
      type: 'BOOKMARK',
      resourceVersion: '9',
      initialEventsEnd: true,
    });
    for (const annotations of [undefined, null, {}, { 'k8s.io/initial-events-end': 'True' }]) {
      expect(bookmark(annotations)).toMatchObject({ initialEventsEnd: false });
    }
  });

  it('rule 13: reads the Status of an error', () => {
    const status = {
      kind: 'Status',
      code: 410,
      reason: 'Expired',
      message: 'too old\u001b[2J',
      details: { retryAfterSeconds: 3, causes: [{ reason: 'ResourceVersionTooLarge', message: 'm' }, 5] },
    };
    expect(frame({ type: 'ERROR', object: status })).toEqual({
      type: 'ERROR',
      status: {
        code: 410,
        reason: 'Expired',
        message: 'too old\\u001b[2J',
        details: { retryAfterSeconds: 3, causes: [{ reason: 'ResourceVersionTooLarge', message: 'm' }] },
      },
    });
    expect(frame({ type: 'ERROR', object: {} })).toMatchObject({
      status: { code: 500, reason: 'InternalError' },
    });
  });

  it.each([
    ['a line that is no JSON', 'nonsense', 'MALFORMED_JSON'],
    ['an HTML page', '<html>', 'MALFORMED_JSON'],
    ['no object', { type: 'ADDED' }, 'NOT_A_WATCH_EVENT'],
    ['an unknown type', { type: 'CHANGED', object: whole }, 'NOT_A_WATCH_EVENT'],
    ['a bare Status', { kind: 'Status', code: 500 }, 'NOT_A_WATCH_EVENT'],
    ['a list', [], 'NOT_A_WATCH_EVENT'],
    ['a Table', { type: 'ADDED', object: { kind: 'Table', apiVersion: 'meta.k8s.io/v1' } }, 'WRONG_KIND'],
    ['another kind', { type: 'ADDED', object: { ...whole, kind: 'Service' } }, 'WRONG_KIND'],
    ['no RV', { type: 'ADDED', object: { ...INGRESS, metadata: { name: 'a' } } }, 'MISSING_RESOURCE_VERSION'],
    ['a bookmark without RV', { type: 'BOOKMARK', object: { metadata: {} } }, 'MISSING_RESOURCE_VERSION'],
    ['a bookmark without metadata', { type: 'BOOKMARK', object: {} }, 'INVALID_METADATA'],
    ['deep nesting', ` \n{"type":"ADDED","object":${'{"a":'.repeat(100_000)}`, 'NESTING_TOO_DEEP'],
    ['deep arrays', `{"object":{"a":${'['.repeat(600)}${']'.repeat(600)}}}`, 'NESTING_TOO_DEEP'],
  ])('rule 25: refuses %s', (_what, value, code) => {
    expect(failureOf(() => frame(value)).code).toBe(code);
  });

  it('says nothing of the contents in its errors', () => {
    const broken = '{"type":"ADDED","object":{"data":{"password":"hunter2"} hunter2';
    const nameless = { type: 'ADDED', object: { ...INGRESS, metadata: {}, data: 'hunter2' } };
    for (const value of [broken, nameless]) {
      const error = failureOf(() => frame(value));
      expect(`${error.message} ${error.cause}`).not.toContain('hunter2');
    }
  });
});

describe('decodeObject', () => {
  const decode = (value: unknown) => createObjectDecoder(INGRESS).decodeObject(bytes(value));

  it('checks an object by itself', () => {
    expect(decode(whole)).toEqual(whole);
    expect(failureOf(() => decode('"x"')).code).toBe('NOT_AN_OBJECT');
    expect(failureOf(() => decode(`{"a":${'['.repeat(2000)}`)).code).toBe('NESTING_TOO_DEEP');
  });
});
