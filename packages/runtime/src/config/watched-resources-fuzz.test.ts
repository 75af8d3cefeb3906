/** Owns the proof that any text is read as watched resources, or refused with a place and plain words. */
import { ConfigError, formatGvr } from '@firn/core';
import fc from 'fast-check';
import { expect } from 'vitest';
import { parse } from 'yaml';
import { fuzz } from '../../test-support/fuzz.ts';
import { loadWatchedResources } from './load-watched-resources.ts';

const word = fc.constantFrom(
  'constructor',
  '__proto__',
  'toString',
  'pods',
  'Secret',
  'v1',
  'full',
  '15m',
  'metadata.name',
  'spec.rules[*].host',
  'ü\u202e',
  '\u001b[2J',
);
const value = fc.oneof(word, fc.integer(), fc.boolean(), fc.constant(null), fc.array(word, { maxLength: 2 }));
const option = fc.constantFrom(
  'store',
  'index_by',
  'indexes',
  'ignore_fields',
  'cache_ttl',
  'page_size',
  'backoff',
  'label_selector',
  'field_selector',
  'namespace',
  'initial_list',
  'constructor',
  '__proto__',
  'to_string',
);
const resource = fc
  .tuple(
    fc.constantFrom('v1', 'apps/v1', '__proto__'),
    fc.constantFrom('pods', 'constructor'),
    fc.array(fc.tuple(option, value)),
  )
  .map(([version, plural, more]) =>
    // fromEntries makes own properties, `__proto__` among them.
    Object.fromEntries([['api_version', version], ['resources', plural], ...more.slice(0, 2)]),
  );
const file = fc
  .array(fc.tuple(fc.constantFrom('a', 'b', 'constructor', '__proto__', 'toString'), resource), {
    minLength: 1,
    maxLength: 3,
  })
  .map((entries) => Buffer.from(JSON.stringify({ watched_resources: Object.fromEntries(entries) })));

interface Written {
  readonly watched_resources: Readonly<Record<string, { api_version: string; resources: string }>>;
}

fuzz({
  name: 'watched-resources',
  generated: file,
  tokens: [
    '\n',
    ': ',
    '- ',
    '&x ',
    '*x',
    '<<: ',
    '{',
    '}',
    '[',
    ']',
    '!t ',
    '"',
    "'",
    '\t',
    '#',
    '--- ',
    '\\e',
    '%',
    '?',
  ],
  runs: 1000,
  check(input) {
    const text = input.toString('utf8');
    try {
      const { resources } = loadWatchedResources(text, { file: 'firn.yaml' });
      const written = parse(text, { uniqueKeys: false, logLevel: 'silent' }) as Written;
      const names = Object.keys(written.watched_resources);
      expect(Object.keys(resources)).toEqual(names);
      for (const name of names) {
        const { api_version: version, resources: plural } = written.watched_resources[name] ?? never();
        expect(formatGvr(resources[name]?.gvr ?? never())).toBe(`${version}/${plural}`);
      }
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      expect(error.message).toMatch(/^firn\.yaml:\d+:\d+: \S.*[.?]$/s);
      expect(error.message).not.toMatch(/\[native code\]|\[object Object\]|undefined/);
      expect(error.message.length).toBeLessThan(3000);
      const lines = text.split(/\n/);
      expect(error.line).toBeGreaterThanOrEqual(1);
      expect(error.line).toBeLessThanOrEqual(lines.length);
    }
  },
});

function never(): never {
  throw new Error('a resource that nobody wrote');
}
