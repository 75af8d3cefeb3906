/** Owns what firn asks of a logger: the part of pino's interface that it uses. */

/** Writes one line; fields first, as pino wants them. */
export type LogMethod = (fields: object, message: string) => void;

/** Where firn reports what it does. A pino logger fits as it is; fields never hold resources or credentials. */
export interface Logger {
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  /** A logger that adds these fields to each line. */
  child(bindings: Record<string, unknown>): Logger;
}

const nothing: LogMethod = () => undefined;

/** Says nothing: what the library uses when it is given no logger. */
export const silentLogger: Logger = Object.freeze({
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  child: (): Logger => silentLogger,
});
