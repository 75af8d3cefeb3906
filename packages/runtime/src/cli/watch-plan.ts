/** Owns what a command watches: named on the command line, or read from a file. */
import { readFile } from 'node:fs/promises';
import { ConfigError, FirnError } from '@firn/core';
import type { KubeConfig } from '@kubernetes/client-node';
import { loadWatchedResources } from '../config/load-watched-resources.ts';
import type { WatchedMap } from '../runtime/runtime.ts';
import { visibleText } from '../visible-text.ts';
import { SELECTION_FLAGS } from './cluster-flags.ts';
import type { Invocation } from './command.ts';
import { commandLogger } from './command-logger.ts';
import { contextNamespace, loadKubeConfig } from './load-kube-config.ts';
import { flagText, readSelection } from './read-flags.ts';
import { resolveResources, splitNames } from './resolve-resources.ts';
import { UsageError } from './usage-error.ts';
import type { WatchedName } from './views/view.ts';

/** What nobody wants to read or keep when watching. */
const IGNORED = [
  'metadata.managedFields',
  "metadata.annotations['kubectl.kubernetes.io/last-applied-configuration']",
];

/** What is watched. */
export interface WatchPlan {
  readonly resources: WatchedMap;
  readonly watched: readonly WatchedName[];
  /** For the title. */
  readonly scope: string;
}

/** A plan, and the cluster that it is for. */
export interface ClusterPlan {
  readonly plan: WatchPlan;
  readonly kubeConfig: KubeConfig;
}

/** Reads what a command is to watch, of which cluster; what can be found wrong without asking a server is said first. */
export async function readWatchPlan(
  invocation: Invocation,
  operands: readonly string[],
  command: string,
): Promise<ClusterPlan> {
  const { flags, io } = invocation;
  const file = flagText(flags, 'config');
  if (file === undefined) splitNames(operands, command);
  readSelection(flags, command);
  const fromFile = file === undefined ? undefined : await planFromFile(file, invocation, operands, command);
  const kubeConfig = loadKubeConfig({
    file: flagText(flags, 'kubeconfig'),
    context: flagText(flags, 'context'),
    env: io.env,
  });
  return {
    plan: fromFile ?? (await planFromOperands(invocation, kubeConfig, operands, command)),
    kubeConfig,
  };
}

/** The failure of a command whose time was over before these were in sync. */
export function neverSynced(names: readonly string[]): FirnError {
  return new FirnError(`never in sync within the time of --for: ${visibleText(names.join(', '))}.`, {
    code: 'NEVER_SYNCED',
    retryable: true,
  });
}

/** What a file of watched resources says. */
async function planFromFile(
  file: string,
  invocation: Invocation,
  operands: readonly string[],
  command: string,
): Promise<WatchPlan> {
  const extra = SELECTION_FLAGS.find(({ name }) => invocation.flags.has(name));
  if (extra !== undefined || operands.length > 0) {
    const what = extra === undefined ? 'resources' : `--${extra.name}`;
    throw new UsageError(`--config and ${what} exclude each other: the file says it all.`, {
      command,
    });
  }
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ConfigError(`The file ${visibleText(file)} cannot be read.`, {
      code: 'UNREADABLE_FILE',
      file,
      cause,
    });
  });
  const { resources } = loadWatchedResources(text, { file });
  const watched = Object.entries(resources).map(([name, { gvr }]) => ({ name, gvr }));
  return { resources, watched, scope: file };
}

/** What is named on the command line, with the flags that select among it. */
async function planFromOperands(
  invocation: Invocation,
  kubeConfig: KubeConfig,
  operands: readonly string[],
  command: string,
): Promise<WatchPlan> {
  const { flags, io } = invocation;
  const selection = readSelection(flags, command);
  const names = splitNames(operands, command);
  const namespace = selection.namespace ?? contextNamespace(kubeConfig);
  const found = await resolveResources(kubeConfig, names, {
    logger: commandLogger(flags, io),
    signal: io.signal,
  });
  const { labelSelector, fieldSelector } = selection;
  const resources = found.map(({ name, gvr, namespaced }) => [
    name,
    {
      gvr,
      namespaced,
      ignoreFields: IGNORED,
      ...(namespaced ? { namespace } : {}),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    },
  ]);
  const scope = namespace === '' ? 'all namespaces' : `namespace ${namespace}`;
  return { resources: Object.fromEntries(resources), watched: found, scope };
}
