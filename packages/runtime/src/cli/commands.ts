/** Owns the commands of `firn`: their words and flags; what runs them is loaded when it is needed. */
import { CONFIG_FLAG, CONNECTION_FLAGS, LOG_FLAG, SELECTION_FLAGS } from './cluster-flags.ts';
import type { Command, Flag } from './command.ts';
import { serve } from './serve-command.ts';

function ending(more: string): Flag {
  return { name: 'for', value: 'DURATION', description: `End after this time, such as 10s${more}.` };
}

function output(description: string): Flag {
  return {
    name: 'output',
    short: 'o',
    value: 'FORMAT',
    choices: ['json', 'yaml', 'wide', 'name'],
    description,
  };
}

const demo: Command = {
  name: 'demo',
  summary: 'Watch a small shop that keeps changing; needs no cluster.',
  operands: '',
  takesOperands: false,
  description: [
    'Starts an API server inside this process, on 127.0.0.1 only, with a shop of ingresses, services, endpoint',
    'slices and secrets that keeps changing, and watches its ingresses, services and secrets. The secrets are watched',
    'on demand: the certificate of an ingress that changes is fetched and kept for a while. A live table on a',
    'terminal, JSON lines in a pipe. It prints how kubectl takes part.',
  ].join('\n'),
  flags: [
    ending(''),
    {
      name: 'rate',
      value: 'N',
      description: 'Changes per second of the whole shop; 5 when left out, 0 for none.',
    },
    { name: 'objects', value: 'N', description: 'Size of the shop; 200 when left out.' },
    {
      name: 'seed',
      value: 'N',
      description: 'The same seed gives the same shop, uids and changes; 1 when left out.',
    },
    { name: 'port', value: 'N', description: 'Port on 127.0.0.1; a free one when left out.' },
    output('json (lines), yaml, wide (text lines), name.'),
  ],
  examples: [
    'firn demo',
    'firn demo --rate 50 --objects 20000',
    "firn demo --for 10s | jq 'select(.changed)'",
  ],
  load: async () => (await import('./commands/demo.ts')).runDemo,
};

const watch: Command = {
  name: 'watch',
  summary: 'Watch resources of a cluster and show what changes.',
  operands: 'RESOURCE...',
  takesOperands: true,
  description: [
    'Lists resources, keeps them in step with the API server, and shows what changes: a live table on a terminal,',
    'JSON lines in a pipe. A resource is written as kubectl takes it (ingresses, ing, deployments.apps) or in full',
    '(networking.k8s.io/v1/ingresses). The data of Secrets is not shown.',
  ].join('\n'),
  flags: [
    ...CONNECTION_FLAGS,
    ...SELECTION_FLAGS,
    CONFIG_FLAG,
    ending('; exit code 1 if something was never in sync'),
    output('json (lines), yaml, wide (text lines), name.'),
    LOG_FLAG,
  ],
  examples: [
    'firn watch ingresses services -n shop',
    'firn watch pods -A -l app=shop -o json',
    'firn watch --config watched-resources.yaml',
  ],
  load: async () => (await import('./commands/watch.ts')).runWatch,
};

const WATCH_INSTEAD = 'firn watch RESOURCE... shows what changes.';

const get: Command = {
  name: 'get',
  summary: 'Look resources up by their index keys, once.',
  operands: 'RESOURCE[,RESOURCE...] [KEYS...]',
  takesOperands: true,
  description: [
    'Lists resources into a store and looks up what lies under the keys: all keys for an exact match, fewer for a',
    'prefix. The keys are namespace and name (with -n: the name alone) unless --index-by says otherwise. Without',
    'keys: everything in the namespace of the context, with -A in all of them.',
  ].join('\n'),
  flags: [
    ...CONNECTION_FLAGS,
    ...SELECTION_FLAGS,
    { name: 'index-by', value: 'PATHS', description: 'Field paths of the index keys, joined by commas.' },
    {
      name: 'store',
      value: 'KIND',
      choices: ['full', 'on-demand'],
      description: 'on-demand: list references only, and fetch what is found; full when left out.',
    },
    { name: 'log', value: 'DIR', description: 'Look it up in a recorded log, under its name there.' },
    {
      name: 'at',
      value: 'TIME',
      description: 'With --log: as it was then (10:00, 2026-01-31T10:00:00Z); now when left out.',
    },
    output('json, yaml, wide, name; a table when left out.'),
    LOG_FLAG,
  ],
  examples: [
    'firn get ingresses shop cart -o yaml',
    'firn get ingresses,services -n shop',
    'firn get secrets shop tls-cert --store on-demand -o yaml',
    'firn get ingresses shop --log ./log --at 10:00',
    'firn get pods node-1 --index-by spec.nodeName,metadata.name',
  ],
  otherwise: { '-w': WATCH_INSTEAD, '--watch': WATCH_INSTEAD, '--watch-only': WATCH_INSTEAD },
  load: async () => (await import('./commands/get.ts')).runGet,
};

const record: Command = {
  name: 'record',
  summary: 'Record what happens to resources of a cluster, to be looked at and replayed later.',
  operands: 'DIR RESOURCE...',
  takesOperands: true,
  description: [
    'Watches resources as firn watch does, and writes everything that their stores are made of into a folder: lists,',
    'events, states of the watch. What is there already is kept; a new run goes on behind it. The data of Secrets is not',
    'written. Ctrl-C ends the recording in good order.',
  ].join('\n'),
  flags: [
    ...CONNECTION_FLAGS,
    ...SELECTION_FLAGS,
    CONFIG_FLAG,
    {
      name: 'fsync',
      value: 'POLICY',
      choices: ['interval', 'always', 'never'],
      description: 'When what is written has to be on the disk; interval (200 ms) when left out.',
    },
    {
      name: 'keep',
      value: 'DURATION',
      description: 'Drop segments older than this; all are kept when left out.',
    },
    ending('; exit code 1 if something was never in sync'),
    LOG_FLAG,
  ],
  examples: [
    'firn record ./log ingresses services -A',
    'firn record ./log --config watched-resources.yaml --keep 24h',
  ],
  load: async () => (await import('./commands/record.ts')).runRecord,
};

const verify: Command = {
  name: 'verify',
  summary: 'Check a recorded log: every record, and every checkpoint against the events before it.',
  operands: 'DIR',
  takesOperands: true,
  description: [
    'Reads a log from its first record to its last. Exit code 1 if anything is wrong: it says what, in which file and at',
    'which byte. --repair keeps everything before the damage, and moves the rest into files beside it.',
  ].join('\n'),
  flags: [{ name: 'repair', description: 'Keep what comes before the damage, move the rest aside.' }],
  examples: ['firn verify ./log', 'firn verify ./log --repair'],
  load: async () => (await import('./commands/verify.ts')).runVerify,
};

const diff: Command = {
  name: 'diff',
  summary: 'Show what changed between two moments of a recorded log.',
  operands: 'DIR FROM TO [RESOURCE...]',
  takesOperands: true,
  description: [
    'Compares the states of a log at two moments: for each resource that differs, its fields. A moment is a time of the',
    'day (10:00, 10:00:30: the last that has been), a date (2026-01-31T10:00:00Z) or now. A RESOURCE is named as it was',
    'when it was recorded; all of the log when left out. Values that were redacted show only that they differ.',
  ].join('\n'),
  flags: [
    { name: 'namespace', short: 'n', value: 'NAME', description: 'Only what is in this namespace.' },
    { name: 'all-namespaces', short: 'A', description: 'All namespaces, as without -n.' },
    {
      name: 'selector',
      short: 'l',
      value: 'LABELS',
      description: 'Only what has these labels at one of the moments, such as app=shop,tier!=web.',
    },
    {
      name: 'output',
      short: 'o',
      value: 'FORMAT',
      choices: ['json'],
      description: 'json: a line for each resource, with a JSON Patch (RFC 6902).',
    },
  ],
  examples: [
    'firn diff ./log 10:00 10:05',
    'firn diff ./log 2026-01-31T10:00:00Z now ingresses -n shop -o json',
  ],
  load: async () => (await import('./commands/diff.ts')).runDiff,
};

const replay: Command = {
  name: 'replay',
  summary: 'Play a recorded run, and show it as firn watch would have.',
  operands: 'DIR [RESOURCE...]',
  takesOperands: true,
  description: [
    'Plays the last run of a log, or the one that --from or --until is in, through the same stores as when it was',
    'recorded, and shows what changes with the time when it did. A moment is written as for firn diff. Ctrl-C ends it.',
  ].join('\n'),
  flags: [
    {
      name: 'speed',
      value: 'N',
      description: 'Times as fast as it was: 1 is real time; max, as fast as possible, when left out.',
    },
    {
      name: 'from',
      value: 'TIME',
      description: 'Begin with the state of this moment; the beginning of the run when left out.',
    },
    { name: 'until', value: 'TIME', description: 'End at this moment; at the end of the run when left out.' },
    output('json (lines), yaml, wide (text lines), name.'),
  ],
  examples: [
    'firn replay ./log --speed 10',
    'firn replay ./log ingresses --from 10:00 --until 10:05 -o json',
  ],
  load: async () => (await import('./commands/replay.ts')).runReplay,
};

/** All commands, in the order of the help text. */
export const COMMANDS: readonly Command[] = [demo, watch, get, record, replay, diff, serve, verify];
