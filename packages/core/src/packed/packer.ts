/** Owns the way from the bytes of an object to an entry: scanned once, kept as bytes, nothing parsed. */
import { isUtf8 } from 'node:buffer';
import { Entry } from '../entry.ts';
import { parseFieldPath } from '../field-path/parse-field-path.ts';
import type { Indexer } from '../indexer.ts';
import type { ResourceRef } from '../resource-ref.ts';
import { KeyReader } from './key-reader.ts';
import { ABSENT, INVALID, ObjectScanner } from './object-scanner.ts';
import { compileScanPlan } from './scan-plan.ts';
import { SlabPool } from './slab-pool.ts';

const QUOTE = 0x22;

const API_VERSION = 0;
const KIND = 1;
const NAMESPACE = 2;
const NAME = 3;
const UID = 4;
const RESOURCE_VERSION = 5;
const IDENTITY = [
  'apiVersion',
  'kind',
  'metadata.namespace',
  'metadata.name',
  'metadata.uid',
  'metadata.resourceVersion',
];

/** What an object has to be. */
export interface PackExpectation {
  readonly apiVersion: string;
  readonly kind: string;
  /** Whether apiVersion and kind may be missing, to be put in. */
  readonly mayBeUnnamed: boolean;
  /** The deepest nesting of objects and arrays. */
  readonly maxDepth: number;
}

/** Who an object is. */
interface PackedIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string | undefined;
  readonly resourceVersion: string;
}

/**
 * Makes entries of bytes: checks their grammar, finds identity and keys, cuts out the ignored fields, and keeps the
 * rest outside of the heap until it is read.
 *
 * It takes only what is in perfect order, and says no to everything else; whoever asks then parses, and finds out
 * what is wrong, or that it was only unusual. Where it takes an object, the entry equals that of the parsed object.
 */
export class Packer {
  readonly #scanner: ObjectScanner;
  readonly #keys: KeyReader;
  readonly #pool = new SlabPool();
  #names: ExpectedNames | undefined;
  #end = 0;

  constructor(indexer: Indexer) {
    this.#keys = new KeyReader(indexer, IDENTITY.length);
    const wanted = [...IDENTITY.map(parseFieldPath), ...this.#keys.paths];
    this.#scanner = new ObjectScanner(compileScanPlan(wanted, indexer.ignored.map(parseFieldPath)));
  }

  /** Where the object taken last ends. */
  get end(): number {
    return this.#end;
  }

  /** What comes next is kept apart from what came before: it may all be thrown away together. */
  keepApart(): void {
    this.#pool.beginSlab();
  }

  /** Takes the object that begins at `from`; `undefined` if it is unfinished, wrong, or in any way unusual. */
  pack<T>(bytes: Buffer, from: number, expected: PackExpectation): Entry<T> | undefined {
    const identity = this.#identify(bytes, from, expected, true);
    if (identity === undefined) return undefined;
    const { namespace, name, uid, resourceVersion } = identity;
    const scanner = this.#scanner;
    const { isDefault } = this.#keys;
    const keys = isDefault ? undefined : this.#keys.primary(scanner);
    if (keys === undefined && !isDefault) return undefined;
    const secondary = this.#keys.secondary(scanner);
    if (secondary === 'too many') return undefined;
    const source = this.#pool.store({
      bytes: scanner.bytes,
      start: scanner.keptAt,
      length: scanner.keptLength,
      isAscii: scanner.isAscii,
      isUnnamed: scanner.start(API_VERSION) === ABSENT || scanner.start(KIND) === ABSENT,
      names: this.#namesOf(expected).front,
    });
    return new Entry<T>({ namespace, name, uid, resourceVersion, keys, secondary, source });
  }

  /** Reads who the object is that begins at `from`, and keeps nothing; `undefined` as `pack` does. */
  refOf(bytes: Buffer, from: number, expected: PackExpectation): ResourceRef | undefined {
    const identity = this.#identify(bytes, from, expected, false);
    if (identity === undefined) return undefined;
    const { uid, ...named } = identity;
    return { ...named, ...(uid === undefined ? undefined : { uid }), keys: NO_KEYS };
  }

  #identify(
    bytes: Buffer,
    from: number,
    expected: PackExpectation,
    keeps: boolean,
  ): PackedIdentity | undefined {
    const scanner = this.#scanner;
    const end = scanner.scan(bytes, from, expected.maxDepth, keeps);
    if (end === INVALID) return undefined;
    if (!scanner.isAscii && !isUtf8(bytes.subarray(from, end))) return undefined;
    if (!this.#isExpected(expected)) return undefined;
    const keys = this.#keys;
    const namespace = keys.text(scanner, NAMESPACE, true);
    const name = keys.text(scanner, NAME, false);
    const uid = keys.text(scanner, UID, false);
    const resourceVersion = keys.text(scanner, RESOURCE_VERSION, false);
    if (namespace === undefined || !name || uid === undefined || !resourceVersion) return undefined;
    this.#end = end;
    return { namespace, name, uid: uid === '' ? undefined : uid, resourceVersion };
  }

  #isExpected(expected: PackExpectation): boolean {
    const names = this.#namesOf(expected);
    return (
      this.#isName(API_VERSION, names.apiVersion, expected.mayBeUnnamed) &&
      this.#isName(KIND, names.kind, expected.mayBeUnnamed)
    );
  }

  #isName(slot: number, name: Buffer, mayBeAbsent: boolean): boolean {
    const scanner = this.#scanner;
    const start = scanner.start(slot);
    if (start === ABSENT) return mayBeAbsent;
    const { bytes } = scanner;
    if (bytes[start] !== QUOTE || scanner.end(slot) - start !== name.length) return false;
    for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name[i]) return false;
    return true;
  }

  #namesOf({ apiVersion, kind }: PackExpectation): ExpectedNames {
    const known = this.#names;
    if (known !== undefined && known.of === apiVersion && known.ofKind === kind) return known;
    const names = expectedNames(apiVersion, kind);
    this.#names = names;
    return names;
  }
}

const NO_KEYS: readonly string[] = Object.freeze([]);

interface ExpectedNames {
  readonly of: string;
  readonly ofKind: string;
  /** As JSON. */
  readonly apiVersion: Buffer;
  readonly kind: Buffer;
  /** What an object begins with that has them put in. */
  readonly front: string;
}

function expectedNames(apiVersion: string, kind: string): ExpectedNames {
  const [version, name] = [JSON.stringify(apiVersion), JSON.stringify(kind)];
  return {
    of: apiVersion,
    ofKind: kind,
    apiVersion: Buffer.from(version),
    kind: Buffer.from(name),
    front: `{"apiVersion":${version},"kind":${name},`,
  };
}
