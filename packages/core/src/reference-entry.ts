/** Owns the entry of a mere reference: who a resource is and where it is filed, in as few bytes as that takes. */
import { Entry, type Filing } from './entry.ts';
import { StoreError } from './errors.ts';
import type { Resource } from './resource.ts';
import { shownValue } from './shown-value.ts';

/** A uid as most are: 16 bytes in 36 letters. */
const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;
/** Digits that a number holds exactly. */
const EXACT_DIGITS = 15;

/** A UUID as one character a byte; any other uid apart, so that the two cannot be mistaken. */
type PackedUid = string | { readonly uid: string };

/** Keeps no resource. Uid and version are kept packed, and are given as the text that they were. */
export class ReferenceEntry<T> extends Entry<T> {
  readonly #uid: PackedUid | undefined;
  readonly #version: string | number | undefined;

  protected constructor(
    namespace: string,
    name: string,
    uid: string | undefined,
    resourceVersion: string | undefined,
  ) {
    super(namespace, name);
    this.#uid = uid === undefined ? undefined : packUid(uid);
    this.#version = resourceVersion === undefined ? undefined : packVersion(resourceVersion);
  }

  static of<T>(
    namespace: string,
    name: string,
    filing: Filing | undefined,
    uid: string | undefined,
    resourceVersion: string | undefined,
  ): ReferenceEntry<T> {
    const entry =
      filing === undefined
        ? new ReferenceEntry<T>(namespace, name, uid, resourceVersion)
        : new FiledReferenceEntry<T>(namespace, name, filing, uid, resourceVersion);
    Object.freeze(entry);
    return entry;
  }

  get uid(): string | undefined {
    return typeof this.#uid === 'string' ? unpackUid(this.#uid) : this.#uid?.uid;
  }

  get resourceVersion(): string | undefined {
    return this.#version?.toString();
  }

  get hasResource(): boolean {
    return false;
  }

  get glimpse(): unknown {
    return this.resource;
  }

  /** There is nothing outside of the heap to give back. */
  release(): void {}

  jsonPieces(): readonly Uint8Array[] {
    return [Buffer.from(JSON.stringify(this.ref))];
  }

  get resource(): Resource<T> {
    throw new StoreError(
      `Only a reference of ${shownValue(`${this.namespace}/${this.name}`)} is stored, not the resource. Fetch it, or watch it with store: 'full'.`,
      { code: 'NO_RESOURCE', operation: 'get', keys: this.keys },
    );
  }

  protected get filing(): Filing | undefined {
    return undefined;
  }
}

/** The few that are filed elsewhere than under namespace and name have a field more. */
class FiledReferenceEntry<T> extends ReferenceEntry<T> {
  readonly #filing: Filing;

  constructor(
    namespace: string,
    name: string,
    filing: Filing,
    uid: string | undefined,
    resourceVersion: string | undefined,
  ) {
    super(namespace, name, uid, resourceVersion);
    this.#filing = filing;
  }

  protected override get filing(): Filing {
    return this.#filing;
  }
}

function packUid(uid: string): PackedUid {
  if (uid.length !== 36 || !UUID.test(uid)) return Object.freeze({ uid });
  return Buffer.from(uid.replaceAll('-', ''), 'hex').toString('latin1');
}

function unpackUid(packed: string): string {
  const hex = Buffer.from(packed, 'latin1').toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function packVersion(version: string): string | number {
  if (version.length > EXACT_DIGITS) return version;
  const number = Number(version);
  return Number.isInteger(number) && number >= 0 && String(number) === version ? number : version;
}
