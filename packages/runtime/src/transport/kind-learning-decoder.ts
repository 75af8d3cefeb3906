/** Owns the decoder of a collection whose kind nobody has named: the first object of a list names it. */
import { createObjectDecoder, type ObjectExpectation } from './json-object-decoder.ts';
import type { ItemDefaults, ParsingDecoder, ServedObject, WatchFrame } from './object-decoder.ts';

/** Decodes, and from the first object on refuses those of another kind (rule 12); `forget` begins anew. */
export class KindLearningDecoder implements ParsingDecoder {
  readonly #expected: ObjectExpectation;
  readonly #openMinded: ParsingDecoder;
  #decoder: ParsingDecoder;
  #kind: string | undefined;

  constructor(expected: ObjectExpectation) {
    this.#expected = expected;
    this.#openMinded = createObjectDecoder(expected);
    this.#decoder = this.#openMinded;
    this.#kind = expected.kind;
  }

  /** The kind, once it is known. */
  get kind(): string | undefined {
    return this.#kind;
  }

  /** A new list may put right what an older one got wrong. */
  forget(): void {
    this.#decoder = this.#openMinded;
    this.#kind = this.#expected.kind;
  }

  decodeListItem(bytes: Uint8Array, defaults: ItemDefaults): ServedObject {
    return this.#learn(this.#decoder.decodeListItem(bytes, defaults));
  }

  decodeObject(bytes: Uint8Array): ServedObject {
    return this.#learn(this.#decoder.decodeObject(bytes));
  }

  decodeWatchFrame(bytes: Uint8Array): WatchFrame<ServedObject, ServedObject> {
    const frame = this.#decoder.decodeWatchFrame(bytes);
    if (this.#kind === undefined && 'object' in frame) this.#learn(frame.object);
    return frame;
  }

  #learn(object: ServedObject): ServedObject {
    if (this.#kind !== undefined || object.kind === undefined) return object;
    this.#kind = object.kind;
    this.#decoder = createObjectDecoder({ ...this.#expected, kind: object.kind });
    return object;
  }
}
