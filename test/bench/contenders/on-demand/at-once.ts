/** Owns many reads at once: all of one resource, and each of another one. */
import { spreadOf } from '../../harness/statistics.ts';
import type { OnDemandSettings } from '../on-demand-settings.ts';
import { timed } from '../support.ts';
import { checkResources, type OnDemandSubject, onDemandSubject } from './on-demand-subject.ts';
import { trafficSince } from './traffic.ts';

const WARM_UP = 3;
const TURNS = 5;

type Identity = OnDemandSubject['identities'][number];

/** The time is that of the middle turn, the requests are those of the worst. */
interface Measured {
  readonly ms: number;
  readonly requests: number;
  readonly mostAtOnce: number;
}

export async function atOnce(given: OnDemandSettings): Promise<Readonly<Record<string, number>>> {
  const { store, watcher, identities } = await onDemandSubject(given);
  const [count = 0] = given.counts;
  const [first] = identities as [Identity];
  const read = async (
    asked: readonly Identity[],
    check: (got: readonly object[]) => void,
  ): Promise<Measured> => {
    const measured: Measured[] = [];
    for (let turn = -WARM_UP; turn < TURNS; turn++) {
      store.clearCache();
      await trafficSince();
      let got: readonly object[] = [];
      const { ms } = await timed(async () => {
        const all = await Promise.all(asked.map(({ namespace, name }) => store.get(namespace, name)));
        got = all.flat();
      });
      check(got);
      if (turn >= 0) measured.push({ ms, ...(await trafficSince()) });
    }
    return {
      ms: spreadOf(measured.map(({ ms }) => ms)).median,
      requests: Math.max(...measured.map(({ requests }) => requests)),
      mostAtOnce: Math.max(...measured.map(({ mostAtOnce }) => mostAtOnce)),
    };
  };
  const one = await read(new Array<Identity>(count).fill(first), (got) => {
    checkResources(given, [...new Set(got)], 1);
    if (got.length !== count) throw new Error(`${got.length} were given`);
  });
  const many = await read(identities, (got) => checkResources(given, got, count));
  await watcher.stop();
  return {
    oneMs: one.ms,
    oneRequests: one.requests,
    manyMs: many.ms,
    manyRequests: many.requests,
    manyAtOnce: many.mostAtOnce,
  };
}
