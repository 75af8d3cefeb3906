/** Owns the error of what ended because somebody stopped it. */

/** An `AbortError`, as the platform's own functions reject with. */
export function abortError(message: string): DOMException {
  return new DOMException(message, 'AbortError');
}
