/** Owns the measure of watch events: from the socket to a subscriber, at one size and at others. */
import type { Contender } from '../contenders/whole-way-settings.ts';
import type { BenchOptions } from '../harness/bench-options.ts';
import { type Figure, micros, type Result, type Targets } from '../harness/figure.ts';
import type { Measure } from './measure.ts';
import { takeTurns } from './turns.ts';

const PARSE = 'JSON.parse';
const READ = 'firn, one subscriber that reads the object';
const UNREAD = 'firn, one subscriber that does not';

const CONTENDERS: Readonly<Record<string, Contender>> = {
  [PARSE]: { name: 'JSON.parse' },
  'socket drained': { name: 'drain', initialList: 'watch-list' },
  [READ]: { name: 'firn', initialList: 'watch-list', reads: true },
  [UNREAD]: { name: 'firn', initialList: 'watch-list', reads: false },
  'client-node, raw list': { name: 'client-node', list: 'raw' },
  'client-node, typed list': { name: 'client-node', list: 'typed' },
};

const TARGETS: Readonly<Record<string, Targets>> = {
  [READ]: { must: 1.8, aim: 1.3 },
  [UNREAD]: { must: 1, aim: 0.6 },
};

async function run(options: BenchOptions): Promise<Result[]> {
  const { objects, events, kind } = options;
  const turns = await takeTurns({ contenders: CONTENDERS, objects, events }, options);
  const figures = Object.keys(CONTENDERS).map(
    (name): Figure => ({
      what: name,
      unit: '× JSON.parse',
      ...turns.ratio(name, 'eventMs', PARSE),
      detail: `${micros(turns.spread(name, 'eventMs').median, events)} an event`,
      ...TARGETS[name],
    }),
  );
  return [
    {
      measure: 'events',
      title: `Watch events, ${events.toLocaleString('en-US')} MODIFIED among ${objects.toLocaleString('en-US')} ${kind}`,
      how: 'Sent as fast as they are taken; from the asking for them to the delivery of the last one. JSON.parse: of the same frames, as strings in memory.',
      figures,
    },
  ];
}

export const events: Measure = { about: 'watch events: to a subscriber that reads, or does not', run };
