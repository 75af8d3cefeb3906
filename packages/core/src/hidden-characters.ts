/** Owns which characters text from outside may not show people as they are: those that hide, move or turn around text. */

const HIDDEN =
  /[\p{Cc}\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

/** The text with what is hidden written as `\u001b`; line ends and tabs stay. In JSON and in quotes it reads the same. */
export function escapeHidden(text: string): string {
  return text.replace(HIDDEN, (character) =>
    /[\n\t]/.test(character) ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
