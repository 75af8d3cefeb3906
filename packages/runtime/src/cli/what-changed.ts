/** Owns the short answer to what changed between two versions of a resource: a few paths, old and new. */
import { visibleText } from '../visible-text.ts';

/** One field that differs. A missing side is undefined. */
export interface FieldChange {
  readonly path: string;
  readonly from: unknown;
  readonly to: unknown;
}

/** The differences found, and whether there are more than asked for. */
export interface WhatChanged {
  readonly changes: readonly FieldChange[];
  readonly more: boolean;
}

/** What changes with every write and says nothing to people. */
const NOISE: ReadonlySet<string> = new Set([
  'metadata.resourceVersion',
  'metadata.generation',
  'metadata.managedFields',
  "metadata.annotations['kubectl.kubernetes.io/last-applied-configuration']",
]);
/** Where some of the noise stands: what comes or goes as a whole here is compared key by key nevertheless. */
const NOISY = 'metadata.annotations';
const PLAIN_KEY = /^[A-Za-z_$][\w$-]*$/;
/** Nodes looked at before giving up, so that a huge resource cannot stall a screen. */
const MOST_VISITS = 20_000;
const LONGEST_PATH = 28;

type JsonObject = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function join(path: string, key: string): string {
  if (!PLAIN_KEY.test(key)) return `${path}['${visibleText(key)}']`;
  return path === '' ? key : `${path}.${key}`;
}

class Comparison {
  readonly changes: FieldChange[] = [];
  more = false;
  readonly #limit: number;
  #visits = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  compare(path: string, from: unknown, to: unknown): void {
    if (this.more || from === to || NOISE.has(path)) return;
    this.#visits += 1;
    if (this.#visits > MOST_VISITS) {
      this.more = true;
    } else if (path === NOISY && (from === undefined || to === undefined)) {
      this.compare(path, from ?? {}, to ?? {});
    } else if (isObject(from) && isObject(to)) {
      this.#compareObjects(path, from, to);
    } else if (Array.isArray(from) && Array.isArray(to)) {
      const length = Math.max(from.length, to.length);
      for (let index = 0; index < length && !this.more; index++) {
        this.compare(`${path}[${index}]`, from[index], to[index]);
      }
    } else if (this.changes.length === this.#limit) {
      this.more = true;
    } else {
      this.changes.push({ path, from, to });
    }
  }

  #compareObjects(path: string, from: JsonObject, to: JsonObject): void {
    for (const key of Object.keys(from)) {
      this.compare(join(path, key), from[key], Object.hasOwn(to, key) ? to[key] : undefined);
    }
    for (const key of Object.keys(to)) {
      if (!Object.hasOwn(from, key)) this.compare(join(path, key), undefined, to[key]);
    }
  }
}

/**
 * Finds the fields that differ, at most `limit` of them; resource version, generation, managedFields and the
 * last-applied annotation are left out.
 *
 * @example
 * ```ts
 * whatChanged({ spec: { replicas: 1 } }, { spec: { replicas: 3 } })
 * // { changes: [{ path: 'spec.replicas', from: 1, to: 3 }], more: false }
 * ```
 */
export function whatChanged(older: unknown, newer: unknown, limit = 5): WhatChanged {
  const comparison = new Comparison(limit);
  comparison.compare('', older, newer);
  return { changes: comparison.changes, more: comparison.more };
}

function shortValue(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[${value.length}]`;
  if (isObject(value)) return '{…}';
  return typeof value === 'string' ? visibleText(JSON.stringify(value.slice(0, 60)), 60) : String(value);
}

/**
 * The end of a long path: what is near the field says more than where it begins. A key or an element stays with the
 * field that it stands in; a resource's own labels and annotations are known without their `metadata`.
 */
function shortPath(path: string): string {
  if (path.length <= LONGEST_PATH) return path;
  const known = path.replace(/^metadata\.(?=(?:labels|annotations)[.[])/, '');
  const segments = known.match(/\['[^']*'\]|\[\d+\]|\.?[^.[]+/g) ?? [known];
  const lastField = segments.findLastIndex((segment) => !segment.startsWith('['));
  let first = 0;
  for (let length = known.length; length > LONGEST_PATH && first < lastField; first++) {
    length -= segments[first]?.length ?? 0;
  }
  return first === 0 ? known : `…${segments.slice(first).join('').replace(/^\./, '')}`;
}

/** The one field that came with objects and lists of nothing else; what came itself if there are several. */
function soleField(path: string, value: unknown): readonly [path: string, value: unknown] {
  if (Array.isArray(value) && value.length === 1) return soleField(`${path}[0]`, value[0]);
  const [key, ...others] = isObject(value) ? Object.keys(value) : [];
  if (!isObject(value) || key === undefined || others.length > 0) return [path, value];
  return soleField(join(path, key), value[key]);
}

function shortChange({ path, from, to }: FieldChange): string {
  if (from === undefined) {
    const [came, value] = soleField(path, to);
    return `+${shortPath(came)}: ${shortValue(value)}`;
  }
  if (to === undefined) return `-${shortPath(path)}`;
  return `${shortPath(path)}: ${shortValue(from)} → ${shortValue(to)}`;
}

/** One difference as a line of its own: its whole path, and as much of its values as a line takes. */
export function formatFieldChange({ path, from, to }: FieldChange): string {
  const value = (of: unknown): string => visibleText(JSON.stringify(of), 500);
  if (from === undefined) return `+ ${path}: ${value(to)}`;
  return to === undefined ? `- ${path}: ${value(from)}` : `${path}: ${value(from)} → ${value(to)}`;
}

/** The differences in one line for people; long paths are shortened at their beginning. */
export function formatWhatChanged({ changes, more }: WhatChanged): string {
  if (changes.length === 0) return more ? '…' : 'no visible difference';
  return changes.map(shortChange).join(', ') + (more ? ', …' : '');
}
