/** Owns the behaviour of resource types as text. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from './errors.ts';
import { formatGvr, parseGvr } from './gvr.ts';

describe('a resource type', () => {
  it.each([
    ['networking.k8s.io/v1/ingresses', { group: 'networking.k8s.io', version: 'v1', resource: 'ingresses' }],
    ['v1/secrets', { group: '', version: 'v1', resource: 'secrets' }],
    ['apps/v1/deployments', { group: 'apps', version: 'v1', resource: 'deployments' }],
    ['example.com/foo1/things', { group: 'example.com', version: 'foo1', resource: 'things' }],
    ['example.com/v1alpha1/foo-bars', { group: 'example.com', version: 'v1alpha1', resource: 'foo-bars' }],
  ])('%s is parsed, and written as it was', (text, gvr) => {
    expect(parseGvr(text)).toEqual(gvr);
    expect(formatGvr(parseGvr(text))).toBe(text);
    expect(Object.isFrozen(parseGvr(text))).toBe(true);
  });

  it.each([
    '',
    '/',
    'secrets',
    '/v1/secrets',
    'v1/',
    '/secrets',
    'v1/secrets/',
    '//',
    'a/b/c/d',
    'apps/v1',
    'apps/deployments',
    'v1/Secrets',
    'V1/secrets',
    '1/secrets',
    'apps//deployments',
    'Apps/v1/deployments',
    'a_b/v1/x',
    '-a/v1/x',
    'a-/v1/x',
    'a..b/v1/x',
    '.a/v1/x',
    'a.-b/v1/x',
    'v1/pods/log',
    ' v1/secrets',
    'v1/secrets ',
    'v1/secrets\n',
    'v1 /secrets',
    'v1/se crets',
    'v1/../secrets',
    'v1/a.b',
    'v1/secrets?x=1',
    'v1/%2e',
    `v1/${'a'.repeat(300)}`,
    `${'a'.repeat(300)}/v1/pods`,
    '/'.repeat(100_000),
    'x'.repeat(1_000_000),
    undefined,
    null,
    5,
    {},
    ['v1', 'pods'],
    Symbol('v1/pods'),
    Object.create(null),
  ])('that is wrong is a ConfigError (%#)', (text) => {
    let error: unknown;
    try {
      parseGvr(text as string);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ code: 'INVALID_GVR', retryable: false });
    expect((error as Error).message).toMatch(/'networking\.k8s\.io\/v1\/ingresses'/);
    expect((error as Error).message.length).toBeLessThan(600);
  });

  it('property: is the same after writing and parsing', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
    const group = fc
      .array(word, { maxLength: 4 })
      .map((words) => words.join('.'))
      // A group that reads as a version is refused: see above.
      .filter((name) => !/^v\d+((alpha|beta)\d+)?$/.test(name));
    fc.assert(
      fc.property(
        fc.record({ group, version: fc.constantFrom('v1', 'v2beta1', 'v10alpha3'), resource: word }),
        (gvr) => {
          expect(parseGvr(formatGvr(gvr))).toEqual(gvr);
        },
      ),
    );
  });
});
