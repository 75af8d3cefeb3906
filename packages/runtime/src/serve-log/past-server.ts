/** Owns the server of a past: the embedded API server without anything that writes. */
import { type Clock, systemClock } from '@firn/stores';
import { FaultRules } from '../testing/api-server/fault.ts';
import { writeKubeConfig } from '../testing/api-server/kube-config.ts';
import { Listener } from '../testing/api-server/listener.ts';
import { ObjectWriter } from '../testing/api-server/object-writer.ts';
import { RandomSource } from '../testing/api-server/random-source.ts';
import type { Registry } from '../testing/api-server/registry.ts';
import { RequestLog } from '../testing/api-server/request-log.ts';
import { answerRequest, type RouterContext } from '../testing/api-server/router.ts';
import { ServerSideApply } from '../testing/api-server/server-side-apply.ts';
import type { FollowingWatch } from '../testing/api-server/watch-handler.ts';
import type { RecordedStore } from './recorded-store.ts';

/** What a past is served with. */
export interface PastServerOptions {
  readonly registry: Registry;
  readonly store: RecordedStore;
  readonly port: number;
  /** The moment that is shown, by which ages are told. */
  readonly now: () => number;
  readonly followed: (watch: FollowingWatch) => void;
}

/** A past that is being served, on 127.0.0.1 only. */
export interface PastServer {
  readonly url: string;
  readonly kubeconfigYaml: string;
  close(): Promise<void>;
}

/** What kubectl prints when something is to be written. */
const READ_ONLY = 'this server shows the past, read only: nothing can be created, changed or deleted';

/** Starts it. Throws the error of `listen` when the port is taken. */
export async function startPastServer(options: PastServerOptions): Promise<PastServer> {
  const { registry, store, port, now, followed } = options;
  const clock: Clock = { ...systemClock, now };
  const writer = new ObjectWriter(store, clock, new RandomSource(0));
  const context: RouterContext = {
    registry,
    store,
    writer,
    apply: new ServerSideApply(store, writer),
    clock,
    versionWait: 3000,
    bookmarkInterval: 60_000,
    maxPending: 64 * 1024 * 1024,
    faults: new FaultRules(),
    log: new RequestLog(() => systemClock.now()),
    tokens: () => undefined,
    readOnly: READ_ONLY,
    followed,
  };
  const listener = new Listener(false, (exchange) => answerRequest(context, exchange));
  await listener.listen(port);
  const { url } = listener;
  return {
    url,
    kubeconfigYaml: writeKubeConfig({ url }),
    close: () => listener.close(),
  };
}
