/** Owns the way from the bytes of an object to an entry: scanned once, kept as bytes, nothing parsed. */
import { isUtf8 } from 'node:buffer';
import type { Entry } from '../entry.ts';
import { parseFieldPath } from '../field-path/parse-field-path.ts';
import type { Indexer } from '../indexer.ts';
import { ReferenceEntry } from '../reference-entry.ts';
import type { ResourceRef } from '../resource-ref.ts';
import { KeyReader } from './key-reader.ts';
import { INVALID, ObjectScanner } from './object-scanner.ts';
import { PackedEntry } from './packed-entry.ts';
import { compileScanPlan } from './scan-plan.ts';
import type { ExpectedNames } from './scanner-memory.ts';
import { SlabPool } from './slab-pool.ts';

const NAMESPACE = 2;
const NAME = 3;
const UID = 4;
const RESOURCE_VERSION = 5;
/** The first slots, in the order of the scanner. */
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

/** What becomes of the objects: entries that can be read, or mere references. */
export type Keeping = 'resources' | 'references';

/** An entry, which tells who it is as any reference does. */
export type PackedResource<T> = Entry<T> & ResourceRef;

/**
 * Makes entries of bytes: checks their grammar, finds identity and keys, cuts out the ignored fields, and keeps the
 * rest outside of the heap until it is read; or keeps nothing but references.
 *
 * It takes only what is in perfect order, and says no to everything else; whoever asks then parses, and finds out
 * what is wrong, or that it was only unusual. Where it takes an object, the entry equals that of the parsed object.
 */
export class Packer {
  readonly #scanner: ObjectScanner;
  readonly #keys: KeyReader;
  readonly #pool: SlabPool;
  readonly #keepsResources: boolean;
  #names: Names | undefined;
  /** Of the object scanned last. */
  #namespace = '';
  #name = '';
  #end = 0;

  constructor(indexer: Indexer, keeping: Keeping = 'resources') {
    this.#keepsResources = keeping === 'resources';
    this.#keys = new KeyReader(indexer, IDENTITY.length);
    const wanted = [...IDENTITY.map(parseFieldPath), ...this.#keys.paths];
    const scanner = new ObjectScanner(compileScanPlan(wanted, indexer.ignored.map(parseFieldPath)));
    this.#scanner = scanner;
    this.#pool = new SlabPool(() => scanner.settle());
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
  pack<T>(bytes: Buffer, from: number, expected: PackExpectation): PackedResource<T> | undefined {
    if (!this.#identify(bytes, from, expected, this.#keepsResources)) return undefined;
    const scanner = this.#scanner;
    const keys = this.#keys.isDefault ? undefined : this.#keys.primary(scanner);
    if (keys === undefined && !this.#keys.isDefault) return undefined;
    if (!this.#keepsResources) return this.#reference<T>(keys);
    const secondary = this.#keys.secondary(scanner);
    if (secondary === 'too many') return undefined;
    const pool = this.#pool;
    const slab = pool.roomFor(scanner.keptLength, this.#namesOf(expected).front);
    scanner.send(slab.bytes, slab.used);
    const filing = keys === undefined && secondary === undefined ? undefined : { keys, secondary };
    const entry = new PackedEntry<T>(this.#namespace, this.#name, filing, slab, scanner);
    pool.moveIn(slab, entry);
    return entry as PackedResource<T>;
  }

  /** Reads who the object is that begins at `from`, and keeps nothing; `undefined` as `pack` does. */
  refOf(bytes: Buffer, from: number, expected: PackExpectation): ResourceRef | undefined {
    if (!this.#identify(bytes, from, expected, false)) return undefined;
    const { uid, resourceVersion } = this.#version();
    const [namespace, name] = [this.#namespace, this.#name];
    return { namespace, name, resourceVersion, ...(uid ? { uid } : undefined), keys: NO_KEYS };
  }

  #reference<T>(keys: readonly string[] | undefined): PackedResource<T> {
    const { uid, resourceVersion } = this.#version();
    const filing = keys === undefined ? undefined : { keys, secondary: undefined };
    const entry = ReferenceEntry.of<T>(
      this.#namespace,
      this.#name,
      filing,
      uid || undefined,
      resourceVersion,
    );
    return entry as Entry<T> as PackedResource<T>;
  }

  #version(): { readonly uid: string | undefined; readonly resourceVersion: string } {
    const scanner = this.#scanner;
    const uid = this.#keys.text(scanner, UID, false);
    return { uid, resourceVersion: this.#keys.text(scanner, RESOURCE_VERSION, false) as string };
  }

  /** Scans an object, and notes who it is. */
  #identify(bytes: Buffer, from: number, expected: PackExpectation, keeps: boolean): boolean {
    const scanner = this.#scanner;
    const end = scanner.scan(bytes, from, expected.maxDepth, keeps);
    if (end === INVALID) return false;
    if (!scanner.isAscii && !isUtf8(bytes.subarray(from, end))) return false;
    if (!scanner.identify(this.#namesOf(expected), expected.mayBeUnnamed)) return false;
    const keys = this.#keys;
    const namespace = keys.text(scanner, NAMESPACE, true);
    const name = keys.text(scanner, NAME, false);
    if (namespace === undefined || !name) return false;
    this.#namespace = namespace;
    this.#name = name;
    this.#end = end;
    return true;
  }

  #namesOf({ apiVersion, kind }: PackExpectation): Names {
    const known = this.#names;
    if (known !== undefined && known.of === apiVersion && known.ofKind === kind) return known;
    const names = expectedNames(apiVersion, kind);
    this.#names = names;
    return names;
  }
}

const NO_KEYS: readonly string[] = Object.freeze([]);

interface Names extends ExpectedNames {
  readonly of: string;
  readonly ofKind: string;
  /** What an object begins with that has them put in. */
  readonly front: string;
}

function expectedNames(apiVersion: string, kind: string): Names {
  const [version, name] = [JSON.stringify(apiVersion), JSON.stringify(kind)];
  return {
    of: apiVersion,
    ofKind: kind,
    apiVersion: Buffer.from(version),
    kind: Buffer.from(name),
    front: `{"apiVersion":${version},"kind":${name},`,
  };
}
