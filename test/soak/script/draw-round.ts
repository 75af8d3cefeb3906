/** Owns the drawing of rounds: calm ones, ordinary ones, and storms of faults. */
import type { FaultKind } from '../fault-proxy/fault.ts';
import { Random, seedOf } from '../random.ts';
import type { PlannedFault, Round } from './soak-script.ts';

/** Everything comes to rest after so many rounds. */
const SETTLE_EVERY = 10;

type DrawnKind = Exclude<FaultKind, 'lose'>;

/** How often each kind is drawn. */
const WEIGHTS: Readonly<Record<DrawnKind, number>> = {
  cut: 10,
  reset: 10,
  stall: 4,
  throttle: 6,
  truncate: 8,
  'close-after': 8,
  duplicate: 10,
  'error-event': 8,
  delay: 8,
  status: 14,
  'no-answer': 3,
  'cut-body': 8,
  'stall-body': 3,
  'truncate-body': 6,
  replay: 12,
  restart: 2,
  clock: 6,
  compact: 5,
  slow: 1,
};

const CODES = [401, 403, 410, 429, 500, 503] as const;
const EVENT_CODES = [410, 429, 500, 401, 503] as const;

function amountOf(kind: DrawnKind, random: Random): number {
  switch (kind) {
    case 'throttle':
      return random.between(100, 1200);
    case 'close-after':
      return random.between(1, 40);
    case 'duplicate':
      return random.between(1, 200);
    case 'error-event':
      return random.pick(EVENT_CODES);
    case 'status':
      return random.pick(CODES);
    case 'delay':
      return random.between(5, 400);
    case 'cut-body':
    case 'stall-body':
    case 'truncate-body':
      return random.chance(0.3) ? random.between(0, 40) : random.between(40, 20_000);
    case 'restart':
      return random.between(20, 400);
    case 'slow':
      return random.between(50, 400);
    case 'clock':
      return (random.chance(0.5) ? 1 : -1) * random.between(500, 3_600_000);
    default:
      return 0;
  }
}

function drawFault(writes: number, random: Random): PlannedFault {
  const kind = random.weighted(WEIGHTS);
  return { at: random.between(0, writes), kind, pick: random.next(), amount: amountOf(kind, random) };
}

/** The round of a number; the same for the same seed. */
export function drawRound(seed: number, number: number): Round {
  const roundSeed = seedOf(seed, number);
  const random = new Random(roundSeed);
  const writes = random.between(600, 3200);
  const weather = random.weighted({ calm: 20, ordinary: 65, storm: 15 });
  const count = { calm: 0, ordinary: random.between(3, 12), storm: random.between(25, 60) }[weather];
  const faults = Array.from({ length: count }, () => drawFault(writes, random));
  return {
    seed: roundSeed,
    writes: [[0, writes]],
    rate: random.pick([4000, 10_000, 50_000]),
    burst: random.pick([4, 32, 64]),
    faults: faults.sort((a, b) => a.at - b.at),
    settles: number % SETTLE_EVERY === SETTLE_EVERY - 1,
  };
}
