import { ConfigError } from '@firn/core';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { watchedResourcesJsonSchema } from './json-schema.ts';
import { loadWatchedResources } from './load-watched-resources.ts';

const accepts = new Ajv({ strict: false }).compile(watchedResourcesJsonSchema());

/** What only the loader knows: the grammar of field paths, and what an indexer makes of them. */
const BEYOND_A_SCHEMA = ['INVALID_FIELD_PATH', 'INVALID_INDEXER_OPTION', 'NEEDED_FIELD_IGNORED'];

/** The code of the loader's error; undefined if it accepts the file. */
function refusal(file: unknown): string | undefined {
  try {
    loadWatchedResources(stringify(file, { aliasDuplicateObjects: false }));
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).code;
  }
}

function agree(file: unknown): boolean {
  const code = refusal(file);
  if (!accepts(file)) return code !== undefined;
  return code === undefined || BEYOND_A_SCHEMA.includes(code);
}

const OPTIONS: readonly string[] = [
  ...['api_version', 'resources', 'store', 'index_by', 'indexes', 'ignore_fields', 'namespace', 'namespaced'],
  ...[
    'label_selector',
    'field_selector',
    'cache_ttl',
    'update_age_on_get',
    'max_cache_size',
    'max_cache_bytes',
  ],
  ...['debounce_interval', 'call_on_change_during_sync', 'initial_list', 'page_size', 'watch_timeout'],
  ...['idle_timeout', 'backoff', 'remove_fields', 'cacheTtl'],
];

const VALUES: readonly unknown[] = [
  ...[null, true, false, 0, 1, -1, 2.5, 0.5, 500, 1e300],
  ...[
    '',
    'v1',
    'apps/v1',
    'Apps/V1',
    'v1/v1',
    'a.b.c/v1beta1',
    'a..b/v1',
    `${'a.'.repeat(130)}b/v1`,
    'v2x',
    'x/v2x',
    'pods',
    'Pod',
    'full',
    'on-demand',
    'on_demand',
    'list',
    'watch-list',
  ],
  ...['0s', '0.0s', '500ms', '1h30m', '1.5s', '5d', '-1s', '15', 'a=b', 'a in (b, c),!d', 'a=b,,', 'a b'],
  ...['x'.repeat(64), 'x'.repeat(2000), 'a=b,c!=d', 'kube-system', 'metadata.name'],
  ...[[], ['metadata.name'], [''], [1], [null], ['spec[*]'], ['metadata.name', 'spec.a']],
  ...[
    {},
    { app: 'shop' },
    { app: 1 },
    { 'a b': 'c' },
    { 'a.b/c': '' },
    { app: 'a b' },
    { byHost: ['spec.a'] },
  ],
  ...[{ byHost: [] }, { 'by host': ['spec.a'] }, { initial: '1s', factor: 2 }, { factor: 0.5 }, { max: 1 }],
];

describe('the JSON Schema of a watched-resources file', () => {
  it('is the one published for editors (after a change: vitest run -u)', async () => {
    await expect(`${JSON.stringify(watchedResourcesJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
      '../../watched-resources.schema.json',
    );
  });

  it.each(OPTIONS)('agrees with the loader on every value of %s, on both kinds of store', (option) => {
    const disagreements: unknown[] = [];
    for (const store of [undefined, 'full', 'on-demand']) {
      for (const value of VALUES) {
        const entry = {
          api_version: 'v1',
          resources: 'pods',
          ...(store === undefined ? {} : { store }),
          [option]: value,
        };
        const file = { watched_resources: { one: entry } };
        if (!agree(file)) disagreements.push(entry);
      }
    }
    expect(disagreements).toEqual([]);
  });

  it.each([
    [{}],
    [{ watched_resources: {} }],
    [{ watched_resources: [] }],
    [{ watched_resources: { 'a b': { api_version: 'v1', resources: 'pods' } } }],
    [{ watched_resources: { a: { api_version: 'v1' } } }],
    [{ watched_resources: { a: { resources: 'pods' } } }],
    [{ watched_resources: { a: null } }],
    [{ watched_resources: { a: { api_version: 'v1', resources: 'pods' } }, remove_fields: [] }],
  ])('refuses, as the loader does, %j', (file) => {
    expect(accepts(file)).toBe(false);
    expect(refusal(file)).toBeDefined();
  });

  it('accepts, as the loader does, fields ignored everywhere', () => {
    const file = {
      watched_resources: { a: { api_version: 'v1', resources: 'pods' } },
      watched_resources_ignore_fields: ['metadata.managedFields'],
    };
    expect(accepts(file)).toBe(true);
    expect(refusal(file)).toBeUndefined();
  });
});
