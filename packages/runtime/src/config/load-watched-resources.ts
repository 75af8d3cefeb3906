/** Owns the reading of a watched-resources file into the options of watchers. */
import {
  ConfigError,
  createIndexer,
  FieldPathError,
  type GroupVersionResource,
  type IndexerOptions,
  parseGvr,
} from '@firn/core';
import { isMap, isScalar, isSeq, type Node } from 'yaml';
import type { WatchedResourceOptions } from '../watcher/watched-resource-options.ts';
import { Place } from './shape.ts';
import {
  type WatchedResourceEntry,
  type WatchedResourcesFile,
  watchedResourcesShape,
} from './watched-resources-shape.ts';
import { YamlSource } from './yaml-source.ts';

/** The options of one watched resource, with the type already parsed. */
export interface LoadedResourceOptions extends WatchedResourceOptions {
  readonly gvr: GroupVersionResource;
}

/** What a watched-resources file says, for `createRuntime`. */
export interface WatchedResources {
  /** Options by the name that the file gives the resource, in the file's order; durations in milliseconds. */
  readonly resources: Readonly<Record<string, LoadedResourceOptions>>;
}

function toOptions(entry: WatchedResourceEntry, ignoredEverywhere: readonly string[]): LoadedResourceOptions {
  const { apiVersion, resources, ignoreFields = [], ...rest } = entry;
  const ignored = [...new Set([...ignoredEverywhere, ...ignoreFields])];
  return Object.freeze({
    ...rest,
    gvr: parseGvr(`${apiVersion}/${resources}`),
    ...(ignored.length === 0 ? {} : { ignoreFields: Object.freeze(ignored) }),
  });
}

/** The values of a list under a key of a map, or the map itself for what is not written there. */
function elements(source: YamlSource, map: Node, key: string): readonly Node[] {
  const node = child(source, map, key);
  return isSeq(node) ? node.items.map((item) => source.resolve(item as Node) ?? node) : [];
}

function child(source: YamlSource, map: Node, key: string): Node {
  const node = isMap(map) ? source.resolve((map.get(key, true) as Node | undefined) ?? null) : null;
  return node ?? map;
}

/** The resources as they are written, by name: looked up at once, however many there are. */
function entryNodes(source: YamlSource, root: Node): ReadonlyMap<string, Node> {
  const all = child(source, root, 'watched_resources');
  const pairs = isMap(all) ? all.items : [];
  return new Map(
    pairs.map(({ key, value }) => [
      isScalar(key) ? String(key.value) : '',
      source.resolve((value as Node | undefined) ?? null) ?? all,
    ]),
  );
}

/** Rules that only an indexer knows: where `[*]` may stand, which fields cannot be ignored. */
function checkIndexing(
  options: LoadedResourceOptions,
  name: string,
  entry: Node,
  root: Node,
  source: YamlSource,
): void {
  const check = (indexing: IndexerOptions, node: Node): void => {
    try {
      createIndexer(indexing);
    } catch (cause) {
      if (!(cause instanceof ConfigError) && !(cause instanceof FieldPathError)) throw cause;
      throw source.error(node, `watched_resources.${name}: ${cause.message}`, { code: cause.code, cause });
    }
  };
  for (const node of elements(source, entry, 'index_by')) {
    if (isScalar(node)) check({ indexBy: [String(node.value)] }, node);
  }
  const ignored = [
    ...elements(source, root, 'watched_resources_ignore_fields'),
    ...elements(source, entry, 'ignore_fields'),
  ];
  const { indexBy, indexes } = options;
  for (const node of ignored) {
    if (isScalar(node)) check({ indexBy, indexes, ignoreFields: [String(node.value)] }, node);
  }
}

function rootOf(source: YamlSource): Node {
  const { root } = source;
  if (root !== null && !('value' in root && root.value === null)) return root;
  throw source.errorAt(0, 'the file is empty. It must have a key watched_resources.', {
    code: 'MISSING_KEY',
    suggestion: 'watched_resources',
  });
}

/**
 * Reads a file of watched resources, for `createRuntime`.
 *
 * Keys are written in snake_case and have the names of `createWatcher`'s options. Unknown keys, wrong types and
 * values that cannot work are errors; nothing is guessed. Whether the server knows the types is not asked.
 *
 * @throws {ConfigError} with `file`, `line`, `column`, and a `suggestion` where something near is known.
 * @example
 * ```ts
 * const { resources } = loadWatchedResources(await readFile('firn.yaml', 'utf8'), { file: 'firn.yaml' });
 * const runtime = createRuntime({ kubeConfig, resources });
 * ```
 */
export function loadWatchedResources(
  yamlText: string,
  options: { readonly file?: string } = {},
): WatchedResources {
  const source = new YamlSource(yamlText, options.file);
  const root = rootOf(source);
  const file: WatchedResourcesFile = watchedResourcesShape.read(root, new Place(source, ''));
  const ignored = file.watchedResourcesIgnoreFields ?? [];
  const entries = entryNodes(source, root);
  const resources = Object.entries(file.watchedResources).map(([name, entry]) => {
    const loaded = toOptions(entry, ignored);
    checkIndexing(loaded, name, entries.get(name) ?? root, root, source);
    return [name, loaded] as const;
  });
  return Object.freeze({ resources: Object.freeze(Object.fromEntries(resources)) });
}
