/** Owns the plan of a perturbed replay: the steps that there are, as plain JSON. */

/** The client sees one resource as it was; sequence numbers as in the log. */
export interface StaleStep {
  readonly type: 'stale';
  readonly resource: string;
  /** The first event that it does not see. */
  readonly from: number;
  /** The first event that it sees again, after all those before. */
  readonly to: number;
}

/** The client never sees one event. */
export interface HideStep {
  readonly type: 'hide';
  readonly resource: string;
  readonly event: number;
}

/** The client is connected to a server that is behind. */
export interface RewindStep {
  readonly type: 'rewind';
  /** The last event that the server knows. */
  readonly to: number;
  /** The last event before it happens; the end of the run when left out. */
  readonly at?: number;
}

/** The controller dies, and is started from nothing. */
export interface CrashStep {
  readonly type: 'crash';
  /** The last event before it happens, or the number of the write after which it happens, from 1. */
  readonly at: number | { readonly write: number };
}

/** The client sees an event twice. */
export interface DuplicateStep {
  readonly type: 'duplicate';
  readonly resource: string;
  readonly event: number;
}

/** The client has to list one resource anew. */
export interface ExpireStep {
  readonly type: 'expire';
  readonly resource: string;
  /** The last event before it happens. */
  readonly at: number;
}

/** Events of different resources arrive in another order. */
export interface ReorderStep {
  readonly type: 'reorder';
  /** The first one arrives first; left out where a seed decides. */
  readonly resources?: readonly string[];
  readonly seed?: number;
}

/** One thing that goes wrong. */
export type PlanStep =
  | StaleStep
  | HideStep
  | RewindStep
  | CrashStep
  | DuplicateStep
  | ExpireStep
  | ReorderStep;

/** What goes wrong in a run, in any order: plain JSON. */
export type Plan = readonly PlanStep[];

/**
 * The view of one resource is frozen: nothing from event `from` on is seen until event `to` is about to come; then what
 * was held back comes, event by event, late.
 *
 * A client can see this: its watch cache, or the connection to it, lags behind that of other resources, without a word.
 * With `expire(resource, n)` for an `n` in between it lists anew there, and is up to date once.
 *
 * @example
 * ```ts
 * await perturb('./log', [stale('pods', 12, 30)]);
 * ```
 */
export function stale(resource: string, from: number, to: number): StaleStep {
  return { type: 'stale', resource, from, to };
}

/**
 * An event is never seen; the object's next one comes as if it followed the one before. What was deleted and created
 * anew, with the deletion hidden, is a MODIFIED with another uid; what was created and deleted, with the creation hidden,
 * was never there.
 *
 * A client can see this: its queue held the events from this one to the object's next, and kept only the last of the
 * object. So the other events of the resource in between are not lost, but come late, in their order, together with
 * that one. Nobody misses the last word on an object for ever: where it is hidden, a list makes up for it at the end of
 * the run. An event that is part of a list cannot be hidden.
 *
 * @example
 * ```ts
 * await perturb('./log', [hide('pods', 17)]);
 * ```
 */
export function hide(resource: string, event: number): HideStep {
  return { type: 'hide', resource, event };
}

/**
 * The view of all resources goes back to the state at event `to`, by lists, and then comes forward again event by
 * event. It happens after event `at`, at the end of the run if that is left out. Resources that had not been listed by
 * `to` stay as they are.
 *
 * A client can see this: it lost its connection, and the server that it found next is behind the one before, as the
 * watch caches of several API servers are. A crash at the same place is a controller that starts at such a server.
 *
 * @example
 * ```ts
 * await perturb('./log', [rewind(12, { at: 30 })]);
 * ```
 */
export function rewind(to: number, { at }: { readonly at?: number } = {}): RewindStep {
  return { type: 'rewind', to, ...(at === undefined ? undefined : { at }) };
}

/**
 * The controller dies after an event, or right after its n-th write took effect, and before it hears of that. It is
 * started from nothing, and lists; what is stale or on its way back from a rewind stays so, all else is up to date.
 *
 * Processes die anywhere. Writes are numbered from 1 over all lives of the controller.
 *
 * @example
 * ```ts
 * await runController({ log: './log', controller, plan: [crash({ write: 1 })] });
 * ```
 */
export function crash(at: number | { readonly write: number }): CrashStep {
  return { type: 'crash', at };
}

/**
 * An event comes twice in a row.
 *
 * A client can see this: it had to resume its watch from the version before. Stores of firn take the second one for no
 * news; whoever listens below them has to know.
 *
 * @example
 * ```ts
 * await perturb('./log', [duplicate('pods', 17)]);
 * ```
 */
export function duplicate(resource: string, event: number): DuplicateStep {
  return { type: 'duplicate', resource, event };
}

/**
 * After event `at` the resource is listed anew, and the view is its true state, whatever was held back.
 *
 * A client can see this: its watch ended with 410 Expired, and it lists without a resource version. What `reorder` keeps
 * from arriving is not in the list yet, as if it came from a cache.
 *
 * @example
 * ```ts
 * await perturb('./log', [expire('pods', 17)]);
 * ```
 */
export function expire(resource: string, at: number): ExpireStep {
  return { type: 'expire', resource, at };
}

/**
 * Events of different resources arrive in another order: of each 8 turns of the log those of the named resources arrive
 * in the order of the names, or, with a seed, all in a random order. Those of one resource, and so those of one object,
 * never change places; none arrives before it has happened.
 *
 * A client can see this: each resource has a watch of its own, and nothing keeps them in step.
 *
 * @example
 * ```ts
 * await perturb('./log', [reorder('services', 'pods')]);
 * await perturb('./log', [reorder(42)]);
 * ```
 */
export function reorder(seed: number): ReorderStep;
export function reorder(...resources: readonly string[]): ReorderStep;
export function reorder(...order: readonly (string | number)[]): ReorderStep {
  const [seed] = order;
  if (typeof seed === 'number') return { type: 'reorder', seed };
  return { type: 'reorder', resources: order as readonly string[] };
}
