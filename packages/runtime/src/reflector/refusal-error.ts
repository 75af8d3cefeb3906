/** Owns what a user reads when a server refuses, or sends what the protocol does not allow. */
import { ProtocolError } from '@firn/core';
import type { KubernetesStatus } from '../transport/kubernetes-status.ts';
import { isExpired, isTooLarge } from './server-status.ts';

/** What was asked for when the server refused. */
export type Verb = 'list' | 'watch';

/** The server's own words; they were shortened and made visible when they were read. */
function serversWords(status: KubernetesStatus): string {
  return `the server says: ${status.message.replace(/[.\s]+$/, '')}`;
}

interface Wording {
  readonly code: string;
  readonly retryable: boolean;
  readonly text: string;
}

function denied(status: KubernetesStatus, verb: Verb, target: string): Wording {
  const words = serversWords(status);
  if (status.code === 401)
    return {
      code: 'UNAUTHORIZED',
      retryable: false,
      text: `The server does not accept the credentials to ${verb} ${target} (401): ${words}. Renew the token or certificate of the kubeconfig's user.`,
    };
  if (status.code === 403)
    return {
      code: 'FORBIDDEN',
      retryable: false,
      text: `May not ${verb} ${target} (403): ${words}. Give the account the verb "${verb}" on this resource.`,
    };
  if (status.code === 404)
    return {
      code: 'NOT_FOUND',
      retryable: false,
      text: `The server has no ${target} to ${verb} (404): ${words}. The type is not installed (its CustomResourceDefinition or API service is missing), group, version or plural is misspelt, or the type has no namespaces.`,
    };
  return {
    code: 'METHOD_NOT_ALLOWED',
    retryable: false,
    text: `The server does not offer the verb "${verb}" for ${target} (405): ${words}. Watch another resource type.`,
  };
}

function passing(status: KubernetesStatus, verb: Verb, target: string): Wording {
  const words = serversWords(status);
  const retryable = true;
  if (isExpired(status))
    return {
      code: 'EXPIRED',
      retryable,
      text: `The resource version to ${verb} ${target} from has left the server's history (410): ${words}. A new list follows.`,
    };
  if (isTooLarge(status))
    return {
      code: 'RESOURCE_VERSION_TOO_LARGE',
      retryable,
      text: `The server has not reached the resource version to ${verb} ${target} from: ${words}. A list from whatever is newest follows.`,
    };
  if (status.code === 429)
    return {
      code: 'TOO_MANY_REQUESTS',
      retryable,
      text: `The server is too busy to ${verb} ${target} (429): ${words}. It is asked again later.`,
    };
  if (status.code >= 500)
    return {
      code: 'SERVER_ERROR',
      retryable,
      text: `The server failed to ${verb} ${target} (${status.code}): ${words}. It is asked again later.`,
    };
  return {
    code: 'REFUSED',
    retryable,
    text: `The server refuses to ${verb} ${target} (${status.code}): ${words}. Check the selectors and the namespace; it is asked again later.`,
  };
}

/** The error for a response that is no success, or for an ERROR event. */
export function refusalError(status: KubernetesStatus, verb: Verb, target: string): ProtocolError {
  const permanent = [401, 403, 404, 405].includes(status.code);
  const wording = permanent ? denied(status, verb, target) : passing(status, verb, target);
  return new ProtocolError(wording.text, {
    code: wording.code,
    retryable: wording.retryable,
    status: status.code,
    reason: status.reason === '' ? undefined : status.reason,
  });
}

/** The error for a server whose resource versions have gone back, such as after a restored backup (rule 18). */
export function wentBackError(target: string, ours: string, theirs: string): ProtocolError {
  return new ProtocolError(
    `The server went back: it is at resource version ${theirs}, and ${target} was already seen at ${ours}; probably its storage was restored from a backup. A list from whatever is newest follows.`,
    { code: 'SERVER_WENT_BACK', retryable: true },
  );
}

/** The error for a watch that ends at once and without an event (rule 14). */
export function endedAtOnceError(target: string): ProtocolError {
  return new ProtocolError(
    `The watch of ${target} ended in less than a second and without an event; a proxy in between may cut it. It is opened again later.`,
    { code: 'WATCH_ENDED_AT_ONCE', retryable: true },
  );
}

/** The error for a streaming list that ended before it was complete (rule 4). */
export function listEndedEarlyError(target: string): ProtocolError {
  return new ProtocolError(
    `The streaming list of ${target} ended before it was complete; what it had brought was thrown away. It is tried again.`,
    { code: 'LIST_ENDED_EARLY', retryable: true },
  );
}

/** The error for a list that goes on for ever: without an item, or with the same page again and again. */
export function endlessListError(target: string): ProtocolError {
  return new ProtocolError(
    `The list of ${target} goes on page after page without coming to an end. It is started anew later.`,
    {
      code: 'ENDLESS_LIST',
      retryable: true,
    },
  );
}
