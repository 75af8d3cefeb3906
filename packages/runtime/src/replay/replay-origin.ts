/** Owns the place of an API server that a replay takes: what watchers connect to, and what time it is for them. */
import { ConfigError, FirnError, formatGvr } from '@firn/core';
import type { Clock, ResourceClient } from '@firn/stores';
import type { ActorSink, EventSource } from '../actor/resource-actor.ts';
import type { LoggedResource } from '../event-log/log-header.ts';
import { silentLogger } from '../logger.ts';
import type { Connection } from '../watcher/resource-watcher.ts';
import type {
  GivenSurroundings,
  Reading,
  Surroundings,
  WatchOrigin,
  WatchTarget,
} from '../watcher/watch-origin.ts';
import { RecordedFetches } from './recorded-fetches.ts';
import { RecordedTimer } from './recorded-timer.ts';
import type { ReplayRun } from './replay-run.ts';
import { TurnDelivery } from './turn-delivery.ts';

/** What watchers are fed by. */
export interface ReplayOriginParts {
  readonly run: ReplayRun;
  readonly resources: Readonly<Record<string, LoggedResource>>;
  readonly client: ResourceClient | undefined;
  readonly own: GivenSurroundings;
}

/** Feeds watchers from a replay. */
export class ReplayOrigin implements WatchOrigin {
  readonly #parts: ReplayOriginParts;
  readonly #fetches = new Map<WatchTarget, RecordedFetches>();
  readonly #timers = new Map<WatchTarget, RecordedTimer>();

  constructor(parts: ReplayOriginParts) {
    this.#parts = parts;
    refuseClock(parts.own);
  }

  surroundings(own: GivenSurroundings): Surroundings {
    refuseClock(own);
    const { logger = this.#parts.own.logger ?? silentLogger } = own;
    // Nothing is left to chance.
    return { clock: this.#parts.run.clock, random: () => 0, logger };
  }

  client(target: WatchTarget): RecordedFetches {
    const { client, resources } = this.#parts;
    const name = this.#nameOf(target);
    const fetches = new RecordedFetches(name, resources[name]?.fetches === true, client);
    this.#fetches.set(target, fetches);
    return fetches;
  }

  debounce(target: WatchTarget): Clock {
    const { resources, run } = this.#parts;
    const timers = resources[this.#nameOf(target)]?.timers;
    if (!Array.isArray(timers) || !timers.includes('debounce')) return run.clock;
    const timer = new RecordedTimer(run.clock);
    this.#timers.set(target, timer);
    return timer;
  }

  connect(target: WatchTarget, { packer, writer }: Reading): () => Connection {
    const name = this.#nameOf(target);
    const { run, resources } = this.#parts;
    const isReferences = resources[name]?.store === 'on-demand';
    if (isReferences && target.options.store !== 'on-demand')
      throw new ConfigError(
        `${name} was recorded on demand: the log has references to it, and no resources. Replay it with store: 'on-demand'.`,
        { code: 'RECORDED_ON_DEMAND' },
      );
    const fetches = this.#fetches.get(target) ?? new RecordedFetches(name, false, undefined);
    const empty = writer.snapshot;
    return () => ({
      createSource: (sink) => {
        const delivery = new TurnDelivery({ sink, debounce: this.#timers.get(target), fetches });
        const listener = { empty, packer: isReferences ? undefined : packer };
        return attachedSource(sink, () =>
          run.attach(name, { ...listener, delivery, end: () => fetches.end() }),
        );
      },
      close: async () => undefined,
    });
  }

  /** By its name, or as the only one of its type. */
  #nameOf({ name, gvr }: WatchTarget): string {
    const { resources } = this.#parts;
    if (Object.hasOwn(resources, name)) return name;
    const type = formatGvr(gvr);
    const ofType = Object.keys(resources).filter((known) => resources[known]?.gvr === type);
    const [only, ...others] = ofType;
    if (only !== undefined && others.length === 0) return only;
    throw new ConfigError(
      only === undefined
        ? `The log has no resource ${JSON.stringify(name)}. There are: ${Object.keys(resources).join(', ')}.`
        : `The log has several resources of ${type}: ${ofType.join(', ')}. Put them into a runtime under these names.`,
      { code: 'UNKNOWN_NAME' },
    );
  }
}

/** Stands in a reflector's place. A recorded list cannot be asked for again. */
function attachedSource(sink: ActorSink, attach: () => () => void): EventSource {
  let detach: () => void = () => undefined;
  return {
    start: () => {
      detach = attach();
    },
    stop: async () => detach(),
    forceRelist: () =>
      sink.error(
        new FirnError('A replay cannot list anew: it plays what was recorded.', { code: 'NOT_RECORDED' }),
      ),
  };
}

function refuseClock({ clock, random }: GivenSurroundings): void {
  const given = clock === undefined ? (random === undefined ? undefined : 'random') : 'clock';
  if (given === undefined) return;
  throw new ConfigError(`${given} cannot be given here: in a replay the log says it. Leave it out.`, {
    code: 'OPTION_NOT_APPLICABLE',
  });
}
