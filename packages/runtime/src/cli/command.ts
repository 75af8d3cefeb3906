/** Owns what a command of `firn` is: its words for people, its flags, and how it is loaded and run. */

import type { Suspendable } from './suspension.ts';

/** A flag; without `value` it is a switch. */
export interface Flag {
  readonly name: string;
  readonly short?: string;
  /** Placeholder of the value in help texts, such as `FILE`. */
  readonly value?: string;
  /** The values it takes, if they are few. */
  readonly choices?: readonly string[];
  readonly description: string;
}

/** The flags of a command line: text, or `true` for a switch. */
export type FlagValues = ReadonlyMap<string, string | true>;

/** What a command is given. */
export interface Invocation {
  readonly flags: FlagValues;
  /** What stands beside the flags. */
  readonly operands: readonly string[];
  readonly io: CommandIo;
}

/** Where a command reads from and writes to. */
export interface CommandIo {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C, by a termination signal, and when nobody reads the output any more. */
  readonly signal: AbortSignal;
  /** What holds the terminal registers here, so that Ctrl-Z can take it away. */
  readonly suspendables?: Set<Suspendable>;
}

/** What a command needs of a stream; `process.stdout` fits. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  /** Whether what was written waits for the reader. */
  readonly writableNeedDrain?: boolean;
  write(text: string, done?: (error?: Error | null) => void): boolean;
  on(event: 'resize' | 'drain', listener: () => void): unknown;
  off(event: 'resize' | 'drain', listener: () => void): unknown;
}

/** Runs a command; gives the exit code. */
export type RunCommand = (invocation: Invocation) => Promise<number>;

/** A command of `firn`. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What stands behind the name in a usage line. */
  readonly operands: string;
  readonly description: string;
  readonly flags: readonly Flag[];
  readonly examples: readonly string[];
  /** Flags that it has not, though kubectl's users expect them, as they are written: a sentence about each. */
  readonly otherwise?: Readonly<Record<string, string>>;
  /** Whether operands may be given. */
  readonly takesOperands: boolean;
  /** Loads what runs it: heavy modules are not read for a help text. */
  load(): Promise<RunCommand>;
}
