/** Owns how a value of any kind is named in an error message: short, on one line, and without running code of its own. */

const MAX_SHOWN = 80;

/** Text as JSON, at most 80 characters of it; other values by what they are, never by what they contain. */
export function shownValue(value: unknown): string {
  if (typeof value === 'string') {
    const text = JSON.stringify(value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value);
    // JSON allows both line separators of Unicode in a string, but a message is one line.
    return text.replace(
      /[\u007f-\u009f\u2028\u2029]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
  }
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
