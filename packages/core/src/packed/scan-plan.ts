/** Owns what is looked for in the bytes of an object: the paths of keys and ignored fields, as one tree. */
import type { FieldPath, FieldPathSegment } from '../field-path/field-path.ts';

/** Where plans stand in the memory of the scanner. */
export const PLAN_AT = 0xc000;

/** The compiled paths, as the scanner reads them: words to be put where plans stand. */
export interface ScanPlan {
  readonly words: Int32Array;
  /** The address of the node for the object itself. */
  readonly root: number;
  /** For each slot: whether it takes any number of values. */
  readonly isMany: readonly boolean[];
}

interface Branch {
  readonly fields: Map<string, Branch>;
  readonly elements: Map<number, Branch>;
  each: Branch | undefined;
  readonly slots: Set<number>;
  cut: boolean;
}

function emptyBranch(): Branch {
  return { fields: new Map(), elements: new Map(), each: undefined, slots: new Set(), cut: false };
}

function child(branch: Branch, segment: FieldPathSegment): Branch {
  if (segment.kind === 'each') {
    branch.each ??= emptyBranch();
    return branch.each;
  }
  const [children, key]: [Map<string | number, Branch>, string | number] =
    segment.kind === 'field' ? [branch.fields, segment.name] : [branch.elements, segment.index];
  const found = children.get(key) ?? emptyBranch();
  children.set(key, found);
  return found;
}

function merge(into: Branch, from: Branch): void {
  into.cut ||= from.cut;
  for (const slot of from.slots) into.slots.add(slot);
  for (const [name, branch] of from.fields) merge(child(into, { kind: 'field', name }), branch);
  for (const [index, branch] of from.elements) merge(child(into, { kind: 'index', index }), branch);
  if (from.each !== undefined) merge(child(into, { kind: 'each' }), from.each);
}

/** What is meant of every element is meant of the numbered ones too. */
function spreadEach(branch: Branch): void {
  if (branch.each !== undefined) for (const element of branch.elements.values()) merge(element, branch.each);
  for (const field of branch.fields.values()) spreadEach(field);
  for (const element of branch.elements.values()) spreadEach(element);
  if (branch.each !== undefined) spreadEach(branch.each);
}

/** Writes nodes as the scanner reads them; the order of their words is that of its constants. */
class PlanWriter {
  readonly words: number[] = [];
  readonly #isMany: readonly boolean[];

  constructor(isMany: readonly boolean[]) {
    this.#isMany = isMany;
  }

  /** Writes a node and all below it; gives its address. */
  node({ fields, elements, each, slots, cut }: Branch): number {
    const fieldWords = Array.from(fields, ([name, below]) => [...this.#name(name), this.node(below)]).flat();
    const elementWords = Array.from(elements, ([index, below]) => [index, this.node(below)]).flat();
    const eachAt = each === undefined ? 0 : this.node(each);
    const slotWords = Array.from(slots, (slot) => (this.#isMany[slot] === true ? ~slot : slot));
    return this.#write([
      cut ? 1 : 0,
      0,
      this.#write(slotWords),
      slots.size,
      this.#write(fieldWords),
      fields.size,
      eachAt,
      this.#write(elementWords),
      elements.size,
    ]);
  }

  /** Address and length of a name in UTF-8. */
  #name(name: string): readonly [number, number] {
    const bytes = new TextEncoder().encode(name);
    const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
    padded.set(bytes);
    return [this.#write([...new Int32Array(padded.buffer)]), bytes.length];
  }

  #write(words: readonly number[]): number {
    const address = PLAN_AT + 4 * this.words.length;
    for (const word of words) this.words.push(word);
    return address;
  }
}

/** Compiles paths: the values of `wanted[i]` are noted in slot `i`, those of `ignored` are left out. */
export function compileScanPlan(wanted: readonly FieldPath[], ignored: readonly FieldPath[]): ScanPlan {
  const root = emptyBranch();
  const end = ({ segments }: FieldPath): Branch => segments.reduce(child, root);
  for (const [slot, path] of wanted.entries()) end(path).slots.add(slot);
  for (const path of ignored) end(path).cut = true;
  spreadEach(root);
  const isMany = wanted.map(({ segments }) => segments.some(({ kind }) => kind === 'each'));
  const writer = new PlanWriter(isMany);
  const rootAt = writer.node(root);
  return { words: Int32Array.from(writer.words), root: rootAt, isMany };
}
