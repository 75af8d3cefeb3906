/** Owns the proof that a reference gives back what it was made of, in whichever form it keeps it. */
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StoreError } from './errors.ts';
import { ReferenceEntry } from './reference-entry.ts';

function made(uid: string | undefined, version: string | undefined): ReferenceEntry<unknown> {
  return ReferenceEntry.of('shop', 'a', undefined, uid, version);
}

const UUID = '6b1a9f4e-0c2d-4e8f-9a7b-00ff10e0d3c4';

describe('a reference', () => {
  it.each([
    UUID,
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    UUID.toUpperCase(),
    UUID.replace('b', 'B'),
    UUID.replaceAll('-', ''),
    `${UUID}0`,
    `${UUID}\n`,
    UUID.slice(1),
    ` ${UUID.slice(1)}`,
    UUID.replace('6', 'g'),
    '\u0000\u0001\u00ff0123456789abc',
    'ünïcödé',
    'u-1',
    '',
  ])('gives back the uid it was given: %j', (uid) => {
    expect(made(uid, undefined).uid).toBe(uid);
  });

  it('gives back any uid, and tells any two apart', () => {
    const uuid = fc.uuid();
    const uid = fc.oneof(
      uuid,
      fc.string({ unit: 'binary' }),
      // What the packed form of one looks like.
      uuid.map((text) => Buffer.from(text.replaceAll('-', ''), 'hex').toString('latin1')),
      uuid.map((text) => text.toUpperCase()),
    );
    fc.assert(
      fc.property(uid, uid, (one, other) => {
        expect(made(one, '1').uid).toBe(one);
        expect(made(one, '1').isRecreatedAs(made(other, '1'))).toBe(one !== other);
      }),
    );
  });

  it.each(
    [
      ['0', '1', '12', '999999999999999', '1000000000000000', '9007199254740993'],
      ['340282366920938463463374607431768211455', '00', '007', '-0', '-1', '+1', '1.0', '1e3', '1E3', '.5'],
      ['0x10', '0b1', ' 1', '1 ', '', 'abc', 'Infinity', 'NaN', '१'],
    ].flat(),
  )('gives back the version it was given: %j', (version) => {
    expect(made(undefined, version).resourceVersion).toBe(version);
  });

  it('gives back any version', () => {
    const version = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 128n }).map(String), fc.string());
    fc.assert(
      fc.property(version, (text) => {
        expect(made(undefined, text).resourceVersion).toBe(text);
      }),
    );
  });

  it('has neither where it was given neither', () => {
    const entry = made(undefined, undefined);
    expect([entry.uid, entry.resourceVersion]).toEqual([undefined, undefined]);
    expect(entry.ref).toEqual({ namespace: 'shop', name: 'a', keys: ['shop', 'a'] });
  });

  it('shows what it refers to, and is frozen', () => {
    const keys = Object.freeze(['x']);
    const entry = ReferenceEntry.of('shop', 'a', { keys, secondary: undefined }, UUID, '12');
    const ref = { namespace: 'shop', name: 'a', uid: UUID, resourceVersion: '12', keys: ['x'] };
    expect(entry.ref).toEqual(ref);
    expect(JSON.parse(JSON.stringify(entry))).toEqual(ref);
    expect(inspect(entry)).toContain(UUID);
    expect([entry.isFiledByIdentity, Object.isFrozen(entry), Object.isFrozen(entry.ref)]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('has no resource, and says what to do', () => {
    const entry = made(UUID, '12');
    expect(entry.hasResource).toBe(false);
    for (const read of [() => entry.resource, () => entry.glimpse]) {
      expect(read).toThrow(StoreError);
      expect(read).toThrow(expect.objectContaining({ code: 'NO_RESOURCE', keys: ['shop', 'a'] }));
      expect(read).toThrow(/reference of "shop\/a" .* Fetch it/);
    }
    entry.release();
    expect(entry.uid).toBe(UUID);
  });
});
