/** Owns the memory of a soak each time that it is at rest: what is held then must not become more and more. */
import { heapNow, mib } from './heap.ts';
import type { Ledger } from './ledger.ts';

/** Fewer samples say nothing. */
const LEAST_SAMPLES = 6;

/** How much more the last third may hold than the first one: caches fill, and code is compiled. */
const TOLERANCE = 16 * 1024 * 1024;

/** The least of the samples of a third: what is held when there is no garbage. */
function least(samples: readonly number[]): number {
  return Math.min(...samples);
}

/** Takes a sample at each rest; nothing where garbage cannot be collected at will. */
export class RestingHeap {
  readonly #samples: number[] = [];
  readonly #measure: () => Promise<number | undefined>;

  constructor(measure: () => Promise<number | undefined> = heapNow) {
    this.#measure = measure;
  }

  async sample(): Promise<void> {
    const heap = await this.#measure();
    if (heap !== undefined) this.#samples.push(heap);
  }

  /** Bytes at rest in the first and in the last third; undefined where there are too few samples. */
  get ends(): { readonly first: number; readonly last: number } | undefined {
    const third = Math.floor(this.#samples.length / 3);
    if (this.#samples.length < LEAST_SAMPLES) return undefined;
    return { first: least(this.#samples.slice(0, third)), last: least(this.#samples.slice(-third)) };
  }

  check(ledger: Ledger): void {
    const { ends } = this;
    if (ends === undefined) return;
    const { first, last } = ends;
    const why = (): string =>
      `memory at rest grew from ${mib(first)} to ${mib(last)} while the same was held`;
    ledger.check('everything is let go of', last <= first + TOLERANCE, why);
  }
}
