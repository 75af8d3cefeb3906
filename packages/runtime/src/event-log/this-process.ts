/** Owns what a lock says of this process. */
import { hostname } from 'node:os';
import { systemCode } from './event-log-failure.ts';
import type { WriterProcess } from './folder-lock.ts';

/** The process this runs in. */
export const thisProcess: WriterProcess = Object.freeze({
  pid: process.pid,
  host: hostname(),
  startedAt: Math.round(performance.timeOrigin),
  isAlive(pid: number) {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      // A process of another user may not be asked, but it is there.
      return systemCode(error) !== 'ESRCH';
    }
  },
});
