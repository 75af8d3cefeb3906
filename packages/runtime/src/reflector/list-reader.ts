/** Owns the reading of a list response: bytes to items to the sink, and its end to the machine. */
import { ProtocolError } from '@firn/core';
import type { ListMetadata } from '../transport/list-envelope.ts';
import { ListSplitter } from '../transport/list-splitter.ts';
import type { Decoded, ItemDefaults } from '../transport/object-decoder.ts';
import type { TransportResponse } from '../transport/transport.ts';
import { EventLoopTurn } from './event-loop-turn.ts';
import { ListItemTaker } from './list-item-taker.ts';
import type { ReadContext } from './read-context.ts';

/** Items that are decoded before the clock is looked at again. */
const SLICE = 32;

function versionOf(metadata: ListMetadata): string {
  if (metadata.resourceVersion !== undefined) return metadata.resourceVersion;
  throw new ProtocolError(
    'The list has no metadata.resourceVersion: no watch could go on from it. The server breaks the list protocol.',
    { code: 'MISSING_RESOURCE_VERSION' },
  );
}

/** Decodes the items of one chunk and hands them on, in more than one slice if it takes long. */
async function handOn(
  items: readonly (Uint8Array | Decoded)[],
  defaults: ItemDefaults,
  context: ReadContext,
  turn: EventLoopTurn,
): Promise<void> {
  let objects: Decoded[] = [];
  const flush = (): void => {
    context.stream.listed += objects.length;
    context.sink.listItems(objects);
    context.touch();
    objects = [];
  };
  for (const [index, item] of items.entries()) {
    objects.push(item instanceof Uint8Array ? context.decoder.decodeListItem(item, defaults) : item);
    if ((index + 1) % SLICE !== 0 || !turn.isOver) continue;
    flush();
    await turn.next();
    if (context.signal.aborted) return;
  }
  if (objects.length > 0) flush();
}

/**
 * Reads one page.
 *
 * @throws {ProtocolError} when it is no list, or an item is none.
 * @throws {TransportError} when the body breaks off.
 */
export async function readList(response: TransportResponse, context: ReadContext): Promise<void> {
  const { request, signal, stream, clock } = context;
  const splitter = new ListSplitter({ contentType: response.headers['content-type'] ?? 'none' });
  const turn = new EventLoopTurn(clock);
  const taker = new ListItemTaker(context, splitter);
  let items = 0;
  for await (const chunk of response.body) {
    if (signal.aborted) return;
    stream.bytesAt = clock.monotonic();
    const found = splitter.push(chunk, taker);
    items += found.length;
    if (found.length > 0) await handOn(found, taker.defaults, context, turn);
    if (turn.isOver) await turn.next();
    if (signal.aborted) return;
  }
  const { metadata } = splitter.end();
  context.dispatch({
    type: 'PAGE_ENDED',
    request: request.id,
    resourceVersion: versionOf(metadata),
    continue: metadata.continue,
    items,
  });
}

/**
 * Reads how far the server is, from a list of which nothing else is wanted (rule 18).
 *
 * @throws {ProtocolError} when it is no list.
 * @throws {TransportError} when the body breaks off.
 */
export async function readProbe(response: TransportResponse, context: ReadContext): Promise<void> {
  const splitter = new ListSplitter({ contentType: response.headers['content-type'] ?? 'none' });
  for await (const chunk of response.body) {
    if (context.signal.aborted) return;
    splitter.push(chunk);
  }
  const resourceVersion = versionOf(splitter.end().metadata);
  context.dispatch({ type: 'PROBED', request: context.request.id, resourceVersion });
}
