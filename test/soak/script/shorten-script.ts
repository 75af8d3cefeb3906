/** Owns the shortening of a script that fails: what can be left out, is, as long as it fails in the same way. */
import type { PlannedFault, Round, SoakScript } from './soak-script.ts';

/** Whether a script still fails. */
export type Fails = (script: SoakScript) => Promise<boolean>;

/** A piece that can be left out: a fault, or a stretch of writes. */
type Piece =
  | { readonly round: number; readonly fault: PlannedFault }
  | { readonly round: number; readonly writes: readonly [from: number, to: number] };

/** Writes of a piece. */
const STRETCH = 100;

/** The script of the last rounds, as few as fail: those before are seldom needed, and take the longest. */
async function lastRounds(
  script: SoakScript,
  fails: Fails,
  isLate: () => boolean,
): Promise<SoakScript | undefined> {
  const { rounds } = script;
  for (let count = 1; !isLate(); count *= 2) {
    const shorter = { ...script, rounds: rounds.slice(-count) };
    if (await fails(shorter)) return shorter;
    if (count >= rounds.length) return undefined;
  }
  return undefined;
}

function piecesOf({ rounds }: SoakScript): Piece[] {
  return rounds.flatMap(({ faults, writes }, round) => [
    ...faults.map((fault): Piece => ({ round, fault })),
    ...writes.flatMap(([from, to]) =>
      Array.from({ length: Math.ceil((to - from) / STRETCH) }, (_, i): Piece => {
        const start = from + i * STRETCH;
        return { round, writes: [start, Math.min(to, start + STRETCH)] };
      }),
    ),
  ]);
}

/** The script with nothing but these pieces. */
function scriptOf(script: SoakScript, pieces: readonly Piece[]): SoakScript {
  const rounds = script.rounds.map((round, index): Round => {
    const own = pieces.filter((piece) => piece.round === index);
    return {
      ...round,
      faults: own.flatMap((piece) => ('fault' in piece ? [piece.fault] : [])),
      writes: joined(own.flatMap((piece) => ('writes' in piece ? [piece.writes] : []))),
    };
  });
  return { ...script, rounds: rounds.filter(({ faults, writes }) => faults.length + writes.length > 0) };
}

function joined(stretches: readonly (readonly [number, number])[]): [number, number][] {
  const all: [number, number][] = [];
  for (const [from, to] of stretches) {
    const last = all.at(-1);
    if (last?.[1] === from) last[1] = to;
    else all.push([from, to]);
  }
  return all;
}

/** Delta debugging: leaves out ever smaller shares of the pieces. */
async function withoutNeedless(script: SoakScript, fails: Fails, isLate: () => boolean): Promise<SoakScript> {
  let pieces = piecesOf(script);
  let shares = 2;
  while (pieces.length > 1 && !isLate()) {
    const size = Math.ceil(pieces.length / shares);
    let isShorter = false;
    for (let at = 0; at < pieces.length && !isLate(); ) {
      const fewer = pieces.toSpliced(at, size);
      if (fewer.length > 0 && (await fails(scriptOf(script, fewer)))) {
        pieces = fewer;
        isShorter = true;
      } else at += size;
    }
    if (!isShorter && size === 1) break;
    if (!isShorter) shares = Math.min(pieces.length, shares * 2);
  }
  return scriptOf(script, pieces);
}

/**
 * The shortest script that was found to fail within `ms`; undefined if not even the whole of it fails again.
 *
 * What fails by chance of timing may be lost on the way: every step is one run, and counts if it fails.
 */
export async function shortenScript(
  script: SoakScript,
  fails: Fails,
  ms: number,
): Promise<SoakScript | undefined> {
  const until = performance.now() + ms;
  const isLate = (): boolean => performance.now() >= until;
  const shorter = await lastRounds(script, fails, isLate);
  return shorter === undefined ? undefined : withoutNeedless(shorter, fails, isLate);
}
