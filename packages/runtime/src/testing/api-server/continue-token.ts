/** Owns the tokens by which a client asks for the next page of a list. */
import { badRequest } from './status-error.ts';

/** Where the next page begins, and at which version of the server. */
export interface ContinueToken {
  /** -1: at whatever version the server is at then. */
  readonly version: number;
  /** The first key that may be on the page. */
  readonly start: string;
  /** How many objects the range still has, whatever a selector makes of them. */
  readonly left: number | undefined;
}

/** Writes a token; clients must not look inside. */
export function writeContinueToken(token: ContinueToken): string {
  const content = { v: 'meta.k8s.io/v1', rv: token.version, start: token.start, left: token.left };
  return Buffer.from(JSON.stringify(content)).toString('base64url');
}

/**
 * Reads a token; `''` is none.
 *
 * @throws {StatusError} 400 when this is no token.
 */
export function readContinueToken(text: string): ContinueToken | undefined {
  if (text === '') return undefined;
  try {
    const { rv, start, left } = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (!Number.isSafeInteger(rv) || typeof start !== 'string') throw new TypeError('no token');
    return { version: rv, start, left: Number.isSafeInteger(left) ? left : undefined };
  } catch {
    throw badRequest('invalid continue token: continue key is not valid');
  }
}
