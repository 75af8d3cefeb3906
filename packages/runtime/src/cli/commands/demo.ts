/** Owns `firn demo`: an embedded API server with a shop that keeps changing, watched. */
import { parseGvr } from '@firn/core';
import { systemClock } from '@firn/stores';
import type { Subscription } from 'rxjs';
import { createRuntime } from '../../runtime/create-runtime.ts';
import { watched } from '../../runtime/watched.ts';
import { startApiServer } from '../../testing/api-server/api-server.ts';
import type { FlagValues, RunCommand } from '../command.ts';
import { type Changing, keepChanging } from '../demo/keep-changing.ts';
import { readSecrets } from '../demo/read-secrets.ts';
import { createShop } from '../demo/shop.ts';
import { writeKubeConfigFile } from '../kube-config-file.ts';
import { portTaken } from '../port-taken.ts';
import { flagCount, flagDuration, flagNumber } from '../read-flags.ts';
import { showCache } from '../show-cache.ts';
import { showWatcher } from '../show-watchers.ts';
import { untilDone } from '../until-done.ts';
import { chooseView } from '../views/choose-view.ts';
import type { WatchedName } from '../views/view.ts';

const COMMAND = 'demo';
const MOST_OBJECTS = 1_000_000;
/** From here on the shop takes long enough to be announced. */
const LARGE = 10_000;

const integer = new Intl.NumberFormat('en');

const INGRESSES: WatchedName = { name: 'ingresses', gvr: parseGvr('networking.k8s.io/v1/ingresses') };
const SERVICES: WatchedName = { name: 'services', gvr: parseGvr('v1/services') };
const SECRETS: WatchedName = { name: 'secrets', gvr: parseGvr('v1/secrets') };
/** Fewer than there are, so that some have to leave. */
const MAX_CACHE_SIZE = 32;
const CACHE_NEWS_MS = 1000;

interface DemoOptions {
  readonly duration: number | undefined;
  readonly rate: number;
  readonly objects: number;
  readonly seed: number;
  readonly port: number;
}

function readOptions(flags: FlagValues): DemoOptions {
  const count = (name: string, least: number, most: number, fallback: number): number =>
    flagCount(flags, name, { command: COMMAND, least, most, fallback });
  return {
    duration: flagDuration(flags, 'for', COMMAND),
    rate: flagNumber(flags, 'rate', { command: COMMAND, least: 0, most: 100_000, fallback: 5 }),
    objects: count('objects', 1, MOST_OBJECTS, 200),
    seed: count('seed', 0, 0xffff_ffff, 1),
    port: count('port', 0, 65_535, 0),
  };
}

/** Runs `firn demo`. */
export const runDemo: RunCommand = async ({ flags, io }) => {
  const options = readOptions(flags);
  const clock = systemClock;
  if (options.objects > LARGE) {
    io.stderr.write(`Making a shop of ${integer.format(options.objects)} resources…\n`);
  }
  const shop = createShop(options);
  const server = await startApiServer({
    objects: [...shop.namespaces, ...shop.objects],
    port: options.port,
    seed: options.seed,
  }).catch((error: unknown) => {
    throw portTaken(error, options.port);
  });
  const kubeconfig = await writeKubeConfigFile(server.kubeconfigYaml);
  const runtime = createRuntime({
    kubeConfig: server.kubeConfig,
    resources: {
      ingresses: watched('networking.k8s.io/v1/ingresses'),
      services: watched('v1/services'),
      secrets: watched('v1/secrets', { store: 'on-demand', maxCacheSize: MAX_CACHE_SIZE }),
    },
  });
  const view = chooseView(io, flags, {
    title: `firn demo · ${server.url} · seed ${options.seed}`,
    watched: [INGRESSES, SERVICES, SECRETS],
    command: `kubectl --kubeconfig ${kubeconfig.path} get ingresses -A`,
    notes: ['apply, edit or delete with it, and see it here. Ctrl-C ends the demo.'],
    clock,
  });
  const stopping = new AbortController();
  let changing: Changing | undefined;
  let reading: Subscription | undefined;
  try {
    const { ingresses, services, secrets } = runtime.watchers;
    showWatcher(INGRESSES, ingresses, view);
    showWatcher(SERVICES, services, view);
    showWatcher(SECRETS, secrets, view);
    reading = readSecrets({
      ingresses: ingresses.store,
      secrets: secrets.store,
      failed: (error) => view.remark(`secrets: ${error.message}`),
    });
    reading.add(showCache(SECRETS, secrets.store, { view, clock, interval: CACHE_NEWS_MS }));
    const ended = untilDone(io.signal, options.duration, clock);
    runtime.start();
    await Promise.race([runtime.ready(), ended]);
    changing = keepChanging({ server, shop, rate: options.rate, clock, signal: stopping.signal });
    await Promise.race([ended, changing.failed]);
    return 0;
  } finally {
    stopping.abort();
    await changing?.stopped;
    reading?.unsubscribe();
    await runtime.stop();
    view.close();
    await runtime[Symbol.asyncDispose]();
    await server.close();
    await kubeconfig.remove();
  }
};
