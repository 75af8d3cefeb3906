/** Owns the guess at what somebody meant who wrote a name that does not exist. */

/** Names longer than this are not compared: nobody misspells them, and the cost is quadratic. */
const LONGEST = 80;

/** Edits that turn one text into the other: insert, delete, replace, swap of two neighbours. */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last: number[] = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/**
 * The names closest to what was written, nearest first; none if all are far off.
 *
 * @example
 * ```ts
 * nearestNames('ingreses', ['ingresses', 'services']) // ['ingresses']
 * ```
 */
export function nearestNames(written: string, names: Iterable<string>, limit = 3): readonly string[] {
  if (written === '' || written.length > LONGEST) return [];
  const word = written.toLowerCase();
  const allowed = Math.max(1, Math.floor(word.length / 3));
  const near: { name: string; distance: number }[] = [];
  for (const name of names) {
    if (name.length > LONGEST) continue;
    const candidate = name.toLowerCase();
    const shorter = Math.min(word.length, candidate.length);
    const begins = shorter >= 3 && (candidate.startsWith(word) || word.startsWith(candidate));
    const distance = begins ? 1 : editDistance(word, candidate);
    if (distance <= allowed) near.push({ name, distance });
  }
  near.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return near.slice(0, limit).map(({ name }) => name);
}
