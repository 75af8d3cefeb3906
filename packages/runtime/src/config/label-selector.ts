/** Owns label selectors: the text an API server takes, checked before it is sent. */

const NAME = '[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?';
const PREFIX = '[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?';
const KEY = `(?:${PREFIX}/)?${NAME}`;
const VALUE = `(?:${NAME})?`;
const SET = `\\(\\s*${VALUE}(?:\\s*,\\s*${VALUE})*\\s*\\)`;
const REQUIREMENT = `\\s*(?:!\\s*${KEY}|${KEY}(?:\\s*(?:==|=|!=)\\s*${VALUE}|\\s+(?:in|notin)\\s*${SET}|\\s*[<>]\\s*-?\\d+)?)\\s*`;

/** A label's key: an optional DNS prefix with a slash, then a name of up to 63 characters. */
export const labelKey: RegExp = new RegExp(`^${KEY}$`);
/** A label's value: up to 63 letters, digits, `-`, `_`, `.`, beginning and ending with a letter or digit; or empty. */
export const labelValue: RegExp = new RegExp(`^${VALUE}$`);
/** A whole selector: requirements joined by commas, or nothing. */
export const labelSelector: RegExp = new RegExp(`^(?:${REQUIREMENT}(?:,${REQUIREMENT})*)?$`);

/**
 * Writes equality requirements as a selector.
 *
 * @example
 * ```ts
 * formatLabelSelector({ app: 'shop', tier: 'web' }) // 'app=shop,tier=web'
 * ```
 */
export function formatLabelSelector(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}
