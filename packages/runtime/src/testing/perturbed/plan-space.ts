/** Owns which steps a plan for a log can have: each is made from a few whole numbers, the simplest from small ones. */
import type { ControllerReport } from './controller-report.ts';
import { crash, duplicate, expire, hide, type PlanStep, reorder, rewind, stale } from './plan.ts';
import type { Tape } from './tape.ts';

/** What is known of a controller that plans are made for. */
export interface PlanSpaceOptions {
  /** Its run without a plan: where it writes, and so after which writes it can crash; nowhere when left out. */
  readonly healthy?: Pick<ControllerReport, 'writes' | 'owns'>;
}

/** Numbers that a step is made from. */
export type StepSeed = readonly [kind: number, place: number, length: number, choice: number];

/** The steps for one log. */
export class PlanSpace {
  /** Of turns, rising. */
  readonly sequences: readonly number[];
  readonly #resources: readonly string[];
  readonly #events: readonly { readonly resource: string; readonly sequence: number }[];
  readonly #kinds: readonly ((seed: StepSeed) => PlanStep)[];

  constructor({ resources, turns }: Tape, { healthy = { writes: [], owns: [] } }: PlanSpaceOptions = {}) {
    const { writes, owns } = healthy;
    this.#resources = Object.keys(resources);
    const known = turns.filter(({ events }) => events.length > 0);
    this.sequences = rising([...known, ...writes].map(({ sequence }) => sequence));
    const inLog = known.flatMap(({ resource, events }) =>
      events
        .filter(({ type }) => type !== 'LISTED' && type !== 'BOOKMARK' && !owns.includes(resource))
        .map(({ sequence }) => ({ resource, sequence })),
    );
    // What comes of a write has the number of the event before it.
    const ofWrites = this.#resources.flatMap((resource) =>
      rising(
        writes.filter(({ gvr }) => gvr === resources[resource]?.gvr).map(({ sequence }) => sequence),
      ).map((sequence) => ({ resource, sequence })),
    );
    this.#events = [...inLog, ...ofWrites];
    const count = writes.filter(({ outcome }) => outcome !== 'refused').length;
    const crashes = count > 0 ? [([, place]: StepSeed) => crash({ write: 1 + (place % count) })] : [];
    const ofEvents = this.#events.length > 0 ? [this.#hide, this.#stale] : [];
    const rare = this.#events.length > 0 ? [this.#duplicate] : [];
    const ofSeveral = this.#resources.length > 1 ? [this.#reorder] : [];
    // What finds most is drawn twice as often.
    const often = [...crashes, ...ofEvents];
    this.#kinds = [...often, this.#crash, ...rare, this.#expire, this.#rewind, ...ofSeveral, ...often];
  }

  /** The step of these numbers. */
  step(seed: StepSeed): PlanStep {
    const kind = this.#kinds[seed[0] % this.#kinds.length];
    return (kind ?? this.#crash)(seed);
  }

  readonly #crash = ([, place]: StepSeed): PlanStep => crash(this.#sequence(place));

  readonly #hide = ([, place]: StepSeed): PlanStep => {
    const { resource, sequence } = this.#event(place);
    return hide(resource, sequence);
  };

  readonly #duplicate = ([, place]: StepSeed): PlanStep => {
    const { resource, sequence } = this.#event(place);
    return duplicate(resource, sequence);
  };

  readonly #stale = ([, place, length]: StepSeed): PlanStep => {
    const { resource, sequence } = this.#event(place);
    const later = this.sequences.filter((one) => one > sequence);
    return stale(resource, sequence, later[length % later.length] ?? sequence + 1);
  };

  readonly #expire = ([, place, , choice]: StepSeed): PlanStep =>
    expire(this.#resource(choice), this.#sequence(place));

  readonly #rewind = ([, place, length]: StepSeed): PlanStep => {
    const at = this.#sequence(place);
    const earlier = this.sequences.filter((one) => one < at).toReversed();
    return earlier.length === 0 ? rewind(at) : rewind(earlier[length % earlier.length] ?? 0, { at });
  };

  readonly #reorder = ([, place, length, choice]: StepSeed): PlanStep => {
    if (choice % 2 === 1) return reorder(place);
    const first = this.#resource(place);
    const others = this.#resources.filter((one) => one !== first);
    return reorder(first, others[length % others.length] ?? first);
  };

  #event(place: number): { readonly resource: string; readonly sequence: number } {
    return this.#events[place % this.#events.length] ?? { resource: this.#resource(place), sequence: 0 };
  }

  #sequence(place: number): number {
    return this.sequences[place % this.sequences.length] ?? 0;
  }

  #resource(choice: number): string {
    return this.#resources[choice % this.#resources.length] ?? '';
  }
}

function rising(numbers: readonly number[]): readonly number[] {
  return [...new Set(numbers)].toSorted((a, b) => a - b);
}
