/** Owns the question what the server was asked meanwhile. */
import { once } from 'node:events';
import type { Traffic } from '../../server.ts';

/** What the server was asked since this was last called, watches left out. */
export async function trafficSince(): Promise<Traffic> {
  const told = once(process, 'message');
  process.send?.({ traffic: true });
  return (await told)[0] as Traffic;
}
