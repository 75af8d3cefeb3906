/** Owns the question whether a run still needs what earlier ones left: until it has a whole list of everything. */
import type { EventBytes } from './event-bytes.ts';
import { type LogEvent, WHOLE_LOG } from './log-event.ts';

/**
 * A run begins with empty stores, so that its first segment says all there is to say. But as long as it has not got
 * anywhere, the next one would rather begin with what the one before left; and what was restored stands only there.
 */
export class RunBeginning {
  readonly #over: () => void;
  /** Resources of which no whole list has been recorded. */
  readonly #pending = new Set<string>();
  #hasResources: boolean;
  #isCheckpointed = false;
  #isOver = false;

  /**
   * @param hasResources - whether there are some that are recorded otherwise than by joining.
   * @param over - called once, when the segments before the run may go.
   */
  constructor(hasResources: boolean, over: () => void) {
    this.#hasResources = hasResources;
    this.#over = over;
  }

  /** The checkpoint of the first segment is complete. */
  checkpointed(): void {
    this.#isCheckpointed = true;
    this.#check();
  }

  saw(resource: string, event: LogEvent | EventBytes): void {
    if (this.#isOver || 'pieces' in event || resource === WHOLE_LOG) return;
    if (event.type === 'RESOURCE') {
      this.#hasResources = true;
      this.#pending.add(resource);
    } else if (event.type === 'REPLACED' && event.part === 'end') {
      this.#pending.delete(resource);
      this.#check();
    }
  }

  #check(): void {
    if (this.#isOver || !this.#isCheckpointed || !this.#hasResources || this.#pending.size > 0) return;
    this.#isOver = true;
    this.#over();
  }
}
