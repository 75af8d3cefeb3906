/** Owns what makes a value a plan for a log, and the one line that a plan is printed as. */
import { ConfigError } from '@firn/core';
import { shownValue } from '@firn/core/engine';
import { nearestNames } from '../../nearest-name.ts';
import type { Plan, PlanStep } from './plan.ts';

type Fields = Readonly<Record<string, unknown>>;

/** By the type of a step: its members, and what is wrong with the value of each, if anything. */
type Checks = Readonly<Record<string, (value: unknown, step: Fields) => string | undefined>>;

const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isSafeInteger(value);
const number = (value: unknown): string | undefined =>
  isNumber(value) ? undefined : 'write the sequence number of an event';
const name = (value: unknown): string | undefined =>
  typeof value === 'string' ? undefined : 'write the name of a resource';
const after =
  (first: string): Checks[string] =>
  (value, step) =>
    number(value) ?? ((value as number) > Number(step[first]) ? undefined : `it has to lie after ${first}`);
const optional =
  (check: Checks[string] & {}): Checks[string] =>
  (value, step) =>
    value === undefined ? undefined : check(value, step);

const CHECKS: Readonly<Record<PlanStep['type'], Checks>> = {
  stale: { resource: name, from: number, to: after('from') },
  hide: { resource: name, event: number },
  duplicate: { resource: name, event: number },
  expire: { resource: name, at: number },
  rewind: { to: number, at: optional(after('to')) },
  crash: {
    at: (value) => {
      const write = (value as { write?: unknown } | null | undefined)?.write;
      return number(value) === undefined || (isNumber(write) && (write as number) > 0)
        ? undefined
        : 'write a sequence number, or { write: n } with n from 1';
    },
  },
  reorder: {
    resources: optional((value) =>
      Array.isArray(value) && value.length > 1 && value.every((one) => typeof one === 'string')
        ? undefined
        : 'write the names of two resources or more',
    ),
    seed: (value, step) =>
      (value === undefined) === (step.resources === undefined)
        ? 'write either resources or a seed'
        : optional((given) => (isNumber(given) ? undefined : 'write a whole number'))(value, step),
  },
};

/**
 * Takes a value, or the JSON of one, as a plan.
 *
 * @param resources - the names in the log.
 * @throws {ConfigError} `INVALID_PLAN`, `UNKNOWN_NAME`.
 */
export function checkPlan(value: unknown, resources: readonly string[]): Plan {
  const plan = typeof value === 'string' ? parsed(value) : value;
  const steps: unknown = Array.isArray(plan) ? plan : [plan];
  for (const [i, step] of (steps as readonly unknown[]).entries()) checkStep(step, i, resources);
  return Object.freeze([...(steps as Plan)]);
}

/** A plan as the calls that make it, on one line. */
export function formatPlan(plan: Plan): string {
  return `[${plan.map(formatStep).join(', ')}]`;
}

function formatStep(step: PlanStep): string {
  const text = JSON.stringify;
  switch (step.type) {
    case 'stale':
      return `stale(${text(step.resource)}, ${step.from}, ${step.to})`;
    case 'hide':
    case 'duplicate':
      return `${step.type}(${text(step.resource)}, ${step.event})`;
    case 'expire':
      return `expire(${text(step.resource)}, ${step.at})`;
    case 'rewind':
      return step.at === undefined ? `rewind(${step.to})` : `rewind(${step.to}, { at: ${step.at} })`;
    case 'crash':
      return typeof step.at === 'number' ? `crash(${step.at})` : `crash({ write: ${step.at.write} })`;
    case 'reorder':
      return `reorder(${step.resources?.map((one) => text(one)).join(', ') ?? step.seed})`;
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new ConfigError(`${shownValue(json)} is no JSON. Write a plan as it was printed: [{"type":…},…].`, {
      code: 'INVALID_PLAN',
      cause,
    });
  }
}

function checkStep(value: unknown, i: number, resources: readonly string[]): void {
  const step = (typeof value === 'object' && value !== null ? value : {}) as Fields;
  const type = String(step.type);
  if (!Object.hasOwn(CHECKS, type))
    throw invalid(`step ${i} is of no known type`, `Write one of ${Object.keys(CHECKS).join(', ')}.`);
  const checks: Checks = CHECKS[type as PlanStep['type']];
  for (const [member, check] of Object.entries(checks)) {
    const wrong = check(step[member], step);
    if (wrong !== undefined)
      throw invalid(`${member} of step ${i} (${type}) is ${shownValue(step[member])}`, `Here ${wrong}.`);
  }
  const unknown = Object.keys(step).find((member) => member !== 'type' && !Object.hasOwn(checks, member));
  if (unknown !== undefined)
    throw invalid(
      `step ${i} (${type}) has no member ${shownValue(unknown)}`,
      `There are: ${Object.keys(checks).join(', ')}.`,
    );
  const named = [step.resource, ...((step.resources ?? []) as readonly unknown[])];
  for (const one of named) if (one !== undefined) checkName(one as string, i, resources);
}

function checkName(name: string, i: number, resources: readonly string[]): void {
  if (resources.includes(name)) return;
  const [suggestion] = nearestNames(name, resources);
  throw new ConfigError(
    `The plan: step ${i} names ${shownValue(name)}, which the log does not have. There are: ${resources.join(', ')}.`,
    { code: 'UNKNOWN_NAME', suggestion },
  );
}

function invalid(what: string, remedy: string): ConfigError {
  return new ConfigError(`The plan: ${what}. ${remedy}`, { code: 'INVALID_PLAN' });
}
