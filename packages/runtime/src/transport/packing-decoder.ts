/** Owns the decoder that parses nothing: objects become entries that keep their bytes until they are read. */
import type { ResourceRef } from '@firn/core';
import type { PackExpectation, Packer } from '@firn/core/engine';
import { asBuffer } from './as-buffer.ts';
import type { KindLearningDecoder } from './kind-learning-decoder.ts';
import type {
  Decoded,
  ItemDefaults,
  ObjectDecoder,
  PackedObject,
  ServedObject,
  TakenFrame,
  TakenItem,
  WatchFrame,
} from './object-decoder.ts';
import { isSpace, NESTING_LIMIT } from './value-scanner.ts';

/** Frames begin like this, byte for byte; all others are parsed. By the first letter of their type, as a byte. */
const HEADS = { 65: headOf('ADDED'), 77: headOf('MODIFIED'), 68: headOf('DELETED') };
/** Where the type begins. */
const INITIAL = 9;
const CLOSE_OBJECT = 0x7d;
const NEWLINE = 0x0a;

function headOf<T extends string>(type: T): { readonly type: T; readonly bytes: Uint8Array } {
  return { type, bytes: Buffer.from(`{"type":"${type}","object":`) };
}

type PackedFrame = { readonly bytes: number; readonly end: number } & (
  | { readonly type: 'ADDED' | 'MODIFIED'; readonly object: PackedObject }
  | { readonly type: 'DELETED'; readonly object: ResourceRef }
);

/**
 * Decodes what is usual without parsing it, and gives all else to the decoder that parses: unusual, wrong, or of a
 * kind that is not known yet. So whatever is wrong is refused in the same words.
 */
export class PackingDecoder implements ObjectDecoder {
  readonly #apiVersion: string;
  readonly #packer: Packer;
  readonly #parsing: KindLearningDecoder;
  readonly #kind: string | undefined;
  #expectation: PackExpectation | undefined;

  /** @param kind is what all objects are of, where that is known beforehand; else the one that `parsing` learns. */
  constructor(apiVersion: string, packer: Packer, parsing: KindLearningDecoder, kind?: string) {
    this.#apiVersion = apiVersion;
    this.#packer = packer;
    this.#parsing = parsing;
    this.#kind = kind;
  }

  decodeListItem(bytes: Uint8Array, defaults: ItemDefaults): Decoded {
    if (this.#knownKind !== undefined) {
      return this.#whole(bytes, defaults) ?? this.#parsing.decodeListItem(bytes, defaults);
    }
    const parsed = this.#parsing.decodeListItem(bytes, defaults);
    return this.#whole(bytes, defaults) ?? parsed;
  }

  takeListItem(chunk: Uint8Array, from: number, defaults: ItemDefaults): TakenItem | undefined {
    const expected = this.#expectationOf(defaults);
    if (expected === undefined) return undefined;
    const item: PackedObject | undefined = this.#packer.pack(asBuffer(chunk), from, expected);
    return item === undefined ? undefined : { item, end: this.#packer.end };
  }

  takeWatchFrame(chunk: Uint8Array, from: number): TakenFrame | undefined {
    // White space of JSON may be a newline, but that of a frame may not: it ends there (rule 25).
    const end = asBuffer(chunk).indexOf(NEWLINE, from);
    const frame = end === -1 ? undefined : this.#frameAt(chunk, from);
    if (frame === undefined || frame.end === end) return frame;
    drop(frame);
    return undefined;
  }

  decodeObject(bytes: Uint8Array): ServedObject {
    return this.#parsing.decodeObject(bytes);
  }

  decodeWatchFrame(bytes: Uint8Array): WatchFrame {
    if (this.#knownKind !== undefined) return this.#frame(bytes) ?? this.#parsing.decodeWatchFrame(bytes);
    const parsed = this.#parsing.decodeWatchFrame(bytes);
    return this.#frame(bytes) ?? parsed;
  }

  get #knownKind(): string | undefined {
    return this.#kind ?? this.#parsing.kind;
  }

  #whole(bytes: Uint8Array, defaults: ItemDefaults): PackedObject | undefined {
    const taken = this.takeListItem(bytes, 0, defaults);
    if (taken === undefined || taken.end === bytes.length) return taken?.item;
    taken.item.release();
    return undefined;
  }

  #frame(bytes: Uint8Array): WatchFrame | undefined {
    const frame = this.#frameAt(bytes, 0);
    if (frame === undefined || frame.end === bytes.length) return frame;
    drop(frame);
    return undefined;
  }

  /** The frame that begins here, up to what stands behind its last brace. */
  #frameAt(bytes: Uint8Array, from: number): PackedFrame | undefined {
    const expected = this.#expectationOf(undefined);
    const head = expected === undefined ? undefined : headAt(bytes, from);
    if (expected === undefined || head === undefined) return undefined;
    const { type } = head;
    const buffer = asBuffer(bytes);
    const packer = this.#packer;
    const at = from + head.bytes.length;
    if (type === 'DELETED') {
      const ref = packer.refOf(buffer, at, expected);
      const end = ref === undefined ? -1 : endOfFrame(bytes, packer.end);
      return ref === undefined || end === -1 ? undefined : { type, object: ref, bytes: end - from, end };
    }
    const object: PackedObject | undefined = packer.pack(buffer, at, expected);
    if (object === undefined) return undefined;
    const end = endOfFrame(bytes, packer.end);
    if (end !== -1) return { type, object, bytes: end - from, end };
    object.release();
    return undefined;
  }

  /** What an object has to be; nothing while its kind is not known, or where its list is one of something else. */
  #expectationOf(defaults: ItemDefaults | undefined): PackExpectation | undefined {
    const kind = this.#knownKind;
    if (kind === undefined) return undefined;
    const mayBeUnnamed =
      defaults !== undefined &&
      (defaults.apiVersion ?? this.#apiVersion) === this.#apiVersion &&
      defaults.kind === kind;
    const known = this.#expectation;
    if (known?.kind === kind && known.mayBeUnnamed === mayBeUnnamed) return known;
    this.#expectation = { apiVersion: this.#apiVersion, kind, mayBeUnnamed, maxDepth: NESTING_LIMIT };
    return this.#expectation;
  }
}

/** The index behind the brace that ends a frame, and behind white space other than a newline; -1 without a brace. */
function endOfFrame(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isSpace(bytes[at])) at++;
  if (bytes[at] !== CLOSE_OBJECT) return -1;
  at++;
  while (bytes[at] !== NEWLINE && isSpace(bytes[at])) at++;
  return at;
}

/** How the frame that begins here begins, if it does so as most do. */
function headAt(bytes: Uint8Array, from: number): (typeof HEADS)[keyof typeof HEADS] | undefined {
  const head = HEADS[bytes[from + INITIAL] as keyof typeof HEADS];
  return head !== undefined && isAt(bytes, from, head.bytes) ? head : undefined;
}

function isAt(bytes: Uint8Array, from: number, head: Uint8Array): boolean {
  for (let i = head.length - 1; i >= 0; i--) if (bytes[from + i] !== head[i]) return false;
  return true;
}

/** What was taken for a frame and is none needs its bytes no more. */
function drop({ object }: PackedFrame): void {
  if ('release' in object) object.release();
}
