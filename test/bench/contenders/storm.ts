/** Owns one storm: more events than a slow subscriber can take, sent as fast as they are read from the socket. */
import { createWatcher } from '@firn/runtime';
import { IGNORED, identityOf, KINDS } from '../objects/kinds.ts';
import { slotsOf } from '../objects/slots.ts';
import { requestEvents, writtenMs } from './request-events.ts';
import type { StormSettings } from './storm-settings.ts';
import {
  checkObject,
  collectGarbage,
  fail,
  finish,
  kubeConfigFor,
  samples,
  settings,
  timed,
  versionAfter,
} from './support.ts';

const SAMPLE_MS = 5;

const { url, load, events, busyMs } = settings<StormSettings>();

type Figures = Record<'mailboxLength' | 'mailboxBytes' | 'rssBytes', number>;

/** Remembers the highest of each figure; looks at most every few milliseconds. */
class Peaks {
  readonly highest: Figures = { mailboxLength: 0, mailboxBytes: 0, rssBytes: 0 };
  readonly #read: () => Figures;
  #next = 0;

  constructor(read: () => Figures) {
    this.#read = read;
  }

  look(): void {
    const now = performance.now();
    if (now < this.#next) return;
    this.#next = now + SAMPLE_MS;
    const current = this.#read();
    for (const name of Object.keys(current) as (keyof Figures)[]) {
      this.highest[name] = Math.max(this.highest[name], current[name]);
    }
  }
}

function spin(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

const watcher = createWatcher(kubeConfigFor(url), { gvr: KINDS[load.kind].gvr, ignoreFields: IGNORED });
const { store } = watcher;

/** Every object is there in its last version, and some are what was sent to the last character. */
function checkFinalState(): void {
  const versions = new Map(
    store.refs().map(({ namespace, name, resourceVersion }) => [`${namespace}/${name}`, resourceVersion]),
  );
  if (versions.size !== load.objects) throw new Error(`${versions.size} objects`);
  for (let index = 0; index < load.objects; index++) {
    const { namespace, name } = identityOf(load, index);
    const { resourceVersion } = slotsOf(index, versionAfter(load, events, index), load.oneNamespace);
    const stored = versions.get(`${namespace}/${name}`);
    if (stored !== resourceVersion) throw new Error(`${name} is at ${stored} instead of ${resourceVersion}`);
  }
  for (const index of samples(load.objects)) {
    const { namespace, name } = identityOf(load, index);
    checkObject(load, index, versionAfter(load, events, index), store.find(namespace, name));
  }
}

async function storm(): Promise<Readonly<Record<string, number>>> {
  watcher.errors$.subscribe(fail);
  watcher.start();
  await watcher.synced;
  const requests = requestEvents(load);
  await requests.prepare(events);
  await collectGarbage();
  const rssBefore = process.memoryUsage.rss();
  const peaks = new Peaks(() => {
    const { length, bytes } = watcher.state.mailbox;
    return { mailboxLength: length, mailboxBytes: bytes, rssBytes: process.memoryUsage.rss() };
  });
  const looking = setInterval(() => peaks.look(), SAMPLE_MS);
  let delivered = 0;
  store.changes$.subscribe(({ cause, resourceVersion }) => {
    if (cause !== 'watch') return;
    delivered++;
    peaks.look();
    if (busyMs > 0) spin(busyMs);
    requests.arrived(resourceVersion);
  });
  const { ms } = await timed(() => requests.receive());
  clearInterval(looking);
  checkFinalState();
  const { coalesced } = watcher.state.mailbox;
  if (delivered + coalesced !== events) {
    throw new Error(`${delivered} delivered and ${coalesced} coalesced of ${events}`);
  }
  const { mailboxLength, mailboxBytes, rssBytes } = peaks.highest;
  const written = await writtenMs();
  await watcher.stop();
  return {
    ms,
    writingMs: written,
    delivered,
    coalesced,
    mailboxLength,
    mailboxMB: mailboxBytes / 1e6,
    growthMB: (rssBytes - rssBefore) / 1e6,
  };
}

// What hangs is a failure too.
setTimeout(() => fail(new Error('not done after five minutes')), 300_000).unref();
try {
  finish(await storm());
} catch (error) {
  fail(error);
}
