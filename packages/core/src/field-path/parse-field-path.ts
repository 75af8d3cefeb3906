/** Owns the grammar of field paths and what is said about text that does not follow it. */
import { FieldPathError } from '../errors.ts';
import { type FieldPath, type FieldPathSegment, isControlCode, ONLY_DIGITS } from './field-path.ts';

const MAX_LENGTH = 1024;
const MAX_INDEX_DIGITS = 9;
const QUOTE_IT =
  "Put keys with other characters into quoted brackets: metadata.labels['app.kubernetes.io/name'].";
const BRACKETS = "Write a quoted key ['a.b/c'], an element [0] or every element [*].";

interface Step {
  readonly segment: FieldPathSegment;
  /** Where the text goes on. */
  readonly end: number;
}

function fail(expression: string, position: number, why: string, hint: string): never {
  const shown = expression.length > 120 ? `${expression.slice(0, 120)}…` : expression;
  throw new FieldPathError(
    `Field path ${JSON.stringify(shown)} cannot be parsed at position ${position}: ${why}. ${hint}`,
    { code: 'INVALID_FIELD_PATH', expression, position, hint },
  );
}

function checkText(expression: string): void {
  if (expression.length > MAX_LENGTH)
    fail(
      expression,
      MAX_LENGTH,
      `it has ${expression.length} characters`,
      `A path has at most ${MAX_LENGTH}.`,
    );
  if (expression.trim() === '')
    fail(expression, 0, 'it is empty', "Name a field, such as 'metadata.name' or 'spec.rules[0].host'.");
  for (let at = 0; at < expression.length; at += 1)
    if (isControlCode(expression.charCodeAt(at)))
      fail(
        expression,
        at,
        'it contains a control character',
        'Remove it, or write it as \\u0000 inside a quoted key.',
      );
}

/** What people bring along from JSONPath. */
function checkJsonPath(expression: string): void {
  const bare = expression.replace(/^\{/, '').replace(/\}$/, '').replace(/^\$/, '').replace(/^\./, '');
  const rewritten = bare === '' ? '' : `: ${bare}`;
  if (expression.startsWith('{'))
    fail(expression, 0, 'it begins with a brace', `Leave out the braces of JSONPath${rewritten}`);
  if (/^\$(?:[.[]|$)/.test(expression))
    fail(
      expression,
      0,
      'it begins with $',
      `The path always begins at the resource; leave out the $ of JSONPath${rewritten}`,
    );
}

function hintForCharacter(char: string): string {
  if (char === '*') return 'Every element of an array is written [*]; there is no wildcard for fields.';
  if (char === '\\') return `A backslash works only inside quotes. ${QUOTE_IT}`;
  if (char === ']') return `There is no [ before it. ${BRACKETS}`;
  if (char === '}') return 'Leave out the braces of JSONPath.';
  if (/\s/u.test(char)) return `Remove the white space. ${QUOTE_IT}`;
  return QUOTE_IT;
}

function parseName(expression: string, start: number): Step {
  const pattern = /[\p{L}\p{N}_$-]+/uy;
  pattern.lastIndex = start;
  const name = pattern.exec(expression)?.[0] ?? '';
  const end = start + name.length;
  const next = expression[end];
  if (next !== undefined && next !== '.' && next !== '[')
    fail(expression, end, `${JSON.stringify(next)} is not allowed here`, hintForCharacter(next));
  if (ONLY_DIGITS.test(name))
    fail(
      expression,
      start,
      `${name} alone is not the name of a field`,
      `Write [${name}] for an element of an array, ['${name}'] for a key.`,
    );
  return { segment: { kind: 'field', name }, end };
}

function parseEscape(expression: string, at: number): { readonly char: string; readonly end: number } {
  const char = expression[at + 1];
  if (char === "'" || char === '"' || char === '\\') return { char, end: at + 2 };
  const code = expression.slice(at + 2, at + 6);
  if (char === 'u' && /^[0-9a-fA-F]{4}$/.test(code))
    return { char: String.fromCharCode(Number.parseInt(code, 16)), end: at + 6 };
  return fail(
    expression,
    at,
    'this escape is not known',
    `Inside quotes, \\' \\" \\\\ and \\u with four hexadecimal digits can be written.`,
  );
}

/** `start` is that of the bracket; the quote stands behind it. */
function parseQuoted(expression: string, start: number): Step {
  const quote = expression[start + 1];
  let name = '';
  let at = start + 2;
  while (at < expression.length && expression[at] !== quote) {
    if (expression[at] === '\\') {
      const escaped = parseEscape(expression, at);
      name += escaped.char;
      at = escaped.end;
    } else {
      name += expression[at];
      at += 1;
    }
  }
  if (at >= expression.length)
    fail(expression, start + 1, 'the quote is not closed', `End the key with ${quote}].`);
  if (expression[at + 1] !== ']')
    fail(
      expression,
      at + 1,
      'the bracket is not closed after the quote',
      `Write ] here; a ${quote} inside the key is written \\${quote}.`,
    );
  return { segment: { kind: 'field', name }, end: at + 2 };
}

function hintForBracket(content: string): string {
  if (/^-\d+$/.test(content)) return 'Elements are counted from 0, from the beginning only.';
  if (/^0\d+$/.test(content)) return `Write the number without leading zeros. ${BRACKETS}`;
  if (/^\s*(?:\d+|\*)\s*$/u.test(content)) return `Write [${content.trim()}] without white space.`;
  if (/^[?(]/.test(content)) return `Filters are not supported. ${BRACKETS}`;
  if (/^[-\d\s:,]+$/u.test(content)) return `Slices and lists are not supported. ${BRACKETS}`;
  if (content === '') return BRACKETS;
  return `Put the key into quotes: ['${content.replace(/['"\\]/g, '\\$&')}'].`;
}

function parseBracket(expression: string, start: number): Step {
  const first = expression[start + 1];
  if (first === "'" || first === '"') return parseQuoted(expression, start);
  const close = expression.indexOf(']', start);
  if (close === -1) fail(expression, start, 'the bracket is not closed', BRACKETS);
  const content = expression.slice(start + 1, close);
  const end = close + 1;
  if (content === '*') return { segment: { kind: 'each' }, end };
  if (!/^(?:0|[1-9]\d*)$/.test(content))
    fail(
      expression,
      start + 1,
      'the bracket holds neither a number nor a quoted key',
      hintForBracket(content),
    );
  if (content.length > MAX_INDEX_DIGITS)
    fail(
      expression,
      start + 1,
      'the number is too large',
      `Elements have at most ${MAX_INDEX_DIGITS} digits.`,
    );
  return { segment: { kind: 'index', index: Number(content) }, end };
}

/** Steps over the dot between two segments. */
function parseSeparator(expression: string, at: number): number {
  const char = expression[at];
  if (char === undefined || char === '[') return at;
  if (char !== '.')
    fail(
      expression,
      at,
      `${JSON.stringify(char)} follows a bracket`,
      char === ']' ? hintForCharacter(char) : 'A field after a bracket begins with a dot: rules[0].host.',
    );
  const next = expression[at + 1];
  if (next === undefined) fail(expression, at, 'it ends with a dot', 'Leave out the last dot.');
  if (next === '.')
    fail(
      expression,
      at,
      'there are two dots in a row',
      'Descent into all levels is not supported; name every field on the way.',
    );
  if (next === '[') fail(expression, at, 'a dot precedes a bracket', 'Leave out the dot before the bracket.');
  return at + 1;
}

/**
 * Parses a field path: dotted names with or without a leading dot, quoted keys in brackets, `[0]`, `[*]`.
 *
 * @throws {FieldPathError} `INVALID_FIELD_PATH` with position and hint.
 * @example
 * ```ts
 * parseFieldPath("metadata.labels['app.kubernetes.io/name']").segments.length // 3
 * parseFieldPath('.spec.rules[*].host').segments[2]                           // { kind: 'each' }
 * ```
 */
export function parseFieldPath(expression: string): FieldPath {
  if (typeof expression !== 'string')
    fail(String(expression), 0, 'it is not a string', 'Write the path as text.');
  checkText(expression);
  checkJsonPath(expression);
  if (expression.startsWith('..') || expression === '.')
    fail(
      expression,
      0,
      expression === '.' ? 'it names no field' : 'there are two dots in a row',
      'Name every field on the way, such as .metadata.name.',
    );
  const segments: FieldPathSegment[] = [];
  let at = expression.startsWith('.') ? 1 : 0;
  while (at < expression.length) {
    const step = expression[at] === '[' ? parseBracket(expression, at) : parseName(expression, at);
    if (segments.length === 0 && step.segment.kind !== 'field')
      fail(
        expression,
        at,
        'it begins with an element',
        'A resource is an object: begin with a field, such as spec.',
      );
    segments.push(Object.freeze(step.segment));
    at = parseSeparator(expression, step.end);
  }
  return Object.freeze({ expression, segments: Object.freeze(segments) });
}

/**
 * Checks that a field path can be parsed.
 *
 * It says nothing about whether resources have such a field.
 *
 * @throws {FieldPathError} `INVALID_FIELD_PATH` with position and hint.
 * @example
 * ```ts
 * validateFieldPath('metadata.name');  // fine
 * validateFieldPath('metadata..name'); // FieldPathError, position 8
 * ```
 */
export function validateFieldPath(expression: string): void {
  parseFieldPath(expression);
}
