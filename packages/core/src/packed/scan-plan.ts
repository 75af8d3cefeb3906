/** Owns what is looked for in the bytes of an object: the paths of keys and ignored fields, as one tree. */
import type { FieldPath, FieldPathSegment } from '../field-path/field-path.ts';

/** One step of the paths. */
export interface PlanNode {
  /** The fields of an object that paths go through, by the length of their names in bytes. */
  readonly fields: readonly (readonly PlanField[] | undefined)[];
  readonly hasFields: boolean;
  /** Elements of an array that have a plan of their own. */
  readonly elements: ReadonlyMap<number, PlanNode>;
  /** All other elements. */
  readonly each: PlanNode | undefined;
  readonly hasElements: boolean;
  /** Where values found here are noted. */
  readonly slots: readonly number[];
  /** Whether what is found here is left out. */
  readonly cut: boolean;
  /** The object this was seen in last, by number: twice in one object is a repeated name. */
  seenIn: number;
}

/** A field that paths go through. */
export interface PlanField {
  readonly name: string;
  /** UTF-8. */
  readonly bytes: Uint8Array;
  readonly node: PlanNode;
}

/** The compiled paths. */
export interface ScanPlan {
  readonly root: PlanNode;
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

function fieldsByLength(branch: Branch): (readonly PlanField[])[] {
  const fields: PlanField[][] = [];
  for (const [name, below] of branch.fields) {
    const bytes = new TextEncoder().encode(name);
    let same = fields[bytes.length];
    if (same === undefined) {
      same = [];
      fields[bytes.length] = same;
    }
    same.push({ name, bytes, node: compiled(below) });
  }
  return Array.from(fields);
}

function compiled(branch: Branch): PlanNode {
  const { each, elements } = branch;
  return {
    fields: fieldsByLength(branch),
    hasFields: branch.fields.size > 0,
    elements: new Map(Array.from(elements, ([index, below]) => [index, compiled(below)])),
    each: each === undefined ? undefined : compiled(each),
    hasElements: each !== undefined || elements.size > 0,
    slots: [...branch.slots],
    cut: branch.cut,
    seenIn: 0,
  };
}

/** Compiles paths: the values of `wanted[i]` are noted in slot `i`, those of `ignored` are left out. */
export function compileScanPlan(wanted: readonly FieldPath[], ignored: readonly FieldPath[]): ScanPlan {
  const root = emptyBranch();
  const end = ({ segments }: FieldPath): Branch => segments.reduce(child, root);
  for (const [slot, path] of wanted.entries()) end(path).slots.add(slot);
  for (const path of ignored) end(path).cut = true;
  spreadEach(root);
  const isMany = wanted.map(({ segments }) => segments.some(({ kind }) => kind === 'each'));
  return { root: compiled(root), isMany };
}
