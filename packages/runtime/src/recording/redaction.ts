/** Owns what is not to be read in a log: values that are replaced by a keyed hash before they are written. */
import { createHmac, randomBytes } from 'node:crypto';
import { ConfigError, parseFieldPath } from '@firn/core';
import { ALWAYS_NEEDED, pathsOverlap } from '@firn/core/engine';

/** Field paths to redact, by `group/version/resource`; `false` for nothing at all. */
export type RedactOptions = Readonly<Record<string, readonly string[]>> | false;

/** What is redacted unless something else is said of the type. */
const BY_DEFAULT: Readonly<Record<string, readonly string[]>> = Object.freeze({
  'v1/secrets': Object.freeze([
    'data',
    'stringData',
    "metadata.annotations['kubectl.kubernetes.io/last-applied-configuration']",
  ]),
});

/** What a log has instead of a value begins like this; what follows tells equal values from others. */
const REDACTED = 'firn:redacted:';

type Step = string | number | undefined;

/** Replaces values. Equal values become equal text for as long as the redaction lives, and nothing else can be told. */
export class Redaction {
  readonly #key: Buffer = randomBytes(32);

  /** The paths for a resource type, checked against what its store needs. Throws `ConfigError` `NEEDED_FIELD_REDACTED`. */
  pathsFor(
    gvr: string,
    options: RedactOptions | undefined,
    indexPaths: readonly string[],
  ): readonly string[] {
    const paths = options === false ? [] : (options?.[gvr] ?? BY_DEFAULT[gvr] ?? []);
    const needed = [...ALWAYS_NEEDED, ...indexPaths.map(parseFieldPath)];
    for (const path of paths.map(parseFieldPath)) {
      const taken = needed.find((field) => pathsOverlap(path, field));
      if (taken === undefined) continue;
      throw new ConfigError(
        `redact: ${JSON.stringify(path.expression)} of ${gvr} cannot be redacted, since ${taken.expression} is needed to rebuild the store. Leave it out, or index by another field.`,
        { code: 'NEEDED_FIELD_REDACTED' },
      );
    }
    return paths;
  }

  /** Replaces the values under the paths in a plain object that nobody else holds. */
  apply(object: unknown, paths: readonly (readonly Step[])[]): void {
    for (const steps of paths) this.#walk(object, steps, 0);
  }

  #walk(value: unknown, steps: readonly Step[], at: number): void {
    if (typeof value !== 'object' || value === null) return;
    const step = steps[at];
    const fields = value as Record<string | number, unknown>;
    const keys = step === undefined ? (Array.isArray(value) ? [...value.keys()] : []) : [step];
    for (const key of keys) {
      if (!Object.hasOwn(fields, key)) continue;
      if (at === steps.length - 1) fields[key] = this.#hidden(fields[key]);
      else this.#walk(fields[key], steps, at + 1);
    }
  }

  /** The names of fields stay, so that a change shows where it is. */
  #hidden(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((element) => this.#hidden(element));
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, this.#hidden(field)]));
    }
    const text = JSON.stringify(value);
    return `${REDACTED}${createHmac('sha256', this.#key).update(text).digest('hex').slice(0, 32)}`;
  }
}

/** The steps of paths; undefined stands for every element. */
export function stepsOf(paths: readonly string[]): readonly (readonly Step[])[] {
  return paths.map((path) =>
    parseFieldPath(path).segments.map((segment) =>
      segment.kind === 'each' ? undefined : segment.kind === 'index' ? segment.index : segment.name,
    ),
  );
}
