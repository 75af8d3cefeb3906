/** Owns the checkpoints of a recording: one at the beginning of each segment, and how large the last one was. */
import { CheckpointRun, type CheckpointSource, type CheckpointTarget } from './checkpoint-run.ts';

/** What it needs of the recording. */
export interface CheckpointKeeperOptions {
  readonly source: CheckpointSource;
  readonly target: CheckpointTarget;
  /** All slices of the checkpoint of this segment have been appended. */
  readonly completed: (segment: number) => void;
  /** The state could not be read. */
  readonly failed: (cause: unknown) => void;
}

/** Makes one checkpoint after the other. */
export class CheckpointKeeper {
  readonly #options: CheckpointKeeperOptions;
  #current: CheckpointRun | undefined;
  #lastBytes = 0;

  constructor(options: CheckpointKeeperOptions) {
    this.#options = options;
  }

  /** Whether one is being written: its segment must not end before it does. */
  get isWriting(): boolean {
    return this.#current !== undefined;
  }

  /** Bytes of the last one that was completed. */
  get lastBytes(): number {
    return this.#lastBytes;
  }

  /** Takes the state now, and writes it from the next turn on. */
  begin(segment: number): void {
    const { source, target, failed } = this.#options;
    try {
      this.#current = new CheckpointRun(source, target);
    } catch (error) {
      failed(error);
      return;
    }
    void this.#finish(this.#current, segment);
  }

  /** The one being written stays as far as it is. */
  abandon(): void {
    this.#current?.abandon();
  }

  async #finish(run: CheckpointRun, segment: number): Promise<void> {
    try {
      const bytes = await run.write();
      if (bytes === undefined) return;
      this.#current = undefined;
      this.#lastBytes = bytes;
      this.#options.completed(segment);
    } catch (error) {
      this.#options.failed(error);
    }
  }
}
