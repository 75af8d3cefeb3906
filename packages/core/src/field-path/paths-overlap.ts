/** Owns the question whether removing one field would touch another. */
import type { FieldPath } from './field-path.ts';

/**
 * Whether removing `removed` could take away or alter what `needed` names: one lies at, above or below the other,
 * or an element is removed in front of the one that is needed.
 *
 * @example
 * ```ts
 * pathsOverlap(parseFieldPath('metadata.labels'), parseFieldPath('metadata.labels.app')) // true
 * ```
 */
export function pathsOverlap(removed: FieldPath, needed: FieldPath): boolean {
  const length = Math.min(removed.segments.length, needed.segments.length);
  for (let at = 0; at < length; at += 1) {
    const one = removed.segments[at];
    const other = needed.segments[at];
    if (one?.kind === 'field' && other?.kind === 'field') {
      if (one.name !== other.name) return false;
    } else if (one?.kind === 'field' || other?.kind === 'field') {
      return false;
    } else if (one?.kind === 'index' && other?.kind === 'index' && one.index !== other.index) {
      return at === removed.segments.length - 1 && one.index < other.index;
    }
  }
  return true;
}
