/** Owns the playing of what was recorded after a moment into what is served. */
import { systemClock } from '@firn/stores';
import type { EventLogReader } from '../event-log/event-log-reader.ts';
import { LogPlayer } from '../replay/log-player.ts';
import type { MomentInLog } from './moment-in-log.ts';
import { PacedReader } from './paced-reader.ts';
import { PlayPace } from './play-pace.ts';
import type { ServedResource } from './served-resource.ts';

/** How what comes after the moment is played. */
export interface PlayOptions {
  /** Times as fast as it happened; `Infinity`: as fast as those who watch can read. */
  readonly speed: number;
  /** Wall-clock milliseconds; the end of the log when left out. */
  readonly until?: number | undefined;
}

/** What was played. */
export interface Played {
  /** Events of what is served, whether somebody watched it or not. */
  readonly events: number;
  /** Where it stands now, wall-clock milliseconds. */
  readonly time: number;
}

/** Plays one log, once. */
export class Playing {
  readonly pace: PlayPace;
  readonly #reader: EventLogReader;
  readonly #segment: number;
  /** The sequence number of the first record that watches hear of. */
  readonly #next: number;
  readonly #resources: ReadonlyMap<string, ServedResource>;
  readonly #until: number;
  #time: number;
  #events = 0;

  /** @param resources - what is served, by the name of its recording. */
  constructor(
    reader: EventLogReader,
    moment: Omit<MomentInLog, 'states'>,
    resources: ReadonlyMap<string, ServedResource>,
    { speed, until = Number.POSITIVE_INFINITY }: PlayOptions,
  ) {
    const { time, next = Number.POSITIVE_INFINITY } = moment;
    this.#reader = reader;
    this.#segment = moment.segment;
    this.#next = next;
    this.#resources = resources;
    this.#until = until;
    this.#time = time;
    this.pace = new PlayPace({ clock: systemClock, speed, from: time, next });
  }

  /** Where it stands, wall-clock milliseconds. */
  get time(): number {
    return this.#time;
  }

  /** @throws {EventLogError} what is wrong with the log, when everything before it has been played. */
  async run(): Promise<Played> {
    const next = this.#next;
    const player = new LogPlayer(new PacedReader(this.#reader, this.pace), {
      // Event by event, as the server sent them; all of a batch in one turn, as they arrived.
      step: ({ resource, record, snapshot }) => {
        if (record.sequence < next) return undefined;
        this.#time = Math.max(this.#time, record.time);
        this.#events += this.#resources.get(resource)?.goTo(resource, snapshot) ?? 0;
        return undefined;
      },
    });
    await player.play(
      this.#segment,
      ({ sequence, time }) => this.pace.isOver || (sequence >= next && time > this.#until),
    );
    return { events: this.#events, time: this.#time };
  }
}
