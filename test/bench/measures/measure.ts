/** Owns what a measure is. */

import type { BenchOptions } from '../harness/bench-options.ts';
import type { Result } from '../harness/figure.ts';

/** Something that `pnpm bench NAME` measures. */
export interface Measure {
  /** One line for the help. */
  readonly about: string;
  run(options: BenchOptions): Promise<readonly Result[]>;
}
