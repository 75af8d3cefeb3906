/** Owns the floor: the bytes are taken from the socket and thrown away. */
import { request } from 'undici';
import { KINDS } from '../objects/kinds.ts';
import { listVersion } from '../objects/slots.ts';
import { preparedEvents } from './request-events.ts';
import type { Contestant, WholeWaySettings } from './whole-way-settings.ts';

const WATCH_LIST =
  'watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&resourceVersion=';

const PARTIAL = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';

/** The longest object, and a text in the middle of it. */
const TAIL = 20_000;

/** Reads until a text has come by; looks for it where each chunk ends, which costs next to nothing. */
async function readUntil(body: AsyncIterator<Buffer>, text: string): Promise<void> {
  const awaited = Buffer.from(text);
  let tail: Buffer = Buffer.alloc(0);
  for (;;) {
    const { value, done } = await body.next();
    if (done === true) throw new Error(`The server ended before ${text}.`);
    tail = value.length >= TAIL ? value.subarray(-TAIL) : Buffer.concat([tail, value]).subarray(-TAIL);
    if (tail.includes(awaited)) return;
  }
}

export function drain({ contender, load, url }: WholeWaySettings): Contestant {
  const path = `${url}${KINDS[load.kind].path}`;
  let watch: AsyncIterator<Buffer> | undefined;
  let numEvents = 0;
  return {
    sync: async () => {
      if (contender.name === 'drain' && contender.initialList === 'list') {
        await readUntil((await request(path)).body[Symbol.asyncIterator](), ']}\n');
        return;
      }
      const isPartial = contender.name === 'drain' && contender.metadataOnly === true;
      const accept = isPartial ? PARTIAL : 'application/json';
      const { body } = await request(`${path}?${WATCH_LIST}`, { headers: { accept } });
      watch = body[Symbol.asyncIterator]();
      await readUntil(watch, 'k8s.io/initial-events-end');
    },
    prepare: async (count) => {
      if (watch === undefined) return;
      numEvents += count;
      await preparedEvents(count);
    },
    receive: async () => {
      if (watch === undefined) return;
      process.send?.({ burst: true });
      await readUntil(watch, `"resourceVersion":"${listVersion(load.objects + numEvents)}"`);
    },
    size: () => load.objects,
    get: () => 'not kept',
    end: () => undefined,
  };
}
