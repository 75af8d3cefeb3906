/** Owns the options of an indexer: their forms, and which fields must not be ignored. */
import { ConfigError, FieldPathError } from './errors.ts';
import type { FieldPath } from './field-path/field-path.ts';
import { parseFieldPath } from './field-path/parse-field-path.ts';
import { pathsOverlap } from './field-path/paths-overlap.ts';
import { formatGvr, type GroupVersionResource, parseGvr } from './gvr.ts';

/** How resources are indexed and what is left out of them. */
export interface IndexerOptions {
  /** Field paths of the index keys; `[*]` is not allowed. Default: `metadata.namespace`, `metadata.name`. */
  readonly indexBy?: readonly string[] | undefined;
  /** Field paths that are removed before a resource is stored. */
  readonly ignoreFields?: readonly string[] | undefined;
  /** Secondary indexes by name: several paths are a tuple, `[*]` is every element. */
  readonly indexes?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Named in errors. */
  readonly gvr?: GroupVersionResource | string | undefined;
}

/** The options, checked and parsed. */
export interface ParsedIndexerOptions {
  readonly gvr: string | undefined;
  readonly indexBy: readonly FieldPath[];
  readonly ignoreFields: readonly FieldPath[];
  readonly indexes: ReadonlyMap<string, readonly FieldPath[]>;
}

/** What firn itself reads from every resource. */
export const ALWAYS_NEEDED: readonly FieldPath[] = [
  'apiVersion',
  'kind',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'metadata.resourceVersion',
].map(parseFieldPath);

function invalid(message: string): ConfigError {
  return new ConfigError(message, { code: 'INVALID_INDEXER_OPTION' });
}

function parsePath(value: unknown, option: string): FieldPath {
  if (typeof value !== 'string')
    throw invalid(
      `${option} is ${value === null ? 'null' : `of type ${typeof value}`}. Write a field path as text, such as 'metadata.name'.`,
    );
  try {
    return parseFieldPath(value);
  } catch (error) {
    if (!(error instanceof FieldPathError)) throw error;
    const { code, expression, position, hint } = error;
    throw new FieldPathError(`${option}: ${error.message}`, { code, expression, position, hint });
  }
}

function parsePaths(value: unknown, option: string): readonly FieldPath[] {
  if (!Array.isArray(value))
    throw invalid(`${option} is not an array. Write a list of field paths, such as ['metadata.name'].`);
  return Object.freeze(Array.from(value, (path: unknown, at) => parsePath(path, `${option}[${at}]`)));
}

function notEmpty(paths: readonly FieldPath[], option: string): readonly FieldPath[] {
  if (paths.length === 0) throw invalid(`${option} is empty. Name at least one field path.`);
  return paths;
}

function parseIndexBy(value: unknown): readonly FieldPath[] {
  const paths = notEmpty(parsePaths(value, 'indexBy'), 'indexBy');
  for (const { expression, segments } of paths)
    if (segments.some((segment) => segment.kind === 'each'))
      throw invalid(
        `indexBy contains ${JSON.stringify(expression)}: [*] gives any number of keys, and indexBy needs exactly one from each path. Use [0] here, or put the path into 'indexes'.`,
      );
  return paths;
}

function parseIndexes(value: unknown): ReadonlyMap<string, readonly FieldPath[]> {
  const parsed = new Map<string, readonly FieldPath[]>();
  if (value === undefined) return parsed;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid("indexes is not an object. Write { name: ['field.path'] }.");
  for (const [name, paths] of Object.entries(value)) {
    if (name === '') throw invalid('indexes contains an index without a name. Give it one.');
    const option = `indexes[${JSON.stringify(name.slice(0, 80))}]`;
    parsed.set(name, notEmpty(parsePaths(paths, option), option));
  }
  return parsed;
}

function parseGvrOption(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string') return formatGvr(parseGvr(value));
  const { group, version, resource } = (value ?? {}) as Partial<GroupVersionResource>;
  if (typeof group !== 'string' || typeof version !== 'string' || typeof resource !== 'string')
    throw invalid("gvr is not a resource type. Write 'group/version/resource' or what parseGvr gives.");
  return formatGvr({ group, version, resource });
}

function checkIgnored(ignored: FieldPath, needed: FieldPath, use: string): void {
  if (pathsOverlap(ignored, needed))
    throw new ConfigError(
      `ignoreFields contains ${JSON.stringify(ignored.expression)}, but ${JSON.stringify(needed.expression)} is needed ${use}. Ignore something narrower, or nothing there.`,
      { code: 'NEEDED_FIELD_IGNORED' },
    );
}

/**
 * Checks and parses the options of an indexer.
 *
 * @throws {ConfigError} `INVALID_INDEXER_OPTION`, `NEEDED_FIELD_IGNORED`, `INVALID_GVR`.
 * @throws {FieldPathError} `INVALID_FIELD_PATH`.
 */
export function readIndexerOptions(
  options: IndexerOptions,
  defaultIndexBy: readonly string[],
): ParsedIndexerOptions {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw invalid('The options of an indexer are not an object. Write createIndexer({ indexBy: [...] }).');
  const gvr = parseGvrOption(options.gvr);
  const indexBy = parseIndexBy(options.indexBy === undefined ? defaultIndexBy : options.indexBy);
  const ignoreFields =
    options.ignoreFields === undefined ? [] : parsePaths(options.ignoreFields, 'ignoreFields');
  const indexes = parseIndexes(options.indexes);
  for (const ignored of ignoreFields) {
    for (const needed of ALWAYS_NEEDED)
      checkIgnored(ignored, needed, 'to identify resources and their versions');
    for (const needed of indexBy) checkIgnored(ignored, needed, 'by indexBy');
    for (const [name, paths] of indexes)
      for (const needed of paths)
        checkIgnored(ignored, needed, `by the index ${JSON.stringify(name.slice(0, 80))}`);
  }
  return { gvr, indexBy, ignoreFields, indexes };
}
