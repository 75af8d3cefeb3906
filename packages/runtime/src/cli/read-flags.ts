/** Owns the reading of flags: text, numbers, durations, and what they select. */
import { ConfigError, type Duration, parseDuration } from '@firn/core';
import { labelSelector } from '../config/label-selector.ts';
import type { FlagValues } from './command.ts';
import { UsageError } from './usage-error.ts';

/** What the flags choose among resources. */
export interface Selection {
  /** `''`: all; undefined: nothing was said. */
  readonly namespace: string | undefined;
  readonly labelSelector: string | undefined;
  readonly fieldSelector: string | undefined;
}

/** The text of a flag; undefined if it is not given. */
export function flagText(flags: FlagValues, name: string): string | undefined {
  const value = flags.get(name);
  return value === true ? undefined : value;
}

/** What a flag that holds a number may hold. */
export interface NumberRule {
  readonly command: string;
  readonly least: number;
  readonly most: number;
  readonly fallback: number;
}

function readNumber(flags: FlagValues, name: string, rule: NumberRule, form: RegExp, what: string): number {
  const text = flagText(flags, name);
  if (text === undefined) return rule.fallback;
  const value = form.test(text) ? Number(text) : Number.NaN;
  if (value >= rule.least && value <= rule.most) return value;
  throw new UsageError(
    `--${name} must be ${what} from ${rule.least} to ${rule.most}, but is ${JSON.stringify(text.slice(0, 40))}.`,
    { command: rule.command },
  );
}

/** A flag that holds a number. */
export function flagNumber(flags: FlagValues, name: string, rule: NumberRule): number {
  return readNumber(flags, name, rule, /^\d+(\.\d+)?$/, 'a number');
}

/** A flag that holds a whole number. */
export function flagCount(flags: FlagValues, name: string, rule: NumberRule): number {
  return readNumber(flags, name, rule, /^\d+$/, 'a whole number');
}

/** A flag that holds a duration, in milliseconds. */
export function flagDuration(flags: FlagValues, name: string, command: string): number | undefined {
  const text = flagText(flags, name);
  if (text === undefined) return undefined;
  try {
    return parseDuration(text as Duration);
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    throw new UsageError(
      `--${name} must be a duration such as 10s or 1m30s, but is ${JSON.stringify(text.slice(0, 40))}.`,
      {
        command,
      },
    );
  }
}

/** Reads the flags of `SELECTION_FLAGS`. */
export function readSelection(flags: FlagValues, command: string): Selection {
  const namespace = flagText(flags, 'namespace');
  if (namespace !== undefined && flags.has('all-namespaces')) {
    throw new UsageError('-n and -A exclude each other.', { command });
  }
  if (namespace !== undefined && !/^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$/.test(namespace)) {
    throw new UsageError(`${JSON.stringify(namespace.slice(0, 80))} is not the name of a namespace.`, {
      command,
    });
  }
  const selector = flagText(flags, 'selector');
  if (selector !== undefined && !labelSelector.test(selector)) {
    throw new UsageError(
      `${JSON.stringify(selector.slice(0, 80))} is not a label selector. Write key=value pairs joined by commas.`,
      { command },
    );
  }
  return {
    namespace: flags.has('all-namespaces') ? '' : namespace,
    labelSelector: selector,
    fieldSelector: flagText(flags, 'field-selector'),
  };
}
