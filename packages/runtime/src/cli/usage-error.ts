/** Owns the error of a command line that cannot be understood: exit code 2. */

/**
 * A command line is wrong; nothing has been done. Not a `FirnError`: help texts and usage errors must not wait for
 * @firn/core to load.
 */
export class UsageError extends Error {
  readonly code = 'USAGE';
  /** The command whose usage helps; undefined for that of `firn` itself. */
  readonly command: string | undefined;
  /** What was probably meant. */
  readonly suggestion: string | undefined;

  constructor(
    message: string,
    options: { readonly command?: string | undefined; readonly suggestion?: string | undefined } = {},
  ) {
    super(message);
    this.command = options.command;
    this.suggestion = options.suggestion;
  }

  override get name(): string {
    return 'UsageError';
  }
}
