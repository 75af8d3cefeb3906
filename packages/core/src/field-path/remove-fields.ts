/** Owns cutting fields out of an object: a copy that shares everything it did not have to change. */
import type { FieldPath, FieldPathSegment } from './field-path.ts';

/** All paths as one tree, so that an object is walked once, however many paths there are. */
interface Cut {
  remove: boolean;
  readonly fields: Map<string, Cut>;
  readonly elements: Map<number, Cut>;
  each: Cut | undefined;
}

function emptyCut(): Cut {
  return { remove: false, fields: new Map(), elements: new Map(), each: undefined };
}

function child(cut: Cut, segment: FieldPathSegment): Cut {
  if (segment.kind === 'each') {
    cut.each ??= emptyCut();
    return cut.each;
  }
  const [children, key]: [Map<string | number, Cut>, string | number] =
    segment.kind === 'field' ? [cut.fields, segment.name] : [cut.elements, segment.index];
  const found = children.get(key) ?? emptyCut();
  children.set(key, found);
  return found;
}

function merge(into: Cut, from: Cut): void {
  into.remove ||= from.remove;
  for (const [name, cut] of from.fields) merge(child(into, { kind: 'field', name }), cut);
  for (const [index, cut] of from.elements) merge(child(into, { kind: 'index', index }), cut);
  if (from.each !== undefined) merge(child(into, { kind: 'each' }), from.each);
}

/** What holds for every element holds for the numbered ones too. */
function spreadEach(cut: Cut): void {
  if (cut.each !== undefined) for (const element of cut.elements.values()) merge(element, cut.each);
  for (const field of cut.fields.values()) spreadEach(field);
  for (const element of cut.elements.values()) spreadEach(element);
  if (cut.each !== undefined) spreadEach(cut.each);
}

function cutArray(cut: Cut, array: readonly unknown[]): readonly unknown[] {
  if (cut.each === undefined && cut.elements.size === 0) return array;
  let copy: unknown[] | undefined;
  for (let index = 0; index < array.length; index += 1) {
    const element = array[index];
    const below = cut.elements.get(index) ?? cut.each;
    if (below?.remove === true) {
      copy ??= array.slice(0, index);
      continue;
    }
    const kept = below === undefined ? element : cutValue(below, element);
    if (!Object.is(kept, element)) copy ??= array.slice(0, index);
    copy?.push(kept);
  }
  return copy ?? array;
}

/** Like an assignment, but `__proto__` is data too. */
function setOwn(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  else object[name] = value;
}

function cutObject(cut: Cut, object: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  let copy: Record<string, unknown> | undefined;
  let removes = false;
  for (const [name, below] of cut.fields) {
    if (!Object.hasOwn(object, name)) continue;
    if (below.remove) {
      removes = true;
      continue;
    }
    const value = object[name];
    const kept = cutValue(below, value);
    if (Object.is(kept, value)) continue;
    copy ??= { ...object };
    setOwn(copy, name, kept);
  }
  if (!removes) return copy ?? object;
  // Built up rather than deleted from: `delete` would turn the copy into a slow, large dictionary.
  const source = copy ?? object;
  const rest: Record<string, unknown> = {};
  for (const name of Object.keys(source))
    if (cut.fields.get(name)?.remove !== true) setOwn(rest, name, source[name]);
  return rest;
}

function cutValue(cut: Cut, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Array.isArray(value) ? cutArray(cut, value) : cutObject(cut, value as Record<string, unknown>);
}

/**
 * Makes the function that cuts the fields of these paths out of an object.
 *
 * The object is never touched; the result shares what did not change and is the object itself where there was
 * nothing to remove. Parents that become empty stay. All paths mean the object as it was: where `[0]` is removed,
 * `[1]` in another path is still what was the second element.
 *
 * @example
 * ```ts
 * const strip = compileFieldRemoval([parseFieldPath('metadata.managedFields')]);
 * strip({ metadata: { name: 'a', managedFields: [] } }) // { metadata: { name: 'a' } }
 * ```
 */
export function compileFieldRemoval(paths: readonly FieldPath[]): <O>(object: O) => O {
  if (paths.length === 0) return (object) => object;
  const root = emptyCut();
  for (const path of paths) {
    let cut = root;
    for (const segment of path.segments) cut = child(cut, segment);
    cut.remove = true;
  }
  spreadEach(root);
  return <O>(object: O): O => cutValue(root, object) as O;
}
