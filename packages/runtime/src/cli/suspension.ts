/** Owns Ctrl-Z and `fg`: what must be put away before the process stops, and back when it goes on. */

/** Something that holds the terminal. */
export interface Suspendable {
  /** Gives the terminal back; the process stops as soon as this returns. */
  suspend(): void;
  /** Takes the terminal again; also called where nothing could be put away before. */
  resume(): void;
}

/** What is needed of a process; `process` fits. */
export interface StoppableProcess {
  readonly pid: number;
  on(signal: 'SIGTSTP' | 'SIGCONT', listener: () => void): unknown;
  kill(pid: number, signal: 'SIGSTOP' | 'SIGWINCH'): unknown;
}

/** Lets the process stop with everything put away, and be back as it was when it is continued. */
export function suspendOnStop(target: StoppableProcess, holders: ReadonlySet<Suspendable>): void {
  target.on('SIGTSTP', () => {
    for (const holder of holders) holder.suspend();
    // Whoever listens to SIGTSTP is not stopped by it, so that has to be asked for.
    target.kill(target.pid, 'SIGSTOP');
  });
  target.on('SIGCONT', () => {
    // A process in the background is not told that the terminal has another size.
    if (holders.size > 0) target.kill(target.pid, 'SIGWINCH');
    for (const holder of holders) holder.resume();
  });
}
