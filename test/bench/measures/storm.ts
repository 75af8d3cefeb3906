/** Owns the measure of a storm: more events than a slow subscriber can take. */
import type { StormSettings } from '../contenders/storm-settings.ts';
import type { BenchOptions } from '../harness/bench-options.ts';
import type { Figure, Result } from '../harness/figure.ts';
import { BenchServer, runContender } from '../harness/processes.ts';
import { KINDS } from '../objects/kinds.ts';
import { ObjectBytes } from '../objects/object-bytes.ts';
import type { Measure } from './measure.ts';
import { Turns } from './turns.ts';

/** Few objects, many versions: the last ones of all take a slow subscriber some seconds and not minutes. */
const OBJECTS = 2000;
/** Bursts of `--events` in a storm. */
const BURSTS = 5;
const BUSY_MS = 1;

const SLOW = `a subscriber that is busy for ${BUSY_MS} ms with each change`;
const FAST = 'a subscriber that does nothing';

function figuresOf(turns: Turns, events: number, bytes: number): Figure[] {
  const spread = (figure: string): ReturnType<Turns['spread']> => turns.spread(SLOW, figure);
  const milliseconds = (who: string, figure: string): string =>
    `${Math.round(turns.spread(who, figure).median)} ms`;
  return [
    {
      what: 'the server has written all of them',
      unit: `× with ${FAST}`,
      ...turns.ratio(SLOW, 'writingMs', FAST),
      detail: `${milliseconds(SLOW, 'writingMs')}, with the other one ${milliseconds(FAST, 'writingMs')}`,
    },
    {
      what: 'the same, against the slow one itself',
      unit: '× until the last was delivered',
      ...turns.ratio(SLOW, 'writingMs', SLOW, 'ms'),
      detail: `which took ${milliseconds(SLOW, 'ms')}`,
    },
    {
      what: 'delivered',
      unit: 'changes',
      ...spread('delivered'),
      detail: `of ${events.toLocaleString('en-US')}; ${FAST} got ${turns.spread(FAST, 'delivered').median.toLocaleString('en-US')}`,
    },
    { what: 'coalesced before they were delivered', unit: 'versions', ...spread('coalesced') },
    { what: 'highest length of the mailbox', unit: 'events', ...spread('mailboxLength') },
    { what: 'highest bytes of the mailbox', unit: 'MB', ...spread('mailboxMB') },
    {
      what: 'highest growth of RSS',
      unit: 'MB',
      ...spread('growthMB'),
      detail: `events: ${Math.round((events * bytes) / 1e6)} MB; ${FAST}: ${Math.round(turns.spread(FAST, 'growthMB').median)} MB`,
    },
  ];
}

async function run(options: BenchOptions): Promise<Result[]> {
  const { kind, oneNamespace } = options;
  const load = { kind, oneNamespace, objects: Math.min(OBJECTS, options.objects) };
  const events = BURSTS * options.events;
  await using server = await BenchServer.start({ ...load, gzip: false });
  const turns = new Turns();
  // One round: it takes half a minute, and the slow subscriber decides on most of that.
  for (const [who, busyMs] of [
    [FAST, 0],
    [SLOW, BUSY_MS],
  ] as const) {
    const settings: StormSettings = { url: server.url, load, events, busyMs };
    turns.add(who, await runContender('storm', settings, server));
  }
  const bytes = new ObjectBytes(KINDS[kind].make, '{"type":"MODIFIED","object":', '}\n').length;
  return [
    {
      measure: 'storm',
      title: `A storm of ${events.toLocaleString('en-US')} MODIFIED among ${load.objects.toLocaleString('en-US')} ${kind}`,
      how: `Sent as fast as they are taken, to ${SLOW}. Checked: delivered and coalesced add up, every object ends in its last version. Lengths are looked at every 5 ms.`,
      figures: figuresOf(turns, events, bytes),
    },
  ];
}

export const storm: Measure = { about: 'more events than a slow subscriber can take', run };
