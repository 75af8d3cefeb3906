/** Owns what happens in a soak, as data: rounds of writes and faults that follow from a seed, or from a file. */
import type { Fault } from '../fault-proxy/fault.ts';

/** A fault, and before which write of the round it comes. */
export interface PlannedFault extends Fault {
  readonly at: number;
}

/** A stretch of a soak. */
export interface Round {
  /** What each write does follows from it, and from the write's number. */
  readonly seed: number;
  /** The numbers of the writes, from the first of each pair to before the second. */
  readonly writes: readonly (readonly [from: number, to: number])[];
  /** Writes a second that are aimed at. */
  readonly rate: number;
  /** Writes in one turn of the event loop. */
  readonly burst: number;
  readonly faults: readonly PlannedFault[];
  /** Whether everything comes to rest afterwards, and is compared. */
  readonly settles: boolean;
}

/** Everything that a run needs to happen again, as far as sockets let it. */
export interface SoakScript {
  readonly seed: number;
  readonly server: 'embedded' | 'real';
  readonly rounds: readonly Round[];
}

const VERSION = 1;

/** A script as one line of JSON. */
export function formatScript({ seed, server, rounds }: SoakScript): string {
  const lines = rounds.map(({ seed: roundSeed, writes, rate, burst, faults, settles }) => ({
    seed: roundSeed,
    writes,
    rate,
    burst,
    faults: faults.map(({ at, kind, pick, amount }) => [at, kind, Number(pick.toFixed(4)), amount]),
    ...(settles ? { settles } : undefined),
  }));
  return JSON.stringify({ version: VERSION, server, seed, rounds: lines });
}

/** @throws {Error} when it is not what `formatScript` gives. */
export function parseScript(text: string): SoakScript {
  const { version, server, seed, rounds } = JSON.parse(text);
  if (version !== VERSION || !Array.isArray(rounds))
    throw new Error(
      `This is no script of a soak. Give the line that a failed run printed (version ${VERSION}).`,
    );
  return {
    seed,
    server,
    rounds: rounds.map(({ seed: roundSeed, writes, rate, burst, faults, settles = false }) => ({
      seed: roundSeed,
      writes,
      rate,
      burst,
      faults: faults.map(([at, kind, pick, amount]: [number, Fault['kind'], number, number]) => ({
        at,
        kind,
        pick,
        amount,
      })),
      settles,
    })),
  };
}
