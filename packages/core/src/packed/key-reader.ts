/** Owns how index keys are read from the places that a scan found. */
import type { FieldPath } from '../field-path/field-path.ts';
import { parseFieldPath } from '../field-path/parse-field-path.ts';
import type { Indexer } from '../indexer.ts';
import { isNamespacePath } from '../indexer-keys.ts';
import { combinations } from '../indexer-secondary.ts';
import { ABSENT, type ObjectScanner, parseString } from './object-scanner.ts';
import { StringInterner } from './string-interner.ts';

/** One path of an index. */
interface Column {
  readonly slot: number;
  readonly isMany: boolean;
  /** A missing namespace is `''`. */
  readonly isNamespace: boolean;
}

const NUL = '\0';
const QUOTE = 0x22;
const NONE: readonly (readonly string[])[] = Object.freeze([]);

type KeyTuples = readonly (readonly string[])[];

/** Reads keys as the indexer would from the parsed object; says no where that would refuse, or where it is unsure. */
export class KeyReader {
  /** The paths that have to be scanned for, in the order of their slots. */
  readonly paths: readonly FieldPath[];
  /** Whether the index keys are namespace and name. */
  readonly isDefault: boolean;
  readonly #primary: readonly Column[];
  readonly #secondary: readonly (readonly Column[])[];
  readonly #interner = new StringInterner();

  constructor(indexer: Indexer, firstSlot: number) {
    const paths: FieldPath[] = [];
    const column = (expression: string): Column => {
      const path = parseFieldPath(expression);
      paths.push(path);
      return {
        slot: firstSlot + paths.length - 1,
        isMany: path.segments.some(({ kind }) => kind === 'each'),
        isNamespace: isNamespacePath(path),
      };
    };
    this.isDefault = indexer.isDefaultKeys;
    this.#primary = indexer.isDefaultKeys ? [] : indexer.expressions.map(column);
    this.#secondary = Array.from(indexer.indexExpressions.values(), (each) => each.map(column));
    this.paths = paths;
  }

  /** The text of a slot of what was identified, `''` where it is absent; `undefined` for what is no text, or contains a NUL. */
  text(scanner: ObjectScanner, slot: number, isShared: boolean): string | undefined {
    const start = scanner.start(slot);
    if (start === ABSENT) return '';
    if (scanner.isPlain) {
      const { bytes } = scanner;
      const end = scanner.end(slot) - 1;
      return isShared ? this.#interner.take(bytes, start + 1, end) : bytes.toString('latin1', start + 1, end);
    }
    if (scanner.bytes[start] !== QUOTE) return undefined;
    const text = this.#string(scanner, start, scanner.end(slot), isShared);
    return text.includes(NUL) ? undefined : text;
  }

  /** The index keys, frozen; `undefined` where one is missing or unfit. Not for `isDefault`. */
  primary(scanner: ObjectScanner): readonly string[] | undefined {
    const keys: string[] = [];
    for (const { slot, isNamespace } of this.#primary) {
      const start = scanner.start(slot);
      const key =
        start === ABSENT || isNull(scanner.bytes, start)
          ? isNamespace
            ? ''
            : undefined
          : this.#key(scanner, start, scanner.end(slot));
      if (key === undefined) return undefined;
      keys.push(key);
    }
    return Object.freeze(keys);
  }

  /** The key tuples of all secondary indexes. */
  secondary(scanner: ObjectScanner): readonly KeyTuples[] | 'too many' | undefined {
    if (this.#secondary.length === 0) return undefined;
    const all: KeyTuples[] = [];
    for (const columns of this.#secondary) {
      const tuples = this.#tuples(columns, scanner);
      if (tuples === undefined) return 'too many';
      all.push(tuples);
    }
    return all;
  }

  #tuples(columns: readonly Column[], scanner: ObjectScanner): KeyTuples | undefined {
    const values: (readonly string[])[] = [];
    for (const column of columns) {
      const keys = this.#values(column, scanner);
      if (keys.length === 0) return NONE;
      values.push(keys);
    }
    const tuples = combinations(values);
    return typeof tuples === 'number' ? undefined : tuples;
  }

  #values({ slot, isMany, isNamespace }: Column, scanner: ObjectScanner): readonly string[] {
    const start = scanner.start(slot);
    const places = isMany ? scanner.places(slot) : start === ABSENT ? [] : [start, scanner.end(slot)];
    const keys = new Set<string>();
    let found = false;
    for (let i = 0; i < places.length; i += 2) {
      const at = places[i] as number;
      if (isNull(scanner.bytes, at)) continue;
      found = true;
      const key = this.#key(scanner, at, places[i + 1] as number);
      if (key !== undefined) keys.add(key);
    }
    return found || !isNamespace ? [...keys] : [''];
  }

  /** The key that a value gives; `undefined` for objects, arrays, numbers without end, and text with a NUL. */
  #key(scanner: ObjectScanner, start: number, end: number): string | undefined {
    switch (scanner.bytes[start]) {
      case QUOTE: {
        const text = this.#string(scanner, start, end, true);
        return text.includes(NUL) ? undefined : text;
      }
      case 0x7b:
      case 0x5b:
        return undefined;
      case 0x74:
        return 'true';
      case 0x66:
        return 'false';
      default: {
        const number = Number(scanner.bytes.toString('latin1', start, end));
        return Number.isFinite(number) ? JSON.stringify(number) : undefined;
      }
    }
  }

  /** The text of a string, from quote to quote. */
  #string(scanner: ObjectScanner, start: number, end: number, isShared: boolean): string {
    const { bytes } = scanner;
    if (!scanner.isAscii) return parseString(bytes, start, end);
    const text = isShared
      ? this.#interner.take(bytes, start + 1, end - 1)
      : bytes.toString('latin1', start + 1, end - 1);
    return text.includes('\\') ? parseString(bytes, start, end) : text;
  }
}

function isNull(bytes: Buffer, start: number): boolean {
  return bytes[start] === 0x6e;
}
