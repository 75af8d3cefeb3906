/** Owns the order in which the versions of a group are offered: the most stable one first, then the newest. */

const VERSION = /^v(\d+)(?:(alpha|beta)(\d+))?$/;
const STABILITY: Readonly<Record<string, number>> = { alpha: 1, beta: 2 };

// Stability, then numbers; undefined for a name of another form.
function rankOf(version: string): readonly [number, number, number] | undefined {
  const [, major, stage, minor] = VERSION.exec(version) ?? [];
  if (major === undefined) return undefined;
  return [stage === undefined ? 3 : (STABILITY[stage] ?? 0), Number(major), Number(minor ?? 0)];
}

/** Compares versions of one group: `v2`, `v1`, `v2beta2`, `v1alpha1`, then other names by the alphabet. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [rankOf(a), rankOf(b)];
  if (!left || !right) return left ? -1 : right ? 1 : a < b ? -1 : 1;
  const differing = left.findIndex((part, i) => part !== right[i]);
  return differing < 0 ? 0 : (right[differing] ?? 0) - (left[differing] ?? 0);
}
