/** Owns what firn records in a turn: a log in a folder of its own, and what reading it gives. */
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import type { KubernetesObject, Snapshot } from '@firn/core';
import { type EventLog, openEventLog, type Replay, replay, type Watcher } from '@firn/runtime';
import type { MemoryStore } from '@firn/stores';
import { filter, firstValueFrom } from 'rxjs';
import { timed } from './support.ts';

/** Makes and starts a watcher: of the server, unless a replay is named in its place. */
export type StartWatcher = (options: {
  readonly place?: Replay['source'];
  readonly eventLog?: EventLog;
  readonly warmStart?: boolean;
}) => Watcher<KubernetesObject, MemoryStore<KubernetesObject>>;

/** A recording that is checked when it has ended, and taken away. */
export class Recording {
  readonly eventLog: EventLog;
  readonly #folder: string;
  #digest = '';
  #size = 0;
  #digestMs = 0;
  #records = 0;

  private constructor(folder: string, eventLog: EventLog) {
    this.#folder = folder;
    this.eventLog = eventLog;
  }

  static async begin(): Promise<Recording> {
    const folder = await mkdtemp(join(tmpdir(), 'firn-bench-log-'));
    return new Recording(folder, await openEventLog(folder, { compress: false }));
  }

  /** @param snapshot that of the store at its end, which the log has to come to. */
  async end(snapshot: Snapshot<KubernetesObject>): Promise<void> {
    await this.eventLog.close();
    const { lastError, written } = this.eventLog.state;
    if (lastError !== undefined) throw lastError;
    const { ms } = await timed(() => {
      this.#digest = snapshot.digest();
    });
    this.#digestMs = ms;
    this.#size = snapshot.size;
    this.#records = written;
  }

  /** @param start makes a watcher of what was recorded, over the server or a replay. */
  async figures(start: StartWatcher): Promise<Readonly<Record<string, number>>> {
    try {
      return { ...(await this.#read()), ...(await this.#play(start)), ...(await this.#starts(start)) };
    } finally {
      await rm(this.#folder, { recursive: true });
    }
  }

  /** The whole run again, into a store with a subscriber that does not read. */
  async #play(start: StartWatcher): Promise<Readonly<Record<string, number>>> {
    const log = await replay(this.#folder);
    const { ms } = await timed(async () => {
      await using watcher = start({ place: log.source });
      let changes = 0;
      watcher.store.changes$.subscribe(() => changes++);
      await log.run();
      if (changes < watcher.store.size) throw new Error(`only ${changes} changes were told`);
      this.#compare(watcher);
    });
    return { playMs: ms };
  }

  /** Until the first snapshot can be read: from a list, and from the log. */
  async #starts(start: StartWatcher): Promise<Readonly<Record<string, number>>> {
    const readable = async (more: Parameters<StartWatcher>[0]): Promise<number> => {
      const began = performance.now();
      await using watcher = start(more);
      await firstValueFrom(watcher.store.snapshots$.pipe(filter(({ size }) => size > 0)));
      const ms = performance.now() - began;
      if (watcher.store.size !== this.#size) throw new Error(`${watcher.store.size} objects`);
      // The server lists what it had before all events.
      if (more.warmStart === true) this.#compare(watcher);
      return ms;
    };
    const coldMs = await readable({});
    await using eventLog = await openEventLog(this.#folder, { compress: false });
    return { coldMs, warmMs: await readable({ eventLog, warmStart: true }) };
  }

  #compare({ store }: ReturnType<StartWatcher>): void {
    if (store.snapshot.digest() !== this.#digest)
      throw new Error('It is another state than that of the store.');
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
    const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
    const compressed = await Promise.all(
      names.map(async (file) => zstdCompressSync(await readFile(join(this.#folder, file))).length),
    );
    return {
      logBytes: sum(sizes),
      compressedBytes: sum(compressed),
      logRecords: this.#records,
      replayMs: ms,
      digestMs: this.#digestMs,
    };
  }
}
