/** Owns the proof that a soak finds what is wrong: bugs that are planted in what it watches. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PlantedBug, runSoak } from './run-soak.ts';
import { shortenScript } from './script/shorten-script.ts';
import { formatScript, parseScript, type Round, type SoakScript } from './script/soak-script.ts';
import { startEmbedded } from './world/embedded-server.ts';
import type { SoakServer } from './world/soak-server.ts';

const calm = (seed: number, writes: number): Round => ({
  seed,
  writes: [[0, writes]],
  rate: 100_000,
  burst: 16,
  faults: [],
  settles: true,
});

let server: SoakServer;
beforeEach(async () => {
  server = await startEmbedded(1);
});
afterEach(() => server[Symbol.asyncDispose]());

function soak(rounds: readonly Round[], planted?: PlantedBug): ReturnType<typeof runSoak> {
  return runSoak({ seed: 1, server, rounds, ...(planted && { planted }) });
}

describe('a soak', () => {
  it('finds nothing where nothing is wrong, and has looked at everything', async () => {
    const faults: Round['faults'] = [
      { at: 200, kind: 'reset', pick: 0.1, amount: 0 },
      { at: 300, kind: 'truncate', pick: 0.7, amount: 0 },
      { at: 350, kind: 'slow', pick: 0, amount: 10 },
      { at: 400, kind: 'clock', pick: 0, amount: -3_600_000 },
    ];
    const report = await soak([{ ...calm(1, 700), faults }, calm(2, 300)]);
    expect(report.violation).toBeUndefined();
    expect(report.faults).toEqual(
      new Map(Object.entries({ reset: 1, truncate: 1, clock: 1, compact: 0, slow: 1 })),
    );
    expect(report.writes).toBeGreaterThan(1000);
    const unchecked = [...report.checks].filter(([, count]) => count === 0);
    expect(unchecked).toEqual([]);
    expect(report.checks.size).toBe(13);
  });

  it('finds events that are lost on their way', async () => {
    const { violation } = await soak([calm(1, 1000)], { losesEvery: 100 });
    expect(['no version lost', 'stores converge']).toContain(violation?.invariant);
    expect(violation?.message).toMatch(/versions were not told|after \d+ ms without faults/);
  });

  it('finds changes that are told twice', async () => {
    const { violation } = await soak([calm(1, 600)], { tellsTwiceEvery: 100 });
    expect(violation?.invariant).toBe('modCount counts events');
  });

  it('fails again with a script that was shortened by running it', async () => {
    const planted = { tellsTwiceEvery: 100 };
    const faults: Round['faults'] = [{ at: 10, kind: 'delay', pick: 0.1, amount: 5 }];
    const script = {
      seed: 1,
      server: 'embedded',
      rounds: [calm(1, 600), { ...calm(2, 600), faults }],
    } as const;
    const fails = async ({ rounds }: SoakScript): Promise<boolean> => {
      await using fresh = await startEmbedded(1);
      const { violation } = await runSoak({ seed: 1, server: fresh, rounds, planted });
      return violation?.invariant === 'modCount counts events';
    };
    const shortest = await shortenScript(script, fails, 4000);
    const line = formatScript(shortest ?? script);
    expect(line.length).toBeLessThan(formatScript(script).length);
    expect(parseScript(line).rounds.flatMap((round) => round.faults)).toEqual([]);
    expect(await fails(parseScript(line))).toBe(true);
  });

  it('has its script shortened to what is needed', async () => {
    const rounds = [calm(1, 900), calm(2, 1200)];
    const needed = rounds[1]?.seed ?? 0;
    let runs = 0;
    const fails = async (script: { readonly rounds: readonly Round[] }): Promise<boolean> => {
      runs++;
      const round = script.rounds.find(({ seed }) => seed === needed);
      return round?.writes.some(([from, to]) => from <= 333 && 333 < to) === true;
    };
    const script = { seed: 1, server: 'embedded', rounds } as const;
    const shortest = await shortenScript(script, fails, 10_000);
    expect(shortest?.rounds).toEqual([{ ...calm(2, 0), writes: [[300, 400]] }]);
    expect(runs).toBeLessThan(20);
    expect(await shortenScript(script, async () => false, 10_000)).toBeUndefined();
  });
});
