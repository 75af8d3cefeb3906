/** Owns what index keys may be, and how an error names those that may not. */
import { StoreError, type StoreOperation } from './errors.ts';
import { shownValue } from './shown-value.ts';

const MAX_SHOWN_KEYS = 8;

/** The keys of a call for its error: text, whatever the caller gave. */
export function keysForError(keys: unknown): readonly string[] {
  if (!Array.isArray(keys)) return [];
  return Array.from(keys, (key: unknown) => (isOdd(key) ? shownValue(key) : String(key)));
}

/** What may run code of its own when it is made text. */
function isOdd(key: unknown): boolean {
  return (typeof key === 'object' && key !== null) || typeof key === 'function';
}

/**
 * Checks index keys.
 *
 * @throws {StoreError} `INVALID_KEYS` for too few or too many keys, one that is not a string, or one with a NUL.
 */
export function checkKeys(
  keys: readonly string[],
  numKeys: number,
  operation: StoreOperation,
  prefix: 'exact' | 'prefix' = 'exact',
): void {
  if (!Array.isArray(keys)) {
    throw new StoreError(`${operation}: the keys are not an array of strings.`, {
      code: 'INVALID_KEYS',
      operation,
    });
  }
  const wrong = whatIsWrong(keys, numKeys, prefix);
  if (wrong === undefined) return;
  const shown = keys.slice(0, MAX_SHOWN_KEYS).map(shownValue).join(', ');
  const more = keys.length > MAX_SHOWN_KEYS ? ', …' : '';
  const range = prefix === 'exact' || numKeys === 1 ? String(numKeys) : `1 to ${numKeys}`;
  throw new StoreError(`${operation}(${shown}${more}): ${wrong}. Give ${range}, each a string without NUL.`, {
    code: 'INVALID_KEYS',
    operation,
    keys: keysForError(keys),
  });
}

function whatIsWrong(
  keys: readonly string[],
  numKeys: number,
  prefix: 'exact' | 'prefix',
): string | undefined {
  if (keys.length === 0) return `no keys given${prefix === 'prefix' ? '; list() gives everything' : ''}`;
  if (keys.length > numKeys) return `${keys.length} keys are too many`;
  if (prefix === 'exact' && keys.length < numKeys) return `${keys.length} key(s) are too few`;
  for (const key of keys) {
    if (typeof key !== 'string') return `a key is ${key === null ? 'null' : typeof key} instead of a string`;
    if (key.includes('\0')) return 'a key contains a NUL character';
  }
  return undefined;
}
