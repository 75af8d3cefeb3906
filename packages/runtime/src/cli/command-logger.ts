/** Owns the logger of a command: silent unless `--log-level` is given, then JSON lines on the error output. */
import { pino } from 'pino';
import { type Logger, silentLogger } from '../logger.ts';
import { LOG_FLAG } from './cluster-flags.ts';
import type { CommandIo, FlagValues, OutputStream } from './command.ts';
import { flagText } from './read-flags.ts';

/** Levels of a logger. */
export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug';

/** A pino logger that writes JSON lines. */
export function createLogger(options: {
  readonly level: LogLevel;
  readonly destination: Pick<OutputStream, 'write'>;
}): Logger {
  const { level, destination } = options;
  return pino({ level, base: null }, { write: (line: string) => void destination.write(line) });
}

/** The logger that the flags ask for. */
export function commandLogger(flags: FlagValues, io: CommandIo): Logger {
  const level = (flagText(flags, LOG_FLAG.name) ?? 'silent') as LogLevel;
  return level === 'silent' ? silentLogger : createLogger({ level, destination: io.stderr });
}
