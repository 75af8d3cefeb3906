/** Owns how a value of any kind is named in an error message: short, on one line, and without running code of its own. */
import { escapeHidden } from './hidden-characters.ts';

const MAX_SHOWN = 80;

/** Text as JSON, at most 80 characters of it; other values by what they are, never by what they contain. */
export function shownValue(value: unknown): string {
  if (typeof value === 'string') {
    return escapeHidden(JSON.stringify(value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value));
  }
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
