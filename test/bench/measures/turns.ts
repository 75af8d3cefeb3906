/** Owns the rounds of the whole way: contenders take turns, each in a fresh process, against one server. */
import type { Contender, WholeWaySettings } from '../contenders/whole-way-settings.ts';
import type { BenchOptions } from '../harness/bench-options.ts';
import { BenchServer, runContender } from '../harness/processes.ts';
import { ratioOf, type Spread, spreadOf } from '../harness/statistics.ts';

/** What is measured in a turn. */
export interface TurnPlan {
  readonly contenders: Readonly<Record<string, Contender>>;
  readonly objects: number;
  readonly events: number;
}

/** Events before those that are measured. */
export const WARM_UP = 20_000;

/** The figures of all rounds. */
export class Turns {
  readonly #figures = new Map<string, Readonly<Record<string, number>>[]>();

  add(contender: string, figures: Readonly<Record<string, number>>): void {
    const all = this.#figures.get(contender) ?? [];
    all.push(figures);
    this.#figures.set(contender, all);
  }

  /** One figure of one contender, round by round. */
  rounds(contender: string, figure: string): number[] {
    return (this.#figures.get(contender) ?? []).map((one) => one[figure] ?? Number.NaN);
  }

  spread(contender: string, figure: string): Spread {
    return spreadOf(this.rounds(contender, figure));
  }

  /** Something made of several figures, as a multiple of another contender's in the same round. */
  ratioTo(
    base: readonly number[],
    of: (figures: Readonly<Record<string, number>>) => number,
    contender: string,
  ): Spread {
    return ratioOf((this.#figures.get(contender) ?? []).map(of), base);
  }

  /** A figure as a multiple of another contender's, within each round. */
  ratio(contender: string, figure: string, base: string, baseFigure = figure): Spread {
    return ratioOf(this.rounds(contender, figure), this.rounds(base, baseFigure));
  }
}

export async function takeTurns(plan: TurnPlan, options: BenchOptions): Promise<Turns> {
  const { kind, oneNamespace } = options;
  await using server = await BenchServer.start({ kind, oneNamespace, objects: plan.objects, gzip: false });
  const turns = new Turns();
  for (let round = 0; round < options.rounds; round++) {
    for (const [name, contender] of Object.entries(plan.contenders)) {
      turns.add(name, await takeTurn(server, contender, plan.events));
    }
  }
  return turns;
}

/** One turn of one contender: the figures of its process. */
export function takeTurn(
  server: BenchServer,
  contender: Contender,
  events: number,
): Promise<Readonly<Record<string, number>>> {
  const { url, load } = server;
  const settings: WholeWaySettings = {
    url,
    load: { kind: load.kind, objects: load.objects, oneNamespace: load.oneNamespace },
    contender,
    events,
    warmUp: events === 0 ? 0 : WARM_UP,
  };
  return runContender('whole-way', settings, server);
}
