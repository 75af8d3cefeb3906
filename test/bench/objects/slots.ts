/** Owns what tells the objects of the benchmark apart: fields of fixed width, so that bytes are made from a template. */

/** The varying parts of an object, each of fixed width. */
export interface Slots {
  /** Seven digits. */
  readonly index: string;
  /** Three digits. */
  readonly namespace: string;
  /** Ten digits. */
  readonly resourceVersion: string;
}

/** Stands in a template where digits go; nothing else in an object contains these characters. */
export const PLACEHOLDERS: Slots = {
  index: '@'.repeat(7),
  namespace: '%'.repeat(3),
  resourceVersion: '#'.repeat(10),
};

const NAMESPACES = 100;
const FIRST_VERSION = 1_000_000_000;

/** The slots of one object in one version; `version` counts from 0. */
export function slotsOf(index: number, version: number, oneNamespace: boolean): Slots {
  return {
    index: String(index).padStart(7, '0'),
    namespace: digitsOf(oneNamespace ? 0 : index % NAMESPACES),
    resourceVersion: String(FIRST_VERSION + version),
  };
}

/** The indexes of all objects in the order in which an API server lists them: by namespace, then name. */
export function listOrder(count: number, oneNamespace: boolean): readonly number[] {
  const step = oneNamespace ? 1 : NAMESPACES;
  const order: number[] = [];
  for (let first = 0; first < step; first++) {
    for (let index = first; index < count; index += step) order.push(index);
  }
  return order;
}

/** Where the objects of a namespace are in that order: from the first place to before the second. */
export function placesOfNamespace(
  count: number,
  oneNamespace: boolean,
  namespace: string,
): readonly [number, number] {
  const size = (each: number): number =>
    oneNamespace ? (each === 0 ? count : 0) : Math.max(0, Math.ceil((count - each) / NAMESPACES));
  let from = 0;
  for (let each = 0; each < NAMESPACES; each++) {
    if (namespaceOf({ namespace: digitsOf(each) }) === namespace) return [from, from + size(each)];
    from += size(each);
  }
  return [0, 0];
}

/** The resource version of a list of `count` objects, whose versions are 0 to count - 1. */
export function listVersion(count: number): string {
  return String(FIRST_VERSION + count - 1);
}

function digitsOf(namespace: number): string {
  return String(namespace).padStart(3, '0');
}

export function namespaceOf({ namespace }: Pick<Slots, 'namespace'>): string {
  return `team-${namespace}`;
}
