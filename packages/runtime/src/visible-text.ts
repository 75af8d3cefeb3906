/** Owns how text that came from outside is shown to people. */

// The same characters as in errors of @firn/core, which `firn --help` does without.
const HIDDEN =
  /[\p{Cc}\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * The text with control characters, bidirectional overrides and lone surrogates written as `\u001b`, and cut after
 * `limit` UTF-16 code units.
 *
 * @example
 * ```ts
 * visibleText('a\u001b[31mb') // 'a\\u001b[31mb'
 * ```
 */
export function visibleText(text: string, limit = 300): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return cut.replace(HIDDEN, escaped);
}

/** The text with what is hidden written as `\u001b`; line ends and tabs stay. In JSON and in quotes it reads the same. */
export function escapeHidden(text: string): string {
  return text.replace(HIDDEN, (character) => (/[\n\t]/.test(character) ? character : escaped(character)));
}

/**
 * JSON that reads back as the value and holds no character that `visibleText` would not show.
 *
 * @param indent - Spaces for each level; 0: one line.
 */
export function visibleJson(value: unknown, indent = 0): string {
  return escapeHidden(JSON.stringify(value, null, indent));
}
