/** Owns the reading of a log no faster than somebody wants it. */
import { EventLogReader, type SegmentRange } from '../event-log/event-log-reader.ts';
import type { LogRecord } from '../event-log/log-record.ts';

/** How fast a log is read. */
export interface Pace {
  /** Resolves when a record may be read; undefined if it may. */
  due(record: LogRecord): Promise<void> | undefined;
  /** Is waited for after some hundred records at the latest, due or not. */
  rest(): Promise<void>;
}

/** Reads what another reader has opened, and waits before each record that is not due. */
export class PacedReader extends EventLogReader {
  readonly #pace: Pace;

  constructor({ folder, files, segments }: EventLogReader, pace: Pace) {
    super(folder, files, segments);
    this.#pace = pace;
  }

  override async *records(range: SegmentRange = {}): AsyncGenerator<readonly LogRecord[]> {
    for await (const records of super.records(range)) {
      let start = 0;
      for (const [i, record] of records.entries()) {
        const due = this.#pace.due(record);
        if (due === undefined) continue;
        if (i > start) yield records.slice(start, i);
        start = i;
        await due;
      }
      yield records.slice(start);
      await this.#pace.rest();
    }
  }
}
