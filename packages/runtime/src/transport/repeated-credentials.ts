/** Owns that a credential which a server or a proxy repeats in its answer goes no further. */
import { type KubernetesStatus, statusFrom } from './kubernetes-status.ts';

/** Takes credentials out of a text. */
export type HideCredentials = (text: string) => string;

/** Shorter ones are no secrets, and would be found everywhere. */
const SHORTEST = 4;

function hiding(secrets: readonly (string | undefined)[], shortest: number): HideCredentials {
  const known = secrets.filter((secret) => secret !== undefined && secret.length >= shortest) as string[];
  // The longest first: one may be part of another.
  known.sort((a, b) => b.length - a.length);
  return (text) => known.reduce((shown, secret) => shown.replaceAll(secret, '…'), text);
}

/** Hides what these request headers let in: the token, or user and password in any form. */
export function hideAuthorization(headers: Readonly<Record<string, string>>): HideCredentials {
  const [, scheme = '', value] = /^(\S+) +(.*)$/.exec(headers.authorization ?? '') ?? [];
  if (value === undefined || scheme.toLowerCase() !== 'basic') return hiding([value], SHORTEST);
  const decoded = Buffer.from(value, 'base64').toString('utf8');
  return hiding([value, decoded, decoded.slice(decoded.indexOf(':') + 1)], SHORTEST);
}

/** Hides these values wherever they are too long to be ordinary words. */
export function hideValues(values: readonly unknown[]): HideCredentials {
  return hiding(
    values.map((value) => (typeof value === 'string' ? value.trim() : undefined)),
    2 * SHORTEST,
  );
}

/** A status whose texts do not repeat a credential. */
export function statusWithout(status: KubernetesStatus, hide: HideCredentials): KubernetesStatus {
  const { causes, retryAfterSeconds } = status.details;
  return statusFrom({
    code: status.code,
    reason: hide(status.reason),
    message: hide(status.message),
    causes: causes.map((cause) =>
      Object.fromEntries(Object.entries(cause).map(([name, text]) => [name, hide(text)])),
    ),
    retryAfterSeconds,
  });
}
