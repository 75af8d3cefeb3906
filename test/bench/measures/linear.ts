/** Owns the measure of linear time: what a hundred times as much input costs a byte, ordinary or made to be slow. */
import { join } from 'node:path';
import { packageFolder } from '../../../scripts/packages.ts';
import { formatNumber, type Result } from '../harness/figure.ts';
import { runProgram } from '../harness/run-program.ts';
import type { Measure } from './measure.ts';

const PROGRAM = join(packageFolder('runtime'), 'test-support', 'linear-time.ts');
/** Beyond, a reader does more for a byte because there are many. */
const MOST = 1.5;

interface Cost {
  readonly reader: string;
  readonly input: string;
  /** Nanoseconds a byte, by size. */
  readonly ns: readonly number[];
  readonly ratio: number;
}

async function run(): Promise<Result[]> {
  const { stdout } = runProgram(['--conditions=@firn/source', PROGRAM, '--json']);
  const costs: readonly Cost[] = JSON.parse(stdout);
  return [
    {
      measure: 'linear',
      title: 'Linear time',
      how: 'Cost of a byte in 100 MB by that in 1 MB (YAML: 0.8 MB by 8 kB), each size read as often as makes the largest.',
      figures: costs.map(({ reader, input, ns, ratio }) => ({
        what: `${reader}: ${input}`,
        unit: '×',
        median: ratio,
        least: ratio,
        most: ratio,
        must: MOST,
        detail: `${ns.map(formatNumber).join(', ')} ns`,
      })),
    },
  ];
}

export const linear: Measure = {
  about: 'whether every reader takes linear time, of ordinary and of adversarial input',
  run,
};
