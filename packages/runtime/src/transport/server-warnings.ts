/** Owns the `Warning` headers of an API server on their way to the log. */
import type { Logger } from '../logger.ts';
import { visibleText } from '../visible-text.ts';

const WARNING = /\b299 \S+ "((?:[^"\\]|\\.)*)"/g;
const MOST_REMEMBERED = 256;
/** What of a header is looked at: quotes that never end cost their square. */
const LONGEST_HEADER = 8192;

/** Logs each warning once: a paged list repeats it with every page. */
export class ServerWarnings {
  readonly #logger: Logger;
  readonly #seen = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  report(header: string | undefined, path: string): void {
    const warnings = header?.slice(0, LONGEST_HEADER).matchAll(WARNING) ?? [];
    for (const [, quoted] of warnings) this.#once(quoted ?? '', path);
  }

  #once(quoted: string, path: string): void {
    const warning = visibleText(quoted.replace(/\\(.)/g, '$1'), 500);
    if (this.#seen.has(warning)) return;
    if (this.#seen.size >= MOST_REMEMBERED) this.#seen.clear();
    this.#seen.add(warning);
    this.#logger.warn({ path: visibleText(path), warning }, 'the API server warns');
  }
}
