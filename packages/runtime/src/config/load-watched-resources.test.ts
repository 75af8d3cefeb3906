import { ConfigError } from '@firn/core';
import { describe, expect, it } from 'vitest';
import { loadWatchedResources } from './load-watched-resources.ts';

const EXAMPLE = `
watched_resources:
  ingresses:
    api_version: networking.k8s.io/v1
    resources: ingresses
    store: full                        # full (default) | on-demand
    index_by: [metadata.namespace, metadata.name]      # the default
  secrets:
    api_version: v1
    resources: secrets
    store: on-demand
    cache_ttl: 15m
    max_cache_size: 256
    namespace: ""                      # empty: all
    label_selector: { app: shop }      # or a string
    field_selector: type=kubernetes.io/tls
    debounce_interval: 500ms
watched_resources_ignore_fields: [metadata.managedFields, "metadata.annotations['kubectl.kubernetes.io/last-applied-configuration']"]
`;

/** One resource with more lines; the first of them is line 5. */
function oneResource(...lines: readonly string[]): string {
  const head = ['watched_resources:', '  pods:', '    api_version: v1', '    resources: pods'];
  return [...head, ...lines.map((line) => `    ${line}`), ''].join('\n');
}

function errorOf(text: string): ConfigError {
  try {
    loadWatchedResources(text, { file: 'firn.yaml' });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return error as ConfigError;
  }
  throw new Error('the text was accepted');
}

describe('loadWatchedResources', () => {
  it('reads the example', () => {
    const ignoreFields = [
      'metadata.managedFields',
      "metadata.annotations['kubectl.kubernetes.io/last-applied-configuration']",
    ];
    expect(loadWatchedResources(EXAMPLE)).toEqual({
      resources: {
        ingresses: {
          gvr: { group: 'networking.k8s.io', version: 'v1', resource: 'ingresses' },
          store: 'full',
          indexBy: ['metadata.namespace', 'metadata.name'],
          ignoreFields,
        },
        secrets: {
          gvr: { group: '', version: 'v1', resource: 'secrets' },
          store: 'on-demand',
          cacheTtl: 900_000,
          maxCacheSize: 256,
          namespace: '',
          labelSelector: 'app=shop',
          fieldSelector: 'type=kubernetes.io/tls',
          debounceInterval: 500,
          ignoreFields,
        },
      },
    });
  });

  it('reads every option', () => {
    const text = oneResource(
      'store: on-demand',
      'index_by: [metadata.name]',
      'ignore_fields: [status]',
      'namespace: shop',
      'namespaced: true',
      'label_selector: "app in (a, b),!legacy"',
      'field_selector: status.phase=Running,spec.nodeName!=n1',
      'cache_ttl: 90000',
      'update_age_on_get: true',
      'max_cache_size: 10',
      'max_cache_bytes: 1000000',
      'debounce_interval: 0',
      'call_on_change_during_sync: true',
      'initial_list: list',
      'page_size: 100',
      'watch_timeout: 10m',
      'idle_timeout: 1.5s',
      'backoff: { initial: 1s, factor: 1.5, cap: 1m, jitter: 0, reset_after: 2m10s }',
    );
    expect(loadWatchedResources(text).resources.pods).toEqual({
      gvr: { group: '', version: 'v1', resource: 'pods' },
      store: 'on-demand',
      indexBy: ['metadata.name'],
      ignoreFields: ['status'],
      namespace: 'shop',
      namespaced: true,
      labelSelector: 'app in (a, b),!legacy',
      fieldSelector: 'status.phase=Running,spec.nodeName!=n1',
      cacheTtl: 90_000,
      updateAgeOnGet: true,
      maxCacheSize: 10,
      maxCacheBytes: 1_000_000,
      debounceInterval: 0,
      callOnChangeDuringSync: true,
      initialList: 'list',
      pageSize: 100,
      watchTimeout: 600_000,
      idleTimeout: 1500,
      backoff: { initial: 1000, factor: 1.5, cap: 60_000, jitter: 0, resetAfter: 130_000 },
    });
  });

  it('reads the indexes of a full store, which an on-demand one has not', () => {
    const indexes = 'indexes: { byNode: [spec.nodeName], by-image: ["spec.containers[*].image"] }';
    expect(loadWatchedResources(oneResource(indexes)).resources.pods?.indexes).toEqual({
      byNode: ['spec.nodeName'],
      'by-image': ['spec.containers[*].image'],
    });
    expect(() => loadWatchedResources(oneResource('store: on-demand', indexes))).toThrow(
      expect.objectContaining({ code: 'OPTION_NOT_APPLICABLE', suggestion: 'store: full', line: 6 }),
    );
  });

  it('keeps the order of the file, and two resources of one type', () => {
    const text =
      'watched_resources: { b: {api_version: v1, resources: pods}, a: {api_version: v1, resources: pods} }';
    expect(Object.keys(loadWatchedResources(text).resources)).toEqual(['b', 'a']);
  });

  it('joins the fields ignored everywhere with those of one resource, each once', () => {
    const text = `${oneResource('ignore_fields: [status, spec.x]')}watched_resources_ignore_fields: [status]`;
    expect(loadWatchedResources(text).resources.pods?.ignoreFields).toEqual(['status', 'spec.x']);
  });

  it('follows an alias of a whole value', () => {
    const text = `watched_resources:
  a: { api_version: v1, resources: pods, index_by: &by [metadata.name] }
  b: { api_version: v1, resources: nodes, index_by: *by }`;
    expect(loadWatchedResources(text).resources.b?.indexBy).toEqual(['metadata.name']);
  });

  it('writes a map of labels as a selector, and takes a selector as text', () => {
    const text = oneResource('label_selector: { app.kubernetes.io/name: shop, tier: "" }');
    expect(loadWatchedResources(text).resources.pods?.labelSelector).toBe(
      'app.kubernetes.io/name=shop,tier=',
    );
  });

  it('reads Windows line ends and a byte order mark', () => {
    const text = `\ufeff${oneResource('store: full').replaceAll('\n', '\r\n')}`;
    expect(loadWatchedResources(text).resources.pods?.store).toBe('full');
  });
});

describe('loadWatchedResources refuses, with a place and a remedy,', () => {
  it.each([
    ['cache_tll: 15m', 'cache_ttl'],
    ['cache-ttl: 15m', 'cache_ttl'],
    ['cacheTtl: 15m', 'cache_ttl'],
    ['ttl: 15m', 'cache_ttl'],
    ['indexBy: [a]', 'index_by'],
    ['index-by: [a]', 'index_by'],
    ['storage: full', 'store'],
    ['api_group: apps', 'api_version'],
    ['apiVersion: v1', 'api_version'],
    ['kind: Pod', 'resources'],
    ['labels: { a: b }', 'label_selector'],
    ['debounce: 1s', 'debounce_interval'],
    ['namespaces: [a]', 'namespace'],
    ['cache_size: 3', 'max_cache_size'],
  ])('the option %j, and suggests %s', (line, suggestion) => {
    const error = errorOf(oneResource(line));
    expect(error).toMatchObject({ code: 'UNKNOWN_KEY', suggestion, file: 'firn.yaml', line: 5, column: 5 });
    expect(error.message).toContain(`firn.yaml:5:5: watched_resources.pods has no option`);
    expect(error.message).toContain(`Did you mean ${suggestion}?`);
  });

  it.each([
    ['remove_fields: [status]', 'watched_resources_ignore_fields'],
    ['ignore_fields: [status]', 'watched_resources_ignore_fields'],
    ['watchedResourcesIgnoreFields: [status]', 'watched_resources_ignore_fields'],
    ['watched_resource: {}', 'watched_resources'],
  ])('the key %j at the top, and suggests %s', (line, suggestion) => {
    expect(errorOf(`${line}\n${EXAMPLE}`)).toMatchObject({
      code: 'UNKNOWN_KEY',
      suggestion,
      line: 1,
      column: 1,
    });
  });

  it('remove_fields inside of a resource, naming both right keys', () => {
    const { message } = errorOf(oneResource('remove_fields: [status]'));
    expect(message).toContain('ignore_fields, or watched_resources_ignore_fields at the top');
  });

  it('a key that resembles nothing, naming those there are', () => {
    const error = errorOf(oneResource('zebra: 1'));
    expect(error).toMatchObject({ code: 'UNKNOWN_KEY', suggestion: undefined });
    expect(error.message).toContain('api_version, resources, store');
  });

  it.each([
    ['store: on_demand', 'on-demand'],
    ['store: onDemand', 'on-demand'],
    ['store: CachedStore', 'on-demand'],
    ['store: MemoryStore', 'full'],
    ['store: Full', 'full'],
    ['initial_list: watchList', 'watch-list'],
  ])('the value of %j, and suggests %s', (line, suggestion) => {
    expect(errorOf(oneResource(line))).toMatchObject({ code: 'INVALID_VALUE', suggestion, line: 5 });
  });

  it('a kind where the plural belongs, and suggests it', () => {
    for (const [kind, suggestion] of [
      ['Ingress', 'ingresses'],
      ['NetworkPolicy', 'networkpolicies'],
      ['Gateway', 'gateways'],
    ]) {
      const text = `watched_resources: { x: { api_version: a.b/v1, resources: ${kind} } }`;
      expect(errorOf(text)).toMatchObject({ suggestion, line: 1, column: 59 });
    }
  });

  it.each([
    ['store: [full]', 'WRONG_TYPE', 12],
    ['index_by: metadata.name', 'WRONG_TYPE', 15],
    ['index_by: []', 'INVALID_VALUE', 15],
    ['index_by: [1]', 'WRONG_TYPE', 16],
    ['index_by: [metadata..name]', 'INVALID_FIELD_PATH', 24],
    ['index_by: ["metadata..name"]', 'INVALID_FIELD_PATH', 25],
    ['index_by: [spec.a, "spec.rules[*].host"]', 'INVALID_INDEXER_OPTION', 24],
    ['index_by: [a, , b]', 'INVALID_YAML', 19],
    ['ignore_fields: [status, metadata.uid]', 'NEEDED_FIELD_IGNORED', 29],
    ['indexes: { by host: [a] }', 'INVALID_VALUE', 16],
    ['indexes: { byHost: a }', 'WRONG_TYPE', 24],
    ['namespaced: yes', 'WRONG_TYPE', 17],
    ['namespace: Shop', 'INVALID_VALUE', 16],
    ['namespace:', 'MISSING_VALUE', 5],
    ['namespace: ~', 'MISSING_VALUE', 5],
    ['label_selector: { version: 1.10 }', 'WRONG_TYPE', 32],
    ['label_selector: { app: "a b" }', 'INVALID_VALUE', 28],
    ['label_selector: { "a b": c }', 'INVALID_VALUE', 23],
    ['label_selector: [app]', 'WRONG_TYPE', 21],
    ['label_selector: "a=b,,c=d"', 'INVALID_VALUE', 21],
    ['field_selector: nothing', 'INVALID_VALUE', 21],
    ['debounce_interval: soon', 'INVALID_DURATION', 24],
    ['debounce_interval: -1', 'INVALID_DURATION', 24],
    ['debounce_interval: .nan', 'INVALID_DURATION', 24],
    ['debounce_interval: 5d', 'INVALID_DURATION', 24],
    ['debounce_interval: true', 'WRONG_TYPE', 24],
    ['watch_timeout: 0s', 'INVALID_VALUE', 20],
    ['page_size: 0', 'INVALID_VALUE', 16],
    ['page_size: 2.5', 'INVALID_VALUE', 16],
    ['page_size: "500"', 'WRONG_TYPE', 16],
    ['backoff: { initial: 1m, cap: 30s }', 'INVALID_VALUE', 14],
    ['backoff: { factor: 0.5 }', 'INVALID_VALUE', 24],
    ['backoff: { max: 1m }', 'UNKNOWN_KEY', 16],
    ['cache_ttl: 15m', 'OPTION_NOT_APPLICABLE', 16],
    ['max_cache_bytes: 15', 'OPTION_NOT_APPLICABLE', 22],
    ['namespace: a\n    namespace: b', 'DUPLICATE_KEY', 5],
    ['\tnamespace: a', 'INVALID_YAML', 5],
    ['namespace: !tag a', 'INVALID_YAML', 16],
    ['namespace: *nowhere', 'INVALID_YAML', 16],
    ['[a]: b', 'INVALID_YAML', 5],
    ['<<: { store: full }', 'UNKNOWN_KEY', 5],
  ])('%j', (line, code, column) => {
    const error = errorOf(oneResource(line));
    expect({ code: error.code, line: error.line, column: error.column }).toEqual({
      code,
      line: line.includes('\n') ? 6 : 5,
      column,
    });
  });

  it.each([
    ['', 1],
    ['# nothing but a comment\n', 1],
    ['null', 1],
    ['watched_resources:', 1],
    ['watched_resources: {}', 1],
    ['[]', 1],
    ['watched_resources_ignore_fields: []', 1],
    ['watched_resources: { a: { resources: pods } }', 1],
    ['watched_resources: { __proto__: { api_version: v1, resources: pods } }', 1],
    ['watched_resources: { a: { api_version: v1, resources: pods } }\n---\na: b', 2],
    ['watched_resources: { a: { api_version: v1, resources: pods }', 1],
    ['watched_resources: { a: { api_version: 1, resources: pods } }', 1],
  ])('the file %j', (text, line) => {
    expect(errorOf(text)).toMatchObject({ line, file: 'firn.yaml' });
  });

  it('aliases that would grow without bound', () => {
    const use = Array.from({ length: 200 }, (_, n) => `  r${n}: *x`).join('\n');
    const text = `watched_resources:\n  a: &x { api_version: v1, resources: pods }\n${use}`;
    expect(errorOf(text).message).toContain('more than 100 aliases');
    const circular = 'watched_resources: &x { a: *x }';
    expect(errorOf(circular)).toMatchObject({ code: 'UNKNOWN_KEY' });
  });

  it('text that is too long or nested too deeply', () => {
    expect(errorOf(' '.repeat(2_000_000))).toMatchObject({ code: 'INVALID_YAML' });
    expect(errorOf(`watched_resources: ${'['.repeat(200_000)}`)).toMatchObject({ code: 'INVALID_YAML' });
  });

  it('errors without a file, naming the line', () => {
    expect(() => loadWatchedResources('watched_resources: {}')).toThrow(
      /^line 1:20: watched_resources is empty/,
    );
  });

  it('a field path, carrying its hint', () => {
    const error = errorOf(oneResource("index_by: ['metadata.labels[app/name]']"));
    expect(error.message).toContain("['app/name']");
    expect(error.cause).toMatchObject({ code: 'INVALID_FIELD_PATH' });
  });
});
