/** Owns the errors for connections that say nothing. */
import { TransportError } from '../transport/transport-error.ts';

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}

/** No byte came for too long (rule 17). */
export function silentError(target: string, ms: number): TransportError {
  return new TransportError(
    `The connection for ${target} has been silent for ${seconds(ms)} and is probably dead; a new one is opened.`,
    { code: 'TIMEOUT' },
  );
}

/** A stream outlived the time it was asked for (rule 17). */
export function overdueError(target: string): TransportError {
  return new TransportError(
    `The server did not end the stream of ${target} at the agreed time; the connection is probably dead and a new one is opened.`,
    { code: 'TIMEOUT' },
  );
}

/** A page of a list goes on arriving, and never ends (rule 17). */
export function slowPageError(target: string): TransportError {
  return new TransportError(
    `A page of the list of ${target} was not complete after 10 minutes; it is thrown away and the list begun anew. Look for a proxy that slows responses down, or set a smaller pageSize.`,
    { code: 'TIMEOUT' },
  );
}

/** A request was not answered in time. */
export function unansweredError(target: string, ms: number): TransportError {
  return new TransportError(`The server did not answer a request for ${target} within ${seconds(ms)}.`, {
    code: 'TIMEOUT',
  });
}
