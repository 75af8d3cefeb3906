/** Owns label selectors as the API takes them in a query. */
import { badRequest } from './status-error.ts';

/** Whether an object with these labels is selected. */
export type LabelSelector = (labels: Readonly<Record<string, string>> | undefined) => boolean;

// At most 63 characters.
const NAME = '(?![-A-Za-z0-9_.]{64})[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?';
const KEY = `((?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?/)?${NAME})`;
const VALUE = new RegExp(`^(?:${NAME})?$`);
const EXISTS = new RegExp(String.raw`^(!?)\s*${KEY}$`);
const EQUALITY = new RegExp(String.raw`^${KEY}\s*(=|==|!=)\s*(${NAME})?$`);
const SET = new RegExp(String.raw`^${KEY}\s+(in|notin)\s*\(([^()]*)\)$`);
const ORDER = new RegExp(String.raw`^${KEY}\s*([<>])\s*(-?\d+)$`);

function splitRequirements(text: string): string[] {
  // Commas inside the parentheses of a set belong to the set.
  return text.split(/,(?![^(]*\))/).map((part) => part.trim());
}

function labelValue(labels: Readonly<Record<string, string>> | undefined, key: string): string | undefined {
  return labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
}

function parseRequirement(text: string): LabelSelector {
  const exists = EXISTS.exec(text);
  if (exists) {
    const [, not, key = ''] = exists;
    return (labels) => (labelValue(labels, key) === undefined) === (not === '!');
  }
  const equality = EQUALITY.exec(text);
  if (equality) {
    const [, key = '', operator, value = ''] = equality;
    return (labels) => (labelValue(labels, key) === value) === (operator !== '!=');
  }
  const [, key = '', operator, list = ''] = SET.exec(text) ?? [];
  const listed = list.split(',').map((value) => value.trim());
  if (key !== '' && listed.every((value) => VALUE.test(value))) {
    const values = new Set<string | undefined>(listed);
    return (labels) => values.has(labelValue(labels, key)) === (operator === 'in');
  }
  const order = ORDER.exec(text);
  if (order) {
    const [, key = '', operator, bound] = order;
    return (labels) => {
      const value = labelValue(labels, key);
      if (value === undefined || !/^-?\d+$/.test(value)) return false;
      return operator === '>' ? BigInt(value) > BigInt(bound ?? 0) : BigInt(value) < BigInt(bound ?? 0);
    };
  }
  throw badRequest(
    `unable to parse requirement: ${JSON.stringify(text.slice(0, 100))} is not a label selector`,
  );
}

/**
 * Parses a label selector; an empty one selects everything and is undefined.
 *
 * @throws {StatusError} 400 when it cannot be parsed.
 */
export function parseLabelSelector(text: string | undefined): LabelSelector | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const requirements = splitRequirements(text).map(parseRequirement);
  return (labels) => requirements.every((matches) => matches(labels));
}
