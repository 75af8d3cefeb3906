/** Owns the error classes of firn: what every failure is called and what it carries. */
import { escapeHidden } from './hidden-characters.ts';

/** What every firn error is made from. */
export interface FirnErrorOptions {
  /** Literal name of the failure: match on this, never on the message. */
  readonly code: string;
  /** Whether the same call may succeed later without a change on the caller's side. */
  readonly retryable?: boolean;
  /** What brought it about. */
  readonly cause?: unknown;
}

/**
 * Base class of all errors that firn throws or reports.
 *
 * Match on `code`, not on the message. Messages never contain tokens or the contents of resources, nor control
 * characters and the like, whatever a name has in it: those are written as `\u001b`.
 *
 * @example
 * ```ts
 * try { parseGvr('ingresses') } catch (error) {
 *   if (error instanceof FirnError && error.code === 'INVALID_GVR') { … }
 * }
 * ```
 */
export class FirnError extends Error {
  readonly code: string;
  readonly retryable: boolean;

  constructor(message: string, options: FirnErrorOptions) {
    super(escapeHidden(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.retryable = options.retryable ?? false;
  }

  override get name(): string {
    return this.constructor.name;
  }
}

/** The operation of a store or snapshot that failed. */
export type StoreOperation =
  | 'add'
  | 'get'
  | 'update'
  | 'delete'
  | 'remove'
  | 'apply'
  | 'clear'
  | 'list'
  | 'fetch';

/**
 * An operation of a store or a snapshot failed; nothing was changed by it.
 *
 * @example
 * ```ts
 * try { store.get('shop', 'front', 'x') } catch (error) {
 *   if (error instanceof StoreError) console.error(error.code, error.operation, error.keys); // INVALID_KEYS get …
 * }
 * ```
 */
export class StoreError extends FirnError {
  readonly operation: StoreOperation;
  /** The index keys of the call; empty where the operation has none. */
  readonly keys: readonly string[];

  constructor(
    message: string,
    options: FirnErrorOptions & { readonly operation: StoreOperation; readonly keys?: readonly string[] },
  ) {
    super(message, options);
    this.operation = options.operation;
    this.keys = Object.freeze([...(options.keys ?? [])]);
  }
}

/**
 * The index keys of a resource cannot be extracted: a watch reports it and leaves the resource out, a call throws a
 * `StoreError` with this as its cause.
 *
 * @example
 * ```ts
 * store.errors$.subscribe((error) => {
 *   if (error instanceof IndexError) console.warn(error.gvr, error.namespace, error.resourceName, error.expression);
 * });
 * ```
 */
export class IndexError extends FirnError {
  /** `group/version/resource`, where the caller knew it. */
  readonly gvr: string | undefined;
  readonly namespace: string;
  /** Empty if the resource has no name. */
  readonly resourceName: string;
  /** The field path that gave no key. */
  readonly expression: string;
  /** How many resources it is told for: 1, unless a list has too many of them to tell of each. */
  readonly count: number;

  constructor(
    message: string,
    options: FirnErrorOptions & {
      readonly gvr?: string | undefined;
      readonly namespace: string;
      readonly resourceName: string;
      readonly expression: string;
      readonly count?: number;
    },
  ) {
    super(message, options);
    this.count = options.count ?? 1;
    this.gvr = options.gvr;
    this.namespace = options.namespace;
    this.resourceName = options.resourceName;
    this.expression = options.expression;
  }
}

/**
 * A field path cannot be parsed.
 *
 * @example
 * ```ts
 * try { validateFieldPath('metadata..name') } catch (error) {
 *   if (error instanceof FieldPathError) console.error(error.position, error.hint); // 8, what to write instead
 * }
 * ```
 */
export class FieldPathError extends FirnError {
  readonly expression: string;
  /** Offset into the expression, in UTF-16 code units, from 0. */
  readonly position: number;
  /** What to write instead. */
  readonly hint: string;

  constructor(
    message: string,
    options: FirnErrorOptions & {
      readonly expression: string;
      readonly position: number;
      readonly hint: string;
    },
  ) {
    super(message, options);
    this.expression = options.expression;
    this.position = options.position;
    this.hint = options.hint;
  }
}

/**
 * An option, a configuration file or a combination of both is wrong. File, line and column are known only of what
 * stands in a file.
 *
 * @example
 * ```ts
 * try { createIndexer({ ignoreFields: ['metadata.name'] }) } catch (error) {
 *   if (error instanceof ConfigError) console.error(error.code); // NEEDED_FIELD_IGNORED
 * }
 * ```
 */
export class ConfigError extends FirnError {
  readonly file: string | undefined;
  /** Line in `file`, from 1. */
  readonly line: number | undefined;
  /** Column in `line`, from 1. */
  readonly column: number | undefined;
  /** What was probably meant. */
  readonly suggestion: string | undefined;

  constructor(
    message: string,
    options: FirnErrorOptions & {
      readonly file?: string | undefined;
      readonly line?: number | undefined;
      readonly column?: number | undefined;
      readonly suggestion?: string | undefined;
    },
  ) {
    super(message, options);
    this.file = options.file;
    this.line = options.line;
    this.column = options.column;
    this.suggestion = options.suggestion;
  }
}

/**
 * A server sent something that the list/watch protocol does not allow, or refused a request.
 *
 * @example
 * ```ts
 * watcher.errors$.subscribe((error) => {
 *   if (error instanceof ProtocolError && error.status === 403) console.error(error.message);
 * });
 * ```
 */
export class ProtocolError extends FirnError {
  /** HTTP status or the code of a `Status` object, where there was one. */
  readonly status: number | undefined;
  /** The `reason` of a `Status` object, such as `Expired`. */
  readonly reason: string | undefined;
  /** Byte offset into the body, from 0, where the body itself is wrong. */
  readonly offset: number | undefined;

  constructor(
    message: string,
    options: FirnErrorOptions & {
      readonly status?: number | undefined;
      readonly reason?: string | undefined;
      readonly offset?: number | undefined;
    },
  ) {
    super(message, options);
    this.status = options.status;
    this.reason = options.reason;
    this.offset = options.offset;
  }
}

/**
 * An event log is damaged, cannot be read, or cannot be written.
 *
 * @example
 * ```ts
 * if (error instanceof EventLogError) console.error(error.file, error.offset);
 * ```
 */
export class EventLogError extends FirnError {
  readonly file: string | undefined;
  /** Byte offset into `file`, from 0. */
  readonly offset: number | undefined;

  constructor(
    message: string,
    options: FirnErrorOptions & { readonly file?: string | undefined; readonly offset?: number | undefined },
  ) {
    super(message, options);
    this.file = options.file;
    this.offset = options.offset;
  }
}
