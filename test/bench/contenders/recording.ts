/** Owns what firn records in a turn: a log in a folder of its own, and what reading it gives. */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventLog, openEventLog, replay } from '@firn/runtime';
import { timed } from './support.ts';

/** A recording that is checked when it has ended, and taken away. */
export class Recording {
  readonly eventLog: EventLog;
  readonly #folder: string;
  #digest = '';
  #records = 0;

  private constructor(folder: string, eventLog: EventLog) {
    this.#folder = folder;
    this.eventLog = eventLog;
  }

  static async begin(): Promise<Recording> {
    const folder = await mkdtemp(join(tmpdir(), 'firn-bench-log-'));
    return new Recording(folder, await openEventLog(folder, { compress: false }));
  }

  /** @param digest that of the store at its end, which the log has to come to. */
  async end(digest: string): Promise<void> {
    await this.eventLog.close();
    const { lastError, written } = this.eventLog.state;
    if (lastError !== undefined) throw lastError;
    this.#digest = digest;
    this.#records = written;
  }

  async figures(): Promise<Readonly<Record<string, number>>> {
    try {
      return await this.#read();
    } finally {
      await rm(this.#folder, { recursive: true });
    }
  }

  async #read(): Promise<Readonly<Record<string, number>>> {
    const log = await replay(this.#folder);
    const [name = ''] = Object.keys(log.resources);
    // Everything from the beginning, and checkpoints compared; then the end of it.
    const { ms } = await timed(async () => {
      const { damage, mismatches } = await log.verify();
      if (damage !== undefined) throw damage;
      if (mismatches.length > 0) throw new Error(`${mismatches.length} checkpoints do not agree`);
    });
    const end = await log.at({ time: Date.now() }, name);
    if (end.digest() !== this.#digest) throw new Error('The log comes to another state than the store.');
    const names = await readdir(this.#folder);
    const sizes = await Promise.all(names.map(async (file) => (await stat(join(this.#folder, file))).size));
    return { logBytes: sizes.reduce((sum, size) => sum + size, 0), logRecords: this.#records, replayMs: ms };
  }
}
