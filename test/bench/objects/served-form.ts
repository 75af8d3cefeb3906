/** Owns the bytes that a server sends of its objects in one form: whole, or metadata only; they are made once and kept. */
import { identityOf, KINDS, type Load } from './kinds.ts';
import { ObjectBytes } from './object-bytes.ts';
import { listOrder, listVersion, type Slots, slotsOf } from './slots.ts';

/** So many objects have their bytes in one buffer. */
export const OBJECTS_AT_ONCE = 500;

const PARTIAL = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' };

/** What objects and lists of a form are. */
interface Shape {
  readonly kind: string;
  readonly listKind: string;
  readonly apiVersion: string;
  readonly make: (slots: Slots) => object;
  readonly makeItem: (slots: Slots) => object;
}

/** All objects of a load in one form, in their first versions; events alone have later ones. */
export class ServedForm {
  /** Frames of so many objects, from a place in the order of a list on. */
  readonly added: (from: number) => Buffer;
  readonly modified: ObjectBytes;
  readonly endOfList: Buffer;
  readonly #load: Load;
  readonly #shape: Shape;
  readonly #version: string;
  readonly #item: (from: number) => Buffer;
  readonly #itemLength: number;
  readonly #single: ObjectBytes;
  readonly #singles = new Map<string, Buffer>();

  constructor(load: Load, order: readonly number[], shape: Shape) {
    const { kind, apiVersion, make, makeItem } = shape;
    this.#load = load;
    this.#shape = shape;
    this.#version = listVersion(load.objects);
    this.added = kept(load, order, new ObjectBytes(make, '{"type":"ADDED","object":', '}\n'));
    this.modified = new ObjectBytes(make, '{"type":"MODIFIED","object":', '}\n');
    const items = new ObjectBytes(makeItem, '', ',');
    this.#item = kept(load, order, items);
    this.#itemLength = items.length;
    this.#single = new ObjectBytes(make, '', '\n');
    const annotations = { 'k8s.io/initial-events-end': 'true' };
    const object = { kind, apiVersion, metadata: { resourceVersion: this.#version, annotations } };
    this.endOfList = Buffer.from(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
  }

  /** A list of the objects at these places; more of them follow up to `end`. */
  *list(from: number, to: number, end: number): Iterable<Buffer> {
    const { listKind, apiVersion } = this.#shape;
    const token = to < end ? `,"continue":"${to}"` : '';
    const metadata = `"metadata":{"resourceVersion":"${this.#version}"${token}}`;
    yield Buffer.from(`{"kind":"${listKind}","apiVersion":"${apiVersion}",${metadata},"items":[`);
    for (let at = from; at < to; at += OBJECTS_AT_ONCE) {
      const isLast = at + OBJECTS_AT_ONCE >= to;
      const bytes = this.#item(at).subarray(0, (to - at) * this.#itemLength);
      yield isLast ? bytes.subarray(0, -1) : bytes;
    }
    yield Buffer.from(']}\n');
  }

  /** One object; `undefined` if there is none of this name. */
  object(namespace: string, name: string): Buffer | undefined {
    const key = `${namespace}/${name}`;
    const bytes = this.#singles.get(key) ?? this.#make(namespace, name);
    if (bytes !== undefined) this.#singles.set(key, bytes);
    return bytes;
  }

  #make(namespace: string, name: string): Buffer | undefined {
    const { objects, oneNamespace } = this.#load;
    const index = Number(/\d+$/.exec(name)?.[0] ?? objects);
    if (index >= objects) return undefined;
    const identity = identityOf(this.#load, index);
    if (identity.namespace !== namespace || identity.name !== name) return undefined;
    return this.#single.many([slotsOf(index, index, oneNamespace)]);
  }
}

/** The bytes of a run of objects, which are made once: the server is not what is measured. */
function kept(
  { objects, oneNamespace }: Load,
  order: readonly number[],
  bytes: ObjectBytes,
): (from: number) => Buffer {
  const made = new Map<number, Buffer>();
  return (from) => {
    const indexes = order.slice(from, Math.min(objects, from + OBJECTS_AT_ONCE));
    const known = made.get(from) ?? bytes.many(indexes.map((index) => slotsOf(index, index, oneNamespace)));
    made.set(from, known);
    return known;
  };
}

/** Both forms of a load. */
export function formsOf(load: Load): { readonly whole: ServedForm; readonly metadataOnly: ServedForm } {
  const { kind, apiVersion, listKind, make } = KINDS[load.kind];
  // In lists, items of built-in types carry neither apiVersion nor kind; those of metadata only do.
  const unnamed = (slots: Slots): object => {
    const { apiVersion: _, kind: __, ...rest } = make(slots) as { apiVersion: string; kind: string };
    return rest;
  };
  const partial = (slots: Slots): object => {
    const { metadata } = make(slots) as { metadata: object };
    return { ...PARTIAL, metadata };
  };
  const order = listOrder(load.objects, load.oneNamespace);
  return {
    whole: new ServedForm(load, order, { kind, listKind, apiVersion, make, makeItem: unnamed }),
    metadataOnly: new ServedForm(load, order, {
      ...PARTIAL,
      listKind: 'PartialObjectMetadataList',
      make: partial,
      makeItem: partial,
    }),
  };
}
