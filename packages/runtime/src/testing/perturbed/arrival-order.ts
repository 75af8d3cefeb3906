/** Owns the order in which turns of different resources arrive: never one before it has happened. */
import { createRandom } from '../../random.ts';
import type { Plan, ReorderStep } from './plan.ts';
import type { TapeTurn } from './tape.ts';

/** Where a turn stands in the run. */
interface Place {
  readonly resource: string;
  readonly place: number;
}

/** How many turns can change places with each other. */
const WINDOW = 8;

/** Lets turns pass in another order. */
export class ArrivalOrder {
  /** The places of the turns, in the order in which they arrive. */
  readonly #order: readonly number[];
  readonly #waiting = new Map<number, TapeTurn>();
  /** What came of a resource while turns of it are waiting. */
  readonly #behind = new Map<string, TapeTurn[]>();
  #at = 0;
  #taken = 0;

  /** @param turns - for each of those that `take` will be given one, in their order. */
  constructor(turns: readonly TapeTurn[], plan: Plan) {
    const steps = plan.filter((step) => step.type === 'reorder');
    const places = turns.map(({ resource }, place) => ({ resource, place }));
    this.#order = steps.reduce<readonly Place[]>(reordered, places).map(({ place }) => place);
  }

  /** Gives the turns that arrive now. */
  take(turn: TapeTurn): readonly TapeTurn[] {
    this.#waiting.set(this.#taken++, turn);
    const arrived: TapeTurn[] = [];
    for (;;) {
      const place = this.#order[this.#at] ?? this.#order.length;
      const next = this.#waiting.get(place);
      if (next === undefined) return arrived;
      this.#at++;
      this.#waiting.delete(place);
      arrived.push(next);
      if (!this.#isWaiting(next.resource)) {
        arrived.push(...(this.#behind.get(next.resource) ?? []));
        this.#behind.delete(next.resource);
      }
    }
  }

  /** A turn that has no place in the order: it arrives after those of its resource. */
  takeBehind(turn: TapeTurn): readonly TapeTurn[] {
    if (!this.#isWaiting(turn.resource)) return [turn];
    this.#behind.set(turn.resource, [...(this.#behind.get(turn.resource) ?? []), turn]);
    return [];
  }

  #isWaiting(resource: string): boolean {
    return this.#waiting.values().some((turn) => turn.resource === resource);
  }
}

function reordered(turns: readonly Place[], step: ReorderStep): readonly Place[] {
  const random = createRandom(step.seed ?? 0);
  const order: Place[] = [];
  for (let from = 0; from < turns.length; from += WINDOW) {
    const window = turns.slice(from, from + WINDOW);
    if (step.resources === undefined) order.push(...merged(window, random.pick));
    else order.push(...ranked(window, step.resources));
  }
  return order;
}

/** A random order in which each resource keeps its own. */
function merged(
  window: readonly Place[],
  pick: (from: readonly [string, ...string[]]) => string,
): readonly Place[] {
  const queues = Map.groupBy(window, ({ resource }) => resource);
  // A resource is drawn as often as it has turns: each of the orders is as likely as another.
  const draw = window.map(({ resource }) => resource);
  const order: Place[] = [];
  while (draw.length > 0) {
    const resource = pick(draw as [string, ...string[]]);
    draw.splice(draw.indexOf(resource), 1);
    const turn = queues.get(resource)?.shift();
    if (turn !== undefined) order.push(turn);
  }
  return order;
}

/** Turns of the named resources take each other's places; others keep theirs. */
function ranked(window: readonly Place[], resources: readonly string[]): readonly Place[] {
  const named = window.filter(({ resource }) => resources.includes(resource));
  const sorted = named.toSorted((a, b) => resources.indexOf(a.resource) - resources.indexOf(b.resource));
  return window.map((turn) => (resources.includes(turn.resource) ? (sorted.shift() ?? turn) : turn));
}
