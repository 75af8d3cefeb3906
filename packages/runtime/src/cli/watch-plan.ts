/** Owns what a command watches: named on the command line, or read from a file. */
import { readFile } from 'node:fs/promises';
import { ConfigError } from '@firn/core';
import type { KubeConfig } from '@kubernetes/client-node';
import { loadWatchedResources } from '../config/load-watched-resources.ts';
import type { WatchedMap } from '../runtime/runtime.ts';
import { visibleText } from '../visible-text.ts';
import { SELECTION_FLAGS } from './cluster-flags.ts';
import type { Invocation } from './command.ts';
import { commandLogger } from './command-logger.ts';
import { contextNamespace } from './load-kube-config.ts';
import { readSelection } from './read-flags.ts';
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

/** What a file of watched resources says. */
export async function planFromFile(
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
export async function planFromOperands(
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
