/** Owns the playing of rounds: writes at their pace, faults before the writes that they belong to. */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { FaultProxy } from './fault-proxy/fault-proxy.ts';
import type { Observer } from './invariants/observer.ts';
import type { OnDemandReads } from './invariants/on-demand-reads.ts';
import { Random } from './random.ts';
import type { PlannedFault, Round } from './script/soak-script.ts';
import type { SoakClock } from './soak-clock.ts';
import type { SoakServer } from './world/soak-server.ts';
import type { Writer } from './world/writer.ts';

/** One in so many writes comes with a read. */
const READ_EVERY = 30;

/** What rounds are played on. */
export interface Stage {
  readonly server: SoakServer;
  readonly proxy: FaultProxy;
  readonly clock: SoakClock;
  readonly writer: Writer;
  readonly reads: OnDemandReads;
  readonly observers: readonly Observer[];
}

/** Plays one round after the other. */
export class RoundPlayer {
  readonly #stage: Stage;
  readonly #counts = { clock: 0, compact: 0, slow: 0 };

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** Faults that are not the proxy's. */
  get counts(): Readonly<Record<'clock' | 'compact' | 'slow', number>> {
    return this.#counts;
  }

  /** Plays a round to its last write, or until `stopped`. */
  async play(round: Round, stopped: AbortSignal): Promise<void> {
    const { writer, reads } = this.#stage;
    const random = new Random(round.seed ^ 0x5eed);
    const faults = [...round.faults];
    const start = performance.now();
    let done = 0;
    for (const [from, to] of round.writes) {
      for (let number = from; number < to && !stopped.aborted; number++) {
        while ((faults[0]?.at ?? Number.POSITIVE_INFINITY) <= number)
          this.#inflict(faults.shift() as PlannedFault);
        while (!writer.isFree) await nextTurn();
        writer.write(round.seed, number);
        if (number % READ_EVERY === 0) reads.readSome(random);
        if (++done % round.burst === 0) await this.#keepPace(start, done, round.rate);
      }
    }
    for (const fault of faults) this.#inflict(fault);
    await writer.settled();
  }

  async #keepPace(start: number, done: number, rate: number): Promise<void> {
    await nextTurn();
    const ahead = (done / rate) * 1000 - (performance.now() - start);
    if (ahead >= 1) await sleep(ahead);
  }

  #inflict(fault: PlannedFault): void {
    const { proxy, clock, server, observers } = this.#stage;
    switch (fault.kind) {
      case 'clock':
        this.#counts.clock++;
        clock.jump(fault.amount);
        break;
      case 'compact':
        if (server.compact()) this.#counts.compact++;
        break;
      case 'slow':
        this.#counts.slow++;
        observers[Math.floor(fault.pick * observers.length)]?.slowDown(fault.amount);
        break;
      default:
        proxy.inflict(fault);
    }
  }
}
