/** Owns the decoder that parses nothing: objects become entries that keep their bytes until they are read. */
import type { PackExpectation, Packer } from '@firn/core/engine';
import { asBuffer } from './as-buffer.ts';
import type { KindLearningDecoder } from './kind-learning-decoder.ts';
import type {
  Decoded,
  ItemDefaults,
  ObjectDecoder,
  PackedObject,
  ServedObject,
  TakenItem,
  WatchFrame,
} from './object-decoder.ts';
import { isSpace, NESTING_LIMIT } from './value-scanner.ts';

/** Frames begin like this, byte for byte; all others are parsed. */
const HEADS = (['ADDED', 'MODIFIED', 'DELETED'] as const).map((type) => ({
  type,
  bytes: Buffer.from(`{"type":"${type}","object":`),
}));
const INITIALS = 9;
const CLOSE_OBJECT = 0x7d;

/**
 * Decodes what is usual without parsing it, and gives all else to the decoder that parses: unusual, wrong, or of a
 * kind that is not known yet. So whatever is wrong is refused in the same words.
 */
export class PackingDecoder implements ObjectDecoder {
  readonly #apiVersion: string;
  readonly #packer: Packer;
  readonly #parsing: KindLearningDecoder;
  #expectation: PackExpectation | undefined;

  constructor(apiVersion: string, packer: Packer, parsing: KindLearningDecoder) {
    this.#apiVersion = apiVersion;
    this.#packer = packer;
    this.#parsing = parsing;
  }

  decodeListItem(bytes: Uint8Array, defaults: ItemDefaults): Decoded {
    if (this.#parsing.kind !== undefined) {
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

  decodeObject(bytes: Uint8Array): ServedObject {
    return this.#parsing.decodeObject(bytes);
  }

  decodeWatchFrame(bytes: Uint8Array): WatchFrame {
    if (this.#parsing.kind !== undefined) return this.#frame(bytes) ?? this.#parsing.decodeWatchFrame(bytes);
    const parsed = this.#parsing.decodeWatchFrame(bytes);
    return this.#frame(bytes) ?? parsed;
  }

  #whole(bytes: Uint8Array, defaults: ItemDefaults): PackedObject | undefined {
    const taken = this.takeListItem(bytes, 0, defaults);
    if (taken === undefined || taken.end === bytes.length) return taken?.item;
    taken.item.release();
    return undefined;
  }

  #frame(bytes: Uint8Array): WatchFrame | undefined {
    const head = HEADS.find((one) => one.bytes[INITIALS] === bytes[INITIALS]);
    const expected = this.#expectationOf(undefined);
    if (head === undefined || expected === undefined || !startsWith(bytes, head.bytes)) return undefined;
    const { type } = head;
    const from = head.bytes.length;
    const packer = this.#packer;
    if (type === 'DELETED') {
      const ref = packer.refOf(asBuffer(bytes), from, expected);
      if (ref === undefined || !isClosed(bytes, packer.end)) return undefined;
      return { type, object: ref };
    }
    const object: PackedObject | undefined = packer.pack(asBuffer(bytes), from, expected);
    if (object === undefined) return undefined;
    if (isClosed(bytes, packer.end)) return { type, object };
    object.release();
    return undefined;
  }

  /** What an object has to be; nothing while its kind is not known, or where its list is one of something else. */
  #expectationOf(defaults: ItemDefaults | undefined): PackExpectation | undefined {
    const { kind } = this.#parsing;
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

function startsWith(bytes: Uint8Array, head: Uint8Array): boolean {
  if (bytes.length < head.length) return false;
  for (let i = head.length - 1; i >= 0; i--) if (bytes[i] !== head[i]) return false;
  return true;
}

/** Whether one brace follows, and nothing else. */
function isClosed(bytes: Uint8Array, from: number): boolean {
  let at = from;
  while (isSpace(bytes[at])) at++;
  if (bytes[at] !== CLOSE_OBJECT) return false;
  at++;
  while (at < bytes.length && isSpace(bytes[at])) at++;
  return at === bytes.length;
}
