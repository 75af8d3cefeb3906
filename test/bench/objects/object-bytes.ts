/** Owns how the bytes of many objects are made quickly: one template, into which digits are written. */
import { PLACEHOLDERS, type Slots } from './slots.ts';

const FIELDS = ['index', 'namespace', 'resourceVersion'] as const;

/** Writes objects that differ in their slots alone, each with the same text around it. */
export class ObjectBytes {
  readonly #template: Buffer;
  readonly #places: readonly { readonly field: keyof Slots; readonly at: number }[];

  constructor(make: (slots: Slots) => object, before = '', after = '') {
    this.#template = Buffer.from(before + JSON.stringify(make(PLACEHOLDERS)) + after);
    this.#places = FIELDS.flatMap((field) =>
      placesOf(this.#template, PLACEHOLDERS[field]).map((at) => ({ field, at })),
    );
  }

  /** Bytes of one object. */
  get length(): number {
    return this.#template.length;
  }

  /** Writes one object at `at`, which has `length` bytes of room. */
  write(into: Buffer, at: number, slots: Slots): void {
    this.#template.copy(into, at);
    for (const place of this.#places) into.write(slots[place.field], at + place.at, 'latin1');
  }

  /** Many objects, one after the other. */
  many(slots: readonly Slots[]): Buffer {
    const { length } = this;
    const bytes = Buffer.allocUnsafe(slots.length * length);
    for (const [i, each] of slots.entries()) this.write(bytes, i * length, each);
    return bytes;
  }
}

function placesOf(bytes: Buffer, placeholder: string): number[] {
  const places: number[] = [];
  for (
    let at = bytes.indexOf(placeholder);
    at >= 0;
    at = bytes.indexOf(placeholder, at + placeholder.length)
  ) {
    places.push(at);
  }
  return places;
}
