/** Owns what all others are measured by: bare JSON.parse of the same bytes, as strings in memory, results kept. */
import type { KubernetesListObject, KubernetesObject } from '@kubernetes/client-node';
import { KINDS } from '../objects/kinds.ts';
import { ObjectBytes } from '../objects/object-bytes.ts';
import { listOrder, slotsOf } from '../objects/slots.ts';
import { timed } from './support.ts';
import type { Contestant, WholeWaySettings } from './whole-way-settings.ts';

const PAGE = 500;

/** The strings are made before the time begins: neither socket nor decoding counts. */
export function jsonParse({ load, url }: WholeWaySettings): Contestant {
  const { make } = KINDS[load.kind];
  const event = new ObjectBytes(make, '{"type":"MODIFIED","object":', '}\n');
  const places = new Int32Array(load.objects);
  for (const [place, index] of listOrder(load.objects, load.oneNamespace).entries()) places[index] = place;
  const placeOf = (index: number): number => places[index] ?? 0;
  let held: KubernetesObject[] = [];
  let numEvents = 0;
  let syncMs = 0;
  let texts: string[] = [];
  return {
    sync: async () => {
      const pages: string[] = [];
      for (let token: string | undefined = '0'; token !== undefined; ) {
        const page = await fetch(`${url}${KINDS[load.kind].path}?limit=${PAGE}&continue=${token}`);
        const text = await page.text();
        token = /"continue":"(\d+)"/.exec(text.slice(0, 300))?.[1];
        pages.push(text);
      }
      const time = await timed(() => {
        held = pages.flatMap((page) => (JSON.parse(page) as KubernetesListObject<KubernetesObject>).items);
      });
      syncMs = time.ms;
    },
    syncMs: () => syncMs,
    prepare: async (count) => {
      const { objects, oneNamespace } = load;
      texts = Array.from({ length: count }, (_, i) => {
        const version = objects + numEvents + i;
        return event.many([slotsOf((numEvents + i) % objects, version, oneNamespace)]).toString('latin1');
      });
    },
    receive: async () => {
      for (const text of texts) {
        held[placeOf(numEvents++ % load.objects)] = (JSON.parse(text) as { object: KubernetesObject }).object;
      }
    },
    size: () => held.length,
    get: (index) => ({
      apiVersion: KINDS[load.kind].apiVersion,
      kind: KINDS[load.kind].kind,
      ...held[placeOf(index)],
    }),
    end: () => undefined,
  };
}
