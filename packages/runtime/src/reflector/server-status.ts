/** Owns what a server's refusal means to a reflector: a response that is no success, or an ERROR event. */
import type { KubernetesStatus } from '../transport/kubernetes-status.ts';

/** The longest `Retry-After` that is honoured (rule 15). */
const LONGEST_RETRY_AFTER = 300_000;
const TOO_LARGE = /too large resource version/i;

/** The resource version has left the server's history. */
export function isExpired(status: KubernetesStatus): boolean {
  return status.code === 410 || status.reason === 'Expired' || status.reason === 'Gone';
}

/** The server has not reached the resource version; older servers say so in words only (rule 10). */
export function isTooLarge(status: KubernetesStatus): boolean {
  const { causes } = status.details;
  if (causes.some((cause) => cause.reason === 'ResourceVersionTooLarge')) return true;
  if (status.code !== 504 && status.reason !== 'Timeout') return false;
  return TOO_LARGE.test(status.message) || causes.some((cause) => TOO_LARGE.test(cause.message ?? ''));
}

function namesStorageReadError(reason: string | undefined): boolean {
  return reason === 'StorageReadError' || reason === 'StoreReadError';
}

/** The server could not read what was deleted: only a list can tell (rule 13). */
export function isStorageReadError(status: KubernetesStatus): boolean {
  return (
    namesStorageReadError(status.reason) ||
    status.details.causes.some((cause) => namesStorageReadError(cause.reason))
  );
}

/** Trying again soon is useless: somebody has to change rights or the cluster (rule 15). */
export function isDenied(status: KubernetesStatus): boolean {
  return status.code === 403 || status.code === 404 || status.code === 405;
}

/** The server does not know streaming lists, as opposed to having trouble just now (rule 5). */
export function isUnsupported(status: KubernetesStatus): boolean {
  return [400, 405, 406, 415, 422, 501].includes(status.code);
}

/** How long to leave the server alone, in milliseconds: honoured where it is busy or broken (rule 15). */
export function retryAfter(status: KubernetesStatus): number | undefined {
  const seconds = status.details.retryAfterSeconds;
  if (seconds === undefined || (status.code !== 429 && status.code < 500)) return undefined;
  return Math.min(seconds * 1000, LONGEST_RETRY_AFTER);
}
