/** Owns the answer to a list: which state, which page, in which form. */
import type { Clock } from '@firn/stores';
import { type ContinueToken, readContinueToken, writeContinueToken } from './continue-token.ts';
import type { Exchange } from './exchange.ts';
import { writeListBody } from './list-body.ts';
import { expired, readLimit, readListVersion, readTimeout, tooLarge } from './list-options.ts';
import type { ListPage } from './list-page.ts';
import type { ObjectStore } from './object-store.ts';
import type { ObjectTree } from './object-table.ts';
import type { Representation } from './representation.ts';
import type { ResourceType } from './resource-type.ts';
import type { Selection } from './selection.ts';
import { StatusError } from './status-error.ts';
import { objectKey, type StoredObject } from './stored-object.ts';
import type { VersionCounter } from './version-counter.ts';

/** What a list is about. */
export interface ListQuery {
  readonly type: ResourceType;
  readonly selection: Selection;
  readonly representation: Representation;
  /** Answers from the state at this version, whatever the client asks for. */
  readonly staleAt?: number | undefined;
}

/** What list and watch need of the server. */
export interface ReadContext {
  readonly store: ObjectStore;
  readonly clock: Clock;
  /** Milliseconds to wait for a version that is not there yet. */
  readonly versionWait: number;
}

const TOO_OLD =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/** Waits until the server has reached a version; gives whether it has. */
export async function waitForVersion(
  { clock, versionWait }: ReadContext,
  exchange: Exchange,
  versions: VersionCounter,
  version: number,
): Promise<boolean> {
  const deadline = clock.monotonic() + versionWait;
  while (versions.current < version) {
    const left = deadline - clock.monotonic();
    if (left <= 0 || exchange.isOver) return false;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = clock.setTimeout(resolve, Math.min(left, 50));
    exchange.onOver(resolve);
    await promise;
    clock.clearTimeout(timer);
  }
  return true;
}

async function chooseState(
  context: ReadContext,
  exchange: Exchange,
  query: ListQuery,
): Promise<{ version: number; tree: ObjectTree; token: ContinueToken | undefined }> {
  const versions = context.store.versionsOf(query.type);
  const table = context.store.table(query.type);
  const wanted = readListVersion(exchange.request, versions);
  const token = readContinueToken(exchange.request.query.continue ?? '');
  if (token) {
    if (token.version < 0) return { version: versions.current, tree: table.objects.clone(), token };
    const tree = table.at(token.version);
    if (tree) return { version: token.version, tree, token };
    throw expired(TOO_OLD, writeContinueToken({ ...token, version: -1, left: undefined }));
  }
  if (query.staleAt !== undefined) {
    const version = Math.min(query.staleAt, versions.current);
    const tree = table.at(version);
    if (tree) return { version, tree, token };
    const forgotten = `the state at resource version ${versions.text(version)} is forgotten`;
    throw new StatusError({ code: 500, message: `fault: ${forgotten}` });
  }
  if (wanted.at !== 'latest' && !(await waitForVersion(context, exchange, versions, wanted.version)))
    throw tooLarge(versions.text(wanted.version), versions.text(versions.current));
  if (wanted.at !== 'exact') return { version: versions.current, tree: table.objects.clone(), token };
  const tree = table.at(wanted.version);
  if (!tree) throw expired('The provided resource version is too old.');
  return { version: wanted.version, tree, token };
}

function* range(tree: ObjectTree, namespace: string, start: string): Generator<StoredObject> {
  const prefix = namespace === '' ? '' : `${namespace}/`;
  for (const stored of tree.values(start < prefix ? prefix : start)) {
    if (namespace !== '' && stored.namespace !== namespace) return;
    yield stored;
  }
}

function takePage(
  tree: ObjectTree,
  version: number,
  selection: Selection,
  limit: number,
  token: ContinueToken | undefined,
): ListPage {
  const selected = range(tree, selection.namespace, token?.start ?? '').filter(selection.matches);
  if (limit === 0) return { version, items: selected, next: undefined, remaining: undefined };
  const items = [...selected.take(limit + 1)];
  if (items.length <= limit) return { version, items, next: undefined, remaining: undefined };
  items.pop();
  const last = items.at(-1);
  // The character after the last key makes it the first key that is not on this page.
  const start = `${objectKey(last?.namespace ?? '', last?.name ?? '')}\0`;
  const total = token?.left ?? countRange(tree, selection.namespace);
  const left = total - items.length;
  return {
    version,
    items,
    next: { version, start, left },
    // Counting what a selector leaves over would mean reading it all.
    remaining: selection.everything ? left : undefined,
  };
}

function countRange(tree: ObjectTree, namespace: string): number {
  if (namespace === '') return tree.size;
  return tree.forRange(`${namespace}/`, `${namespace}0`, false);
}

/** Answers a list. */
export async function handleList(context: ReadContext, exchange: Exchange, query: ListQuery): Promise<void> {
  const asked = readLimit(exchange.request);
  // Checked, but of no use here: an answer never takes that long.
  readTimeout(exchange.request);
  const { version, tree, token } = await chooseState(context, exchange, query);
  // Any version will do: then the limit is not honoured, as by the real server's watch cache.
  const limit = exchange.request.query.resourceVersion === '0' ? 0 : asked;
  const page = takePage(tree, version, query.selection, limit, token);
  await writeListBody(
    exchange,
    query.representation,
    page,
    context.store.versionsOf(query.type).text(version),
  );
}
