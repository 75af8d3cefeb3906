/** Owns what happened to one resource, and what of it is held back from the client. */
import type { Plan, StaleStep } from './plan.ts';
import { ResourceView } from './resource-view.ts';
import { keyOf, type TapeEvent, type TapeTurn } from './tape.ts';

/** One resource of a perturbed run. */
export class ResourceHistory {
  /** What the client has been told. */
  readonly view: ResourceView = new ResourceView();
  readonly #resource: string;
  readonly #truth: ResourceView = new ResourceView();
  readonly #turns: TapeTurn[] = [];
  #held: TapeTurn[] = [];
  #stale: readonly StaleStep[];
  readonly #hidden: Set<number>;
  readonly #twice: ReadonlySet<number>;
  /** Objects whose last event is hidden: until their next one, everything waits. */
  readonly #unseen = new Set<string>();
  #sequence = 0;

  constructor(resource: string, plan: Plan) {
    this.#resource = resource;
    this.#stale = plan.filter((step) => step.type === 'stale').filter((step) => step.resource === resource);
    this.#hidden = eventsOf(plan, 'hide', resource);
    this.#twice = eventsOf(plan, 'duplicate', resource);
  }

  /** Whether the client does not get what happens. */
  get isHeld(): boolean {
    return this.#unseen.size > 0 || this.#stale.some(({ from }) => from <= this.#sequence);
  }

  /** A turn happens; gives what goes to the client now. */
  take(turn: TapeTurn): readonly TapeTurn[] {
    this.#sequence = Math.max(this.#sequence, turn.sequence);
    this.#turns.push(turn);
    this.#held.push(turn);
    for (const event of turn.events) {
      this.#truth.take(event);
      this.#look(event);
    }
    return this.#released();
  }

  /** A stretch of staleness is over. */
  endStale(step: StaleStep): readonly TapeTurn[] {
    this.#stale = this.#stale.filter((one) => one !== step);
    return this.#released();
  }

  /** The client lists anew; what was held back is in the list. */
  expire(): readonly TapeTurn[] {
    if (!this.#truth.isListed) return [];
    this.#held = [];
    this.#unseen.clear();
    return [this.#listed(this.#truth)];
  }

  /** The list of a server that is behind, and what comes after it; undefined if it knows nothing of the resource. */
  rewind(to: number): { readonly list: TapeTurn; readonly turns: readonly TapeTurn[] } | undefined {
    const past = new ResourceView();
    for (const { sequence, events } of this.#turns)
      if (sequence <= to) for (const event of events) past.take(event);
    if (!past.isListed) return undefined;
    this.#held = this.#turns.filter(({ sequence }) => sequence > to);
    // What a list had made up for is unseen again.
    this.#unseen.clear();
    for (const { events } of this.#held) for (const event of events) this.#look(event);
    return { list: this.#listed(past), turns: this.#released() };
  }

  /** Nothing is held back any more. */
  finish(): readonly TapeTurn[] {
    const misses = this.#unseen.size > 0 && this.#truth.isListed;
    this.#unseen.clear();
    this.#stale = [];
    const turns = this.#released();
    this.#hidden.clear();
    return misses ? [...turns, this.#listed(this.#truth)] : turns;
  }

  /** The client is told; gives what it makes of it. */
  tell(events: readonly TapeEvent[]): readonly TapeEvent[] {
    return events.map((event) => this.view.take(event)).filter((event) => event !== undefined);
  }

  #look(event: TapeEvent): void {
    if (event.type === 'LISTED') this.#unseen.clear();
    else if (event.type !== 'BOOKMARK') {
      if (this.#hidden.has(event.sequence)) this.#unseen.add(keyOf(event.object));
      else this.#unseen.delete(keyOf(event.object));
    }
  }

  #released(): readonly TapeTurn[] {
    if (this.isHeld) return [];
    const turns = this.#held;
    this.#held = [];
    return turns
      .map((turn) => ({ ...turn, events: turn.events.flatMap((event) => this.#asSeen(event)) }))
      .filter(({ events }) => events.length > 0);
  }

  #asSeen(event: TapeEvent): readonly TapeEvent[] {
    if (event.type === 'LISTED' || event.type === 'BOOKMARK') return [event];
    if (this.#hidden.has(event.sequence)) return [];
    return this.#twice.has(event.sequence) ? [event, event] : [event];
  }

  #listed(view: ResourceView): TapeTurn {
    const [resource, sequence] = [this.#resource, this.#sequence];
    return { resource, sequence, time: 0, monotonic: 0, events: [view.list(sequence)] };
  }
}

function eventsOf(plan: Plan, type: 'hide' | 'duplicate', resource: string): Set<number> {
  const events = plan.flatMap((step) => (step.type === type && step.resource === resource ? step.event : []));
  return new Set(events);
}
