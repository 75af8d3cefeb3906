/** Owns the memory of whole answers, so that an old one can come again. */
import type { Asked } from './asked.ts';
import type { WholeAnswer } from './status-answer.ts';

const MOST_PATHS = 400;
const MOST_EACH = 4;

/**
 * The last answers by path. Only of requests whose answers carry versions that firn compares with what it knows: an
 * old list of everything is what a server shows after it was restored, and sets a store back.
 */
export class OldAnswers {
  readonly #byPath = new Map<string, WholeAnswer[]>();

  /** Whether answers of such requests are worth keeping. */
  fits({ kind, path }: Asked): boolean {
    return kind === 'get' || kind === 'probe' || (kind === 'namespace-list' && !path.includes('continue='));
  }

  keep({ path }: Asked, answer: WholeAnswer): void {
    const answers = this.#byPath.get(path) ?? [];
    this.#byPath.delete(path);
    this.#byPath.set(path, [...answers, answer].slice(-MOST_EACH));
    const [oldest] = this.#byPath.keys();
    if (this.#byPath.size > MOST_PATHS && oldest !== undefined) this.#byPath.delete(oldest);
  }

  /** An answer of before; the oldest there is. */
  find({ path }: Asked): WholeAnswer | undefined {
    return this.#byPath.get(path)?.[0];
  }
}
