/** Owns how long a reflector waits after failures, and when it may forget them (rule 16). */

/** Delays in milliseconds. */
export interface BackoffConfig {
  readonly initial: number;
  readonly factor: number;
  readonly cap: number;
  /** The random share of a delay that is added to it. */
  readonly jitter: number;
  /** How long health has to last until the failures are forgotten. */
  readonly resetAfter: number;
}

/** What is remembered of failures. */
export interface BackoffState {
  readonly failures: number;
  /** Monotonic time of the first successful contact after the last failure. */
  readonly healthySince: number | undefined;
}

export const DEFAULT_BACKOFF: BackoffConfig = Object.freeze({
  initial: 800,
  factor: 2,
  cap: 30_000,
  jitter: 1,
  resetAfter: 120_000,
});

/** Nothing has failed yet. */
export const NO_FAILURES: BackoffState = Object.freeze({ failures: 0, healthySince: undefined });

/** The delay after that many earlier failures, in whole milliseconds; `random` in [0, 1). */
export function delayAfter(failures: number, config: BackoffConfig, random: number): number {
  const base = Math.min(config.initial * config.factor ** failures, config.cap);
  return Math.round(base * (1 + config.jitter * random));
}

/** The longest delay: for what only a person can put right. */
export function longestDelay(config: BackoffConfig, random: number): number {
  return Math.round(config.cap * (1 + config.jitter * random));
}

/** A successful contact: health begins, unless it lasts already. */
export function contacted(backoff: BackoffState, now: number): BackoffState {
  return backoff.healthySince === undefined ? { ...backoff, healthySince: now } : backoff;
}

/** The state as it counts now: without failures if health has lasted. */
export function settled(backoff: BackoffState, config: BackoffConfig, now: number): BackoffState {
  const { failures, healthySince } = backoff;
  if (failures === 0 || healthySince === undefined || now - healthySince < config.resetAfter) return backoff;
  return { failures: 0, healthySince };
}

/** One failure more; health ends. */
export function failedOnce(backoff: BackoffState): BackoffState {
  return { failures: backoff.failures + 1, healthySince: undefined };
}
