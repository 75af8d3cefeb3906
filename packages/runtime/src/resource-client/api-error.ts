/** Owns the refusal of a single request, in the shape that client-node's `ApiException` has. */
import type { KubernetesStatus } from '../transport/kubernetes-status.ts';

/**
 * An API server refused a request. `code` is the HTTP status, a number, so that errors of this client and of
 * client-node are told apart in the same way.
 */
export class ApiError extends Error {
  /** HTTP status, such as 403. */
  readonly code: number;
  /** Such as `Forbidden`. */
  readonly reason: string;
  /** Seconds after which the server wants to be asked again. */
  readonly retryAfterSeconds?: number;

  constructor(message: string, status: KubernetesStatus) {
    super(message);
    this.name = 'ApiError';
    this.code = status.code;
    this.reason = status.reason;
    const { retryAfterSeconds } = status.details;
    if (retryAfterSeconds !== undefined) this.retryAfterSeconds = retryAfterSeconds;
  }

  /** Whether the same request may succeed later. */
  get retryable(): boolean {
    return this.code === 429 || this.code >= 500;
  }
}
