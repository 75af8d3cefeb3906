/** Owns `firn get`: one look-up through the store that a watch would keep. */
import { FirnError, IndexError, type KubernetesObject, parseFieldPath, type Resource } from '@firn/core';
import { type CachedStore, type MemoryStore, type Store, systemClock } from '@firn/stores';
import type { KubeConfig } from '@kubernetes/client-node';
import { filter, firstValueFrom, fromEvent, map, race } from 'rxjs';
import { visibleText } from '../../visible-text.ts';
import { createWatcher } from '../../watcher/create-watcher.ts';
import type { WatchState } from '../../watcher/watch-state.ts';
import type { WatchedResourceOptions } from '../../watcher/watched-resource-options.ts';
import type { Watcher } from '../../watcher/watcher.ts';
import type { FlagValues, Invocation, RunCommand } from '../command.ts';
import { commandLogger } from '../command-logger.ts';
import { type FoundOfType, formatResources, type GetFormat } from '../format-resources.ts';
import { contextNamespace, loadKubeConfig } from '../load-kube-config.ts';
import { flagText, readSelection, type Selection } from '../read-flags.ts';
import { type NamedResource, resolveResources, splitNames } from '../resolve-resources.ts';
import { UsageError } from '../usage-error.ts';
import { wantsColor } from '../views/choose-view.ts';
import { getFromLog } from './get-from-log.ts';

const COMMAND = 'get';

type AnyWatcher =
  | Watcher<KubernetesObject, MemoryStore<KubernetesObject>>
  | Watcher<KubernetesObject, CachedStore<KubernetesObject>>;

/** What is looked up. */
interface LookUp {
  readonly options: WatchedResourceOptions;
  /** Index keys; none: everything. */
  readonly keys: readonly string[];
  readonly numKeys: number;
}

function checkIndexPath(path: string): void {
  const wrong = (why: string): UsageError => new UsageError(`--index-by: ${why}`, { command: COMMAND });
  try {
    const { segments } = parseFieldPath(path);
    if (segments.every(({ kind }) => kind !== 'each')) return;
  } catch (error) {
    if (error instanceof FirnError) throw wrong(error.message);
    throw error;
  }
  throw wrong(
    `${JSON.stringify(path.slice(0, 80))} may give several keys, and each path must give exactly one. Write [0], or another number, instead of [*].`,
  );
}

function readIndexBy(flags: FlagValues): readonly string[] | undefined {
  const paths = flagText(flags, 'index-by')?.split(',');
  for (const path of paths ?? []) checkIndexPath(path);
  return paths;
}

/** `-n` gives the first of the default keys; without it they are given as they are. */
function lookUp(
  resource: NamedResource,
  operands: readonly string[],
  selection: Selection,
  indexBy: readonly string[] | undefined,
  usualNamespace: string,
): LookUp {
  const { gvr, namespaced } = resource;
  const byIdentity = indexBy === undefined;
  const chosen = namespaced ? selection.namespace : '';
  const paths = indexBy ?? (namespaced ? ['metadata.namespace', 'metadata.name'] : ['metadata.name']);
  const prefix = byIdentity && namespaced && chosen !== undefined && chosen !== '' ? [chosen] : [];
  const keys = operands.length === 0 ? [] : [...prefix, ...operands];
  if (keys.length > paths.length) {
    const expected = paths.slice(prefix.length).join(', ');
    throw new UsageError(`${operands.length} keys are too many: the index has ${expected}.`, {
      command: COMMAND,
    });
  }
  const fromKeys = byIdentity && namespaced ? keys[0] : undefined;
  const namespace = chosen ?? fromKeys ?? (byIdentity ? usualNamespace : '');
  const name = byIdentity ? keys[paths.length - 1] : undefined;
  const fields = [selection.fieldSelector, name === undefined ? undefined : `metadata.name=${name}`];
  const fieldSelector = fields.filter((field) => field !== undefined).join(',');
  const { labelSelector } = selection;
  return {
    keys,
    numKeys: paths.length,
    options: {
      gvr,
      namespaced,
      indexBy: paths,
      ...(namespaced ? { namespace } : {}),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === '' ? {} : { fieldSelector }),
    },
  };
}

/** The error without the promise of a watch to ask again: a look-up does not. */
function askedOnce(error: FirnError | undefined): FirnError | undefined {
  if (error === undefined) return undefined;
  const { code, retryable } = error;
  const message = error.message.replace(/[.;] it is asked again later\.$/i, '.');
  return message === error.message ? error : new FirnError(message, { code, retryable, cause: error });
}

function failureOf(state: WatchState): Error | undefined {
  if (state.phase !== 'backoff') return undefined;
  return (
    askedOnce(state.lastError) ??
    new FirnError('The server does not answer.', { code: 'NO_ANSWER', retryable: true })
  );
}

/** Resources that the index leaves out: the first by name, the others by number. */
class LeftOut {
  #first: string | undefined;
  #others = 0;

  note(error: FirnError): void {
    if (!(error instanceof IndexError)) return;
    if (this.#first === undefined) this.#first = error.message;
    else this.#others++;
  }

  report(): string {
    if (this.#first === undefined) return '';
    const others = this.#others === 0 ? '' : `${this.#others} more left out for want of an index key.\n`;
    return `${visibleText(this.#first, 1000)}\n${others}`;
  }
}

/** Lists once; a failure is an error, not something to wait for. */
async function readAll(
  kubeConfig: KubeConfig,
  { options, keys }: LookUp,
  invocation: Invocation,
): Promise<readonly Resource<KubernetesObject>[]> {
  const logger = commandLogger(invocation.flags, invocation.io);
  const watcher: AnyWatcher =
    flagText(invocation.flags, 'store') === 'on-demand'
      ? createWatcher<KubernetesObject>(kubeConfig, { ...options, store: 'on-demand', logger })
      : createWatcher<KubernetesObject>(kubeConfig, { ...options, store: 'full', logger });
  const { signal, stderr } = invocation.io;
  const leftOut = new LeftOut();
  watcher.errors$.subscribe((error) => leftOut.note(error));
  try {
    watcher.start();
    const failed = watcher.state$.pipe(
      map(failureOf),
      filter((error) => error !== undefined),
    );
    const interrupted = fromEvent(signal, 'abort').pipe(map(() => undefined));
    const first = await Promise.race([
      watcher.synced.then(() => undefined),
      firstValueFrom(race(failed, interrupted), { defaultValue: undefined }),
    ]);
    if (first !== undefined) throw first;
    if (signal.aborted) return [];
    stderr.write(leftOut.report());
    const { store }: { readonly store: Store<KubernetesObject> } = watcher;
    const found = Promise.resolve(keys.length === 0 ? store.list() : store.get(...keys));
    return await Promise.race([found, firstValueFrom(interrupted.pipe(map(() => [])))]);
  } finally {
    await watcher[Symbol.asyncDispose]();
  }
}

function sayNothingFound({ name }: NamedResource, { keys, options }: LookUp, { io }: Invocation): void {
  const where = options.namespace ? ` in namespace ${options.namespace}` : '';
  const what = keys.length === 0 ? `No ${name}` : `No ${name} under ${JSON.stringify(keys)}`;
  io.stderr.write(`${visibleText(what)}${where}.\n`);
}

/** Runs `firn get`. */
export const runGet: RunCommand = async (invocation) => {
  const { flags, operands, io } = invocation;
  const log = flagText(flags, 'log');
  if (log !== undefined) return getFromLog(log, invocation);
  if (flags.has('at')) throw new UsageError('--at needs --log DIR.', { command: COMMAND });
  const [types = '', ...keys] = operands;
  const names = splitNames([types], COMMAND);
  const selection = readSelection(flags, COMMAND);
  const indexBy = readIndexBy(flags);
  const file = flagText(flags, 'kubeconfig');
  const kubeConfig = loadKubeConfig({ file, context: flagText(flags, 'context'), env: io.env });
  const resources = await resolveResources(kubeConfig, names, {
    logger: commandLogger(flags, io),
    signal: io.signal,
  });
  const usualNamespace = contextNamespace(kubeConfig);
  const lookUps = resources.map((resource) => ({
    resource,
    wanted: lookUp(resource, keys, selection, indexBy, usualNamespace),
  }));
  const groups: FoundOfType[] = [];
  for (const { resource, wanted } of lookUps) {
    if (io.signal.aborted) return 0;
    const found = await readAll(kubeConfig, wanted, invocation);
    if (io.signal.aborted) return 0;
    if (found.length === 0) sayNothingFound(resource, wanted, invocation);
    groups.push({ resource, found });
  }
  const missing = keys.length > 0 && groups.some(({ found }) => found.length === 0);
  const nothing = groups.every(({ found }) => found.length === 0);
  if (missing && nothing) return 1;
  const format = (flagText(flags, 'output') ?? 'table') as GetFormat;
  const [first] = lookUps;
  const single =
    lookUps.length === 1 &&
    first?.wanted.keys.length === first?.wanted.numKeys &&
    groups[0]?.found.length === 1;
  const color = wantsColor(io, flags);
  const width = io.stdout.isTTY === true ? io.stdout.columns : undefined;
  io.stdout.write(formatResources(groups, { format, single, color, width, now: systemClock.now() }));
  return missing ? 1 : 0;
};
