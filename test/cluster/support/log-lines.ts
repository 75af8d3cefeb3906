/** A logger that keeps what it is told, as text. */
import type { Logger } from '@firn/runtime';

/** Every line of itself and its children: level, message, fields. */
export class LogLines implements Logger {
  readonly lines: string[];

  constructor(lines: string[] = []) {
    this.lines = lines;
  }

  get text(): string {
    return this.lines.join('\n');
  }

  readonly debug = (fields: object, message: string): void => this.#add('debug', fields, message);
  readonly info = (fields: object, message: string): void => this.#add('info', fields, message);
  readonly warn = (fields: object, message: string): void => this.#add('warn', fields, message);
  readonly error = (fields: object, message: string): void => this.#add('error', fields, message);

  child(): LogLines {
    return new LogLines(this.lines);
  }

  #add(level: string, fields: object, message: string): void {
    this.lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  }
}
