/** Owns the command line of the soak. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

/** What is asked for. */
export interface CommandLine {
  readonly server: 'embedded' | 'real';
  readonly seed: number;
  /** Whichever is first. */
  readonly minutes: number;
  readonly events: number;
  /** A file with the line that a failed run printed. */
  readonly script: string | undefined;
  /** Seconds to shorten the script of a failure. */
  readonly shorten: number;
}

const HELP = `pnpm soak [options]

Random writes, random faults, and everything that has to hold, checked all the time.

  --minutes N    for so long (1)
  --events N     or until the stores have told of so many changes
  --seed S       draws writes and faults (another one each time)
  --server WHICH embedded (in this process) or real (a kube-apiserver and etcd)
  --script FILE  what a failed run printed, once more
  --shorten N    seconds to look for a shorter script of a failure (60)
`;

const CONFIG = {
  minutes: { type: 'string', default: '1' },
  events: { type: 'string' },
  seed: { type: 'string' },
  server: { type: 'string', default: 'embedded' },
  script: { type: 'string' },
  shorten: { type: 'string', default: '60' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

function atLeast(least: number, name: string, text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number) || number < least)
    throw new Error(`--${name} ${text}: give a number of at least ${least}.`);
  return number;
}

function read(args: readonly string[]): CommandLine | undefined {
  const { values } = parseArgs({ args: [...args], options: CONFIG });
  if (values.help) return undefined;
  const { server } = values;
  if (server !== 'embedded' && server !== 'real')
    throw new Error(`--server ${server}: there are embedded and real.`);
  return {
    server,
    seed: values.seed === undefined ? randomInt(2 ** 31) : atLeast(0, 'seed', values.seed),
    minutes: atLeast(0, 'minutes', values.minutes),
    events: values.events === undefined ? Number.POSITIVE_INFINITY : atLeast(1, 'events', values.events),
    script: values.script,
    shorten: atLeast(0, 'shorten', values.shorten),
  };
}

/** The options; `undefined` where nothing is to be run, with the exit code set and the reason told. */
export function parseCommandLine(args: readonly string[]): CommandLine | undefined {
  try {
    const options = read(args);
    if (options === undefined) console.log(HELP);
    return options;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    process.exitCode = 2;
    return undefined;
  }
}
