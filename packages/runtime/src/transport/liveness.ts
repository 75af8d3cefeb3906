/** Owns the watch over HTTP/2 connections: one that stays silent although it is pinged is closed. */
import type { Socket } from 'node:net';
import type { Clock } from '@firn/stores';

/** A PING goes out this often (rule 18). */
export const PING_INTERVAL_MS = 30_000;
/** How long the other side may take to answer. */
const ANSWER_MS = 15_000;
const LOOK_MS = 5000;
/** Once more before the end: a blocked event loop leaves answers unread. */
const LAST_CHANCE_MS = 1000;

/**
 * Destroys `socket` once it has received nothing for the time of a PING and its answer.
 *
 * The PINGs themselves are sent by undici, every 30 s, but it does not mind if they stay unanswered: a connection
 * that is alive receives at least those answers.
 */
export function guardLiveness(socket: Socket, clock: Clock): void {
  let seen = socket.bytesRead;
  let since = clock.monotonic();
  let warned = false;
  let timer: unknown;

  const look = (): void => {
    if (socket.destroyed) return;
    if (socket.bytesRead !== seen) {
      seen = socket.bytesRead;
      since = clock.monotonic();
      warned = false;
    }
    const silent = clock.monotonic() - since >= PING_INTERVAL_MS + ANSWER_MS;
    if (silent && warned) {
      const error = new Error('The connection is silent: a PING was not answered within 15 s.');
      socket.destroy(Object.assign(error, { code: 'ETIMEDOUT' }));
      return;
    }
    warned = silent;
    schedule(silent ? LAST_CHANCE_MS : LOOK_MS);
  };
  const schedule = (delay: number): void => {
    timer = clock.setTimeout(look, delay);
    (timer as Partial<NodeJS.Timeout>).unref?.();
  };

  socket.once('close', () => clock.clearTimeout(timer));
  schedule(LOOK_MS);
}
