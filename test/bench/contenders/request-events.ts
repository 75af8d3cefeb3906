/** Owns the asking for events, the waiting for the last of them, and the question how long their writing took. */
import { once } from 'node:events';
import type { Load } from '../objects/kinds.ts';
import { listVersion } from '../objects/slots.ts';

/** Events that the server is asked for. */
export interface EventRequests {
  /** How many so far. */
  readonly requested: number;
  /** Has the server make so many. */
  prepare(count: number): Promise<void>;
  /** Has the server send them; resolves when the last one has arrived. */
  receive(): Promise<void>;
  /** An object came in this version. */
  arrived(resourceVersion: string | undefined): void;
}

export function requestEvents({ objects }: Load): EventRequests {
  let requested = 0;
  let last: string | undefined;
  let resolve: (() => void) | undefined;
  return {
    get requested() {
      return requested;
    },
    prepare: async (count) => {
      requested += count;
      last = listVersion(objects + requested);
      await preparedEvents(count);
    },
    receive: () => {
      const done = new Promise<void>((resolved) => {
        resolve = resolved;
      });
      process.send?.({ burst: true });
      return done;
    },
    arrived: (resourceVersion) => {
      if (resourceVersion === last) resolve?.();
    },
  };
}

/** Asks the server for events and waits until it has made them. */
export async function preparedEvents(count: number): Promise<void> {
  const answer = once(process, 'message');
  process.send?.({ prepare: count });
  await answer;
}

/** Waits until the server has written the last events that it was asked for; gives the milliseconds it took. */
export async function writtenMs(): Promise<number> {
  const answer = once(process, 'message');
  process.send?.({ written: true });
  const [{ writtenMs: ms }] = (await answer) as [{ writtenMs: number }];
  return ms;
}
