/** Owns what a client sees of a run when a plan stands between them: turn by turn, as the run comes. */
import type { LogEvent, LoggedState } from '../../event-log/log-event.ts';
import type { Plan, RewindStep } from './plan.ts';
import { ResourceHistory } from './resource-history.ts';
import type { TapeEvent, TapeTurn } from './tape.ts';

/** What the client is told of one resource together. */
export interface Told {
  readonly resource: string;
  readonly events: readonly TapeEvent[];
  readonly aside?: readonly LogEvent[] | undefined;
}

/** Something that is on its way to the client. */
type Pending = { readonly turn: TapeTurn; readonly isLate: boolean } | 'crash';

/** What a plan makes happen at a place of the run. */
interface Trigger {
  /** It happens when a turn with a higher number is about to come. */
  readonly after: number;
  readonly act: () => void;
}

/** The view of one client, over all its lives. */
export class PerturbedView {
  readonly #histories = new Map<string, ResourceHistory>();
  readonly #states = new Map<string, LoggedState>();
  readonly #triggers: Trigger[];
  #pending: Pending[] = [];
  #sequence = 0;

  /** @param resources - their names. */
  constructor(resources: Iterable<string>, plan: Plan) {
    for (const resource of resources) this.#histories.set(resource, new ResourceHistory(resource, plan));
    // The sort is stable: what happens at one place happens in the order of the plan.
    this.#triggers = plan.flatMap((step) => this.#triggersOf(step)).sort((a, b) => a.after - b.after);
  }

  /** The run has come to just before the turn with this number. */
  advance(sequence: number): void {
    for (
      let next = this.#triggers[0];
      next !== undefined && next.after < sequence;
      next = this.#triggers[0]
    ) {
      this.#triggers.shift();
      next.act();
    }
    this.#sequence = Math.max(this.#sequence, sequence);
  }

  /** A turn happens. */
  take(turn: TapeTurn): void {
    const history = this.#histories.get(turn.resource);
    if (history === undefined) return;
    if (turn.aside !== undefined) {
      const [first] = turn.aside;
      if (first?.type === 'STATE') this.#states.set(turn.resource, first);
      this.#send([turn], false);
      return;
    }
    const wasHeld = history.isHeld;
    this.#send(history.take(turn), wasHeld);
  }

  /** The run is over: what was held back comes, and nobody misses the last word. */
  finish(): void {
    this.advance(Number.POSITIVE_INFINITY);
    this.#release((history) => history.finish());
  }

  /** What the client is told next, or that it dies; undefined when nothing is on its way. */
  next(): Told | 'crash' | undefined {
    for (;;) {
      const pending = this.#pending.shift();
      if (pending === undefined || pending === 'crash') return pending;
      const { resource, events, aside } = pending.turn;
      const told = this.#histories.get(resource)?.tell(events) ?? [];
      if (told.length > 0 || aside !== undefined) return { resource, events: told, aside };
    }
  }

  /** The client begins anew: gives what it is told first. */
  restart(): readonly Told[] {
    const late = new Set(
      this.#pending.map((one) => (one !== 'crash' && one.isLate ? one.turn.resource : '')),
    );
    const rest: Pending[] = [];
    for (const one of this.#pending) {
      if (one === 'crash') rest.push(one);
      else if (late.has(one.turn.resource)) rest.push(one);
      else this.#histories.get(one.turn.resource)?.tell(one.turn.events);
    }
    this.#pending = rest;
    return [...this.#histories].flatMap(([resource, { view }]): readonly Told[] => {
      if (!view.isListed) return [];
      const state = this.#states.get(resource);
      const list = { resource, events: [view.list(this.#sequence)] };
      return state === undefined ? [list] : [list, { resource, events: [], aside: [state] }];
    });
  }

  #triggersOf(step: Plan[number]): readonly Trigger[] {
    switch (step.type) {
      case 'stale':
        return [
          {
            after: step.to - 1,
            act: () => this.#release((history) => history.endStale(step), step.resource),
          },
        ];
      case 'expire':
        return [{ after: step.at, act: () => this.#release((history) => history.expire(), step.resource) }];
      case 'rewind':
        return [{ after: step.at ?? Number.MAX_VALUE, act: () => this.#rewind(step) }];
      case 'crash':
        return typeof step.at === 'number'
          ? [{ after: step.at, act: () => void this.#pending.push('crash') }]
          : [];
      default:
        return [];
    }
  }

  #rewind({ to }: RewindStep): void {
    const rewound = [...this.#histories.values()]
      .map((history) => history.rewind(to))
      .filter((one) => one !== undefined);
    const resources = new Set(rewound.map(({ list }) => list.resource));
    // What is on its way to them comes again, if the older server does not know it yet.
    this.#pending = this.#pending.filter(
      (one) => one === 'crash' || one.turn.aside !== undefined || !resources.has(one.turn.resource),
    );
    this.#send(
      rewound.map(({ list }) => list),
      true,
    );
    this.#send(inOrder(rewound.flatMap(({ turns }) => turns)), true);
  }

  /** Events of several resources come forward in the order in which they happened. */
  #release(released: (history: ResourceHistory) => readonly TapeTurn[], resource?: string): void {
    const turns = [...this.#histories].flatMap(([name, history]) =>
      resource === undefined || resource === name ? released(history) : [],
    );
    this.#send(inOrder(turns), true);
  }

  #send(turns: readonly TapeTurn[], isLate: boolean): void {
    for (const turn of turns) this.#pending.push({ turn, isLate });
  }
}

/** Turns of one resource keep their order. */
function inOrder(turns: readonly TapeTurn[]): readonly TapeTurn[] {
  return turns.toSorted((a, b) => a.sequence - b.sequence);
}
