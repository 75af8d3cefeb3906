/** Owns a reflector between a scripted transport and a recording sink, on a manual clock. */
import type { Logger } from '../logger.ts';
import { createManualClock, type ManualClock } from '../testing/manual-clock.ts';
import { RecordingSink } from './recording-sink.fixture.ts';
import { createReflector, type Reflector, type ReflectorOptions } from './reflector.ts';
import { type Exchange, ScriptedTransport } from './scripted-transport.fixture.ts';

/** An object as a server sends it. */
export function secret(name: string, resourceVersion: string | number): object {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace: 'shop', name, resourceVersion: String(resourceVersion), uid: `uid-${name}` },
  };
}

/** A watch event about a secret. */
export function event(type: 'ADDED' | 'MODIFIED' | 'DELETED', name: string, rv: string | number): object {
  return { type, object: secret(name, rv) };
}

/** A bookmark, with the annotation or another one. */
export function bookmark(rv: string | number, annotation?: string): object {
  const annotations = annotation === undefined ? undefined : { 'k8s.io/initial-events-end': annotation };
  return {
    type: 'BOOKMARK',
    object: { apiVersion: 'v1', kind: 'Secret', metadata: { resourceVersion: String(rv), annotations } },
  };
}

/** An ERROR event. */
export function errorEvent(code: number, more: object = {}): object {
  return { type: 'ERROR', object: { kind: 'Status', apiVersion: 'v1', code, ...more } };
}

/** The bookmark that ends a streaming list. */
export function listEnd(rv: string | number): object {
  return bookmark(rv, 'true');
}

/** Everything a driver test needs. */
export interface Bench {
  readonly reflector: Reflector;
  readonly transport: ScriptedTransport;
  readonly sink: RecordingSink;
  readonly clock: ManualClock;
  /** Lines of the log: level and message. */
  readonly log: string[];
  /** Lets everything that can happen now happen. */
  settle(): Promise<void>;
  /** Starts, and syncs by a streaming list of nothing at RV 100. */
  synced(): Promise<Exchange>;
}

/** Makes a bench; the random number is always 0. */
export function createBench(options: Partial<ReflectorOptions> = {}): Bench {
  const clock = createManualClock();
  const transport = new ScriptedTransport();
  const sink = new RecordingSink();
  const log: string[] = [];
  const line =
    (level: string) =>
    (_: object, message: string): void => {
      log.push(`${level} ${message}`);
    };
  const logger: Logger = {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    child: () => logger,
  };
  const reflector = createReflector({
    target: { gvr: { group: '', version: 'v1', resource: 'secrets' }, namespaced: true, kind: 'Secret' },
    transport,
    sink,
    clock,
    logger,
    random: () => 0,
    ...options,
  });
  const settle = (): Promise<void> => clock.advance(0);
  return {
    reflector,
    transport,
    sink,
    clock,
    log,
    settle,
    async synced() {
      reflector.start();
      const exchange = await transport.next();
      exchange.respond().events(listEnd(100));
      await settle();
      return exchange;
    },
  };
}
