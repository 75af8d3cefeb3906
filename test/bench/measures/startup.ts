/** Owns the measure of starts: how long an import and the command take, and how much an installation brings. */
import { join } from 'node:path';
import { packageFolder } from '../../../scripts/packages.ts';
import type { BenchOptions } from '../harness/bench-options.ts';
import { buildPackages } from '../harness/built-packages.ts';
import type { Figure, Result, Targets } from '../harness/figure.ts';
import { builtSizes, dependencySizes, type Installed } from '../harness/install-size.ts';
import { runProgram } from '../harness/run-program.ts';
import type { Measure } from './measure.ts';
import { Turns } from './turns.ts';

/** A program that starts, does one thing and ends. */
interface Program {
  readonly args: readonly string[];
  /** What it must have printed. */
  readonly prints: string;
  readonly targets?: Targets;
}

function importing(name: string, from: string): string[] {
  return ['--input-type=module', '--eval', `import { ${name} } from '${from}'; console.log(typeof ${name});`];
}

const BARE = 'bare Node.js';
const PROGRAMS: Readonly<Record<string, Program>> = {
  [BARE]: { args: ['--input-type=module', '--eval', `console.log('started');`], prints: 'started' },
  "import '@kubernetes/client-node'": {
    args: importing('KubeConfig', '@kubernetes/client-node'),
    prints: 'function',
  },
  "import '@firn/runtime'": {
    args: importing('createWatcher', '@firn/runtime'),
    prints: 'function',
    targets: { must: 250 },
  },
  'firn --help': {
    args: [join(packageFolder('runtime'), 'dist', 'cli', 'main.js'), '--help'],
    prints: 'Usage: firn',
    targets: { must: 150 },
  },
};

/** Dependencies below are told together. */
const SMALL = 100_000;

function timeOf({ args, prints }: Program): number {
  const { ms, stdout } = runProgram(args);
  if (!stdout.includes(prints)) throw new Error(`${args.join(' ')} printed ${stdout} instead of ${prints}`);
  return ms;
}

function takeTurns(rounds: number): Turns {
  const turns = new Turns();
  // The first round is not counted: files come from the disk.
  for (let round = -1; round < rounds; round++) {
    for (const [what, program] of Object.entries(PROGRAMS)) {
      const ms = timeOf(program);
      if (round >= 0) turns.add(what, { ms });
    }
  }
  return turns;
}

function sizeFigure(what: string, folders: readonly Installed[]): Figure {
  const kilobytes = folders.reduce((sum, { bytes }) => sum + bytes, 0) / 1000;
  return { what, unit: 'kB', median: kilobytes, least: kilobytes, most: kilobytes };
}

function sizes(): Result {
  const built = builtSizes();
  const dependencies = dependencySizes();
  const large = dependencies.filter(({ bytes }) => bytes >= SMALL);
  const small = dependencies.filter(({ bytes }) => bytes < SMALL);
  return {
    measure: 'startup',
    title: 'Size of an installation',
    how: `Bytes of all files: the dist folders of the three packages, and the folders of what they depend on, directly or not. The smaller ones: ${small.map(({ name }) => name).join(', ')}.`,
    figures: [
      ...built.map((one) => sizeFigure(`${one.name}, dist`, [one])),
      sizeFigure(`${dependencies.length} dependencies in all`, dependencies),
      ...large.map((one) => sizeFigure(one.name, [one])),
      sizeFigure(`${small.length} smaller ones`, small),
    ],
  };
}

async function run({ rounds }: BenchOptions): Promise<Result[]> {
  buildPackages();
  const turns = takeTurns(rounds);
  return [
    {
      measure: 'startup',
      title: 'Starts',
      how: 'A process from its start to its end, with what is built for publication.',
      figures: Object.entries(PROGRAMS).map(([what, { targets }]) => ({
        what,
        unit: 'ms',
        ...turns.spread(what, 'ms'),
        detail: `${turns.ratio(what, 'ms', BARE).median.toFixed(1)} × ${BARE}`,
        ...targets,
      })),
    },
    sizes(),
  ];
}

export const startup: Measure = {
  about: 'time to import and to start the command; size of an installation',
  run,
};
