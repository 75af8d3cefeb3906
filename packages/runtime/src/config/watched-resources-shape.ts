/** Owns the one description of a watched-resources file: reading it and its JSON Schema both come from here. */
import { resolveBackoff } from '../reflector/reflector-config.ts';
import type { BackoffOptions, WatchedResourceOptions } from '../watcher/watched-resource-options.ts';
import { type Fields, object, optional, record, required, snakeCase } from './collection-shapes.ts';
import {
  apiVersion,
  duration,
  fieldPaths,
  fieldSelector,
  namespaceName,
  resourcePlural,
  selector,
} from './kubernetes-shapes.ts';
import { choice, described, flag, number, type Shape } from './shape.ts';

/** One resource as it stands in a file: the type in two keys. */
export interface WatchedResourceEntry extends Omit<WatchedResourceOptions, 'gvr'> {
  readonly apiVersion: string;
  readonly resources: string;
}

/** A whole file. */
export interface WatchedResourcesFile {
  readonly watchedResources: Readonly<Record<string, WatchedResourceEntry>>;
  readonly watchedResourcesIgnoreFields?: readonly string[];
}

/** Options that mean nothing to a store that holds everything. */
export const ON_DEMAND_ONLY = ['cacheTtl', 'updateAgeOnGet', 'maxCacheSize', 'maxCacheBytes'] as const;

/** Options that mean nothing to a store that holds references only. */
export const FULL_ONLY = ['indexes'] as const;

function explained<T>(description: string, shape: Shape<T>, fallback?: unknown): Shape<T> {
  return described(shape, { description, ...(fallback === undefined ? {} : { default: fallback }) });
}

/** What can be said of the delays. */
export const backoffFields: Fields<BackoffOptions> = {
  initial: optional(explained('First delay.', duration({ positive: true }), '800ms')),
  factor: optional(explained('What each further delay is multiplied by.', number(1), 2)),
  cap: optional(explained('Longest delay, before jitter.', duration({ positive: true }), '30s')),
  jitter: optional(explained('Random share of the delay that is added.', number(0), 1)),
  resetAfter: optional(explained('Health for this long starts again at initial.', duration(), '2m')),
};

/** What is wrong with delays that are right one by one. */
export function backoffConflict(options: BackoffOptions): string | undefined {
  const { initial, cap } = resolveBackoff(options);
  if (cap >= initial) return undefined;
  return `has a cap (${cap} ms) shorter than its initial delay (${initial} ms). Make the cap as long at least.`;
}

const backoff: Shape<BackoffOptions> = object<BackoffOptions>(backoffFields, {
  description: 'How long to wait before trying again after a failure.',
  nearMisses: {
    min: 'initial',
    start: 'initial',
    base: 'initial',
    max: 'cap',
    maximum: 'cap',
    limit: 'cap',
    multiplier: 'factor',
    reset: 'reset_after',
  },
  check(value, _, at, map) {
    const conflict = backoffConflict(value);
    if (conflict !== undefined) throw at.error(map, conflict);
  },
});

const NEAR_MISSES: Readonly<Record<string, string>> = {
  api_group: 'api_version',
  group: 'api_version',
  group_version: 'api_version',
  version: 'api_version',
  gvr: 'Write the type in two keys: api_version (such as networking.k8s.io/v1) and resources (such as ingresses).',
  kind: 'resources',
  name: 'resources',
  plural: 'resources',
  type: 'resources',
  storage: 'store',
  storage_type: 'store',
  storage_strategy: 'store',
  store_type: 'store',
  strategy: 'store',
  mode: 'store',
  index: 'index_by',
  indexed_by: 'index_by',
  index_fields: 'index_by',
  keys: 'index_by',
  key: 'index_by',
  secondary_indexes: 'indexes',
  indices: 'indexes',
  remove_fields:
    'Did you mean ignore_fields, or watched_resources_ignore_fields at the top for all resources?',
  watched_resources_ignore_fields:
    'It stands at the top of the file, for all resources; for this one alone write ignore_fields.',
  ignored_fields: 'ignore_fields',
  exclude_fields: 'ignore_fields',
  strip_fields: 'ignore_fields',
  namespaces: 'namespace',
  ns: 'namespace',
  scope: 'namespaced',
  labels: 'label_selector',
  match_labels: 'label_selector',
  selector: 'label_selector',
  fields: 'field_selector',
  ttl: 'cache_ttl',
  cache_expiry: 'cache_ttl',
  cache_duration: 'cache_ttl',
  cache_size: 'max_cache_size',
  max_size: 'max_cache_size',
  cache_bytes: 'max_cache_bytes',
  debounce: 'debounce_interval',
  debounce_ms: 'debounce_interval',
  limit: 'page_size',
  chunk_size: 'page_size',
  timeout: 'watch_timeout',
  '<<': 'Merge keys are not read: write the options out, or give a whole value by an alias.',
};

/** What a file and code say alike of one resource. */
export const resourceFields: Fields<Omit<WatchedResourceOptions, 'gvr'>> = {
  store: optional(
    explained(
      'full holds every resource; on-demand holds references and fetches what is read.',
      choice(['full', 'on-demand'], {
        memory: 'full',
        memorystore: 'full',
        inmemory: 'full',
        all: 'full',
        cached: 'on-demand',
        cachedstore: 'on-demand',
        cache: 'on-demand',
        lazy: 'on-demand',
      }),
      'full',
    ),
  ),
  indexBy: optional(
    explained('Field paths of the index keys.', fieldPaths({ atLeastOne: true }), [
      'metadata.namespace',
      'metadata.name',
    ]),
  ),
  indexes: optional(
    record(
      {
        pattern: /^[A-Za-z][A-Za-z0-9_-]{0,62}$/,
        expected: 'letters, digits, - and _, beginning with a letter',
      },
      fieldPaths({ atLeastOne: true }),
      { description: 'Secondary indexes: name to field paths; [*] stands for every element.' },
    ),
  ),
  ignoreFields: optional(
    explained('Field paths cut out of these resources, beside those for all.', fieldPaths()),
  ),
  namespace: optional(explained("One namespace; '' for all.", namespaceName, '')),
  namespaced: optional(
    explained('Whether the type lives in namespaces. It matters only beside a namespace: true then.', flag),
  ),
  labelSelector: optional(explained('Labels as a map, or a selector as text.', selector)),
  fieldSelector: optional(explained('Field selector as the API server takes it.', fieldSelector)),
  cacheTtl: optional(
    explained('On demand only: how long a fetched resource is kept.', duration({ positive: true }), '2m10s'),
  ),
  updateAgeOnGet: optional(
    explained('On demand only: reading a cached resource starts its time anew.', flag, false),
  ),
  maxCacheSize: optional(
    explained('On demand only: most resources in the cache.', number(1, { integer: true }), 256),
  ),
  maxCacheBytes: optional(
    explained('On demand only: most bytes in the cache.', number(1, { integer: true })),
  ),
  debounceInterval: optional(explained('How long changes are gathered for a callback.', duration(), '500ms')),
  callOnChangeDuringSync: optional(
    explained('Call back before the first sync is complete, too.', flag, false),
  ),
  initialList: optional(
    explained(
      'How the first list is asked for: streamed, or page by page.',
      choice(['watch-list', 'list'], {
        streaming: 'watch-list',
        stream: 'watch-list',
        pages: 'list',
        paged: 'list',
      }),
      'watch-list',
    ),
  ),
  pageSize: optional(explained('Items per page of a list.', number(1, { integer: true }), 500)),
  watchTimeout: optional(explained('How long one watch lives.', duration({ positive: true }))),
  idleTimeout: optional(
    explained('A silent watch is opened again after this time.', duration({ positive: true }), '90s'),
  ),
  backoff: optional(backoff),
};

const NOT_ON_DEMAND = [
  "applies to a store of kind on-demand, but this one holds everything. Add 'store: on-demand', or remove it.",
  'store: on-demand',
] as const;
const NOT_FULL = [
  "applies to a store of kind full, but this one holds references only. Write 'store: full', or remove it.",
  'store: full',
] as const;

const entry: Shape<WatchedResourceEntry> = object<WatchedResourceEntry>(
  {
    apiVersion: required(explained('Group and version of the type; v1 for the core group.', apiVersion)),
    resources: required(explained('Lower-case plural of the type, such as ingresses.', resourcePlural)),
    ...resourceFields,
  },
  {
    nearMisses: NEAR_MISSES,
    schema: {
      if: { required: ['store'], properties: { store: { const: 'on-demand' } } },
      // biome-ignore lint/suspicious/noThenProperty: the word of JSON Schema
      then: { properties: Object.fromEntries(FULL_ONLY.map((name) => [snakeCase(name), false])) },
      else: { properties: Object.fromEntries(ON_DEMAND_ONLY.map((name) => [snakeCase(name), false])) },
    },
    check(value, nodes, at) {
      const isFull = value.store !== 'on-demand';
      for (const name of isFull ? ON_DEMAND_ONLY : FULL_ONLY) {
        const node = nodes.get(name);
        if (node === undefined) continue;
        const [message, suggestion] = isFull ? NOT_ON_DEMAND : NOT_FULL;
        throw at.child(snakeCase(name)).error(node, message, { code: 'OPTION_NOT_APPLICABLE', suggestion });
      }
    },
  },
);

/** The file as a whole. */
export const watchedResourcesShape: Shape<WatchedResourcesFile> = object<WatchedResourcesFile>(
  {
    watchedResources: required(
      record(
        {
          pattern: /^[A-Za-z][A-Za-z0-9_-]{0,62}$/,
          expected: 'letters, digits, - and _, beginning with a letter',
        },
        entry,
        {
          atLeastOne: true,
          description: 'The watched resources by name; a runtime has a store of each name.',
        },
      ),
    ),
    watchedResourcesIgnoreFields: optional(explained('Field paths cut out of every resource.', fieldPaths())),
  },
  {
    nearMisses: {
      resources: 'watched_resources',
      watched: 'watched_resources',
      watch: 'watched_resources',
      watches: 'watched_resources',
      remove_fields: 'watched_resources_ignore_fields',
      watched_resources_remove_fields: 'watched_resources_ignore_fields',
      ignore_fields: 'watched_resources_ignore_fields',
      ignored_fields: 'watched_resources_ignore_fields',
      exclude_fields: 'watched_resources_ignore_fields',
      strip_fields: 'watched_resources_ignore_fields',
      '<<': 'Merge keys are not read: write the options out, or give a whole value by an alias.',
    },
  },
);
