import { describe, expect, it } from 'vitest';
import { defineResourceType } from './resource-type.ts';
import { atVersion, readObject, storeAsItIs, storeObject } from './stored-object.ts';

const TYPE = defineResourceType({
  gvr: 'v1/pods',
  kind: 'Pod',
  selectableFields: ['spec.nodeName', 'spec.hostNetwork', 'status.phase'],
});
const SEVEN = { number: 7, text: '7' };

describe('storeObject', () => {
  it('keeps the JSON of an object, metadata first and in order', () => {
    const object = {
      apiVersion: 'v1',
      kind: 'Pod',
      spec: { a: [1] },
      metadata: { uid: 'u', name: 'p', labels: { x: 'ü' } },
    };
    const stored = storeObject(TYPE, object, SEVEN);
    expect(stored.body.toString()).toBe(
      '"metadata":{"name":"p","uid":"u","resourceVersion":"7","labels":{"x":"ü"}},"spec":{"a":[1]}}',
    );
    expect(stored.body.subarray(0, stored.metadataEnd).toString()).toMatch(/\}\}$/);
    expect(readObject(TYPE, stored)).toEqual({
      ...object,
      metadata: { ...object.metadata, resourceVersion: '7' },
    });
  });

  it('keeps metadata whatever they are, if told to, and the version that the object has', () => {
    const metadata = { selfLink: '/old', name: 'p', resourceVersion: '5', uid: 'u', generation: 3 };
    const object = { apiVersion: 'v1', kind: 'Pod', metadata, spec: {} };
    const stored = storeAsItIs(TYPE, object, 12);
    expect(readObject(TYPE, stored)).toEqual(object);
    expect([stored.version, stored.body.toString('latin1', stored.versionStart, stored.versionEnd)]).toEqual([
      12,
      '5',
    ]);
  });

  it('knows objects of metadata alone', () => {
    const stored = storeObject(TYPE, { metadata: { name: 'p' } }, SEVEN);
    expect(stored.body.toString()).toBe('"metadata":{"name":"p","resourceVersion":"7"}}');
  });

  it('takes out what field selectors ask for, with the defaults of a real server', () => {
    const { fields } = storeObject(TYPE, { metadata: { name: 'p' }, status: { phase: 'Running' } }, SEVEN);
    expect(fields).toEqual(['', 'false', 'Running']);
  });
});

describe('atVersion', () => {
  it('changes the version and nothing else, whatever the lengths', () => {
    const object = { metadata: { name: 'p', labels: { a: 'b' } }, spec: { x: 1 } };
    for (const text of ['8', '12345', '1267650600228229401496703205376']) {
      const moved = atVersion(storeObject(TYPE, object, SEVEN), { number: 8, text });
      const direct = storeObject(TYPE, object, { number: 8, text });
      expect(moved).toEqual(direct);
    }
  });
});
