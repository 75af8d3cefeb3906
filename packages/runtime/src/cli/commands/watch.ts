/** Owns `firn watch`: resources of a cluster, shown as they change. */
import { readFile } from 'node:fs/promises';
import { ConfigError, FirnError } from '@firn/core';
import { systemClock } from '@firn/stores';
import type { KubeConfig } from '@kubernetes/client-node';
import { loadWatchedResources } from '../../config/load-watched-resources.ts';
import { createRuntime } from '../../runtime/create-runtime.ts';
import type { WatchedMap } from '../../runtime/runtime.ts';
import { visibleText } from '../../visible-text.ts';
import { SELECTION_FLAGS } from '../cluster-flags.ts';
import type { FlagValues, Invocation, RunCommand } from '../command.ts';
import { commandLogger } from '../command-logger.ts';
import { contextNamespace, loadKubeConfig } from '../load-kube-config.ts';
import { flagDuration, flagText, readSelection } from '../read-flags.ts';
import { resolveResources, splitNames } from '../resolve-resources.ts';
import { showWatcher } from '../show-watchers.ts';
import { untilDone } from '../until-done.ts';
import { UsageError } from '../usage-error.ts';
import { chooseView } from '../views/choose-view.ts';
import type { WatchedName } from '../views/view.ts';

const COMMAND = 'watch';
/** What nobody wants to read or keep when watching. */
const IGNORED = [
  'metadata.managedFields',
  "metadata.annotations['kubectl.kubernetes.io/last-applied-configuration']",
];

interface Plan {
  readonly resources: WatchedMap;
  readonly watched: readonly WatchedName[];
  /** For the title. */
  readonly scope: string;
}

async function planFromFile(file: string, invocation: Invocation): Promise<Plan> {
  const extra = SELECTION_FLAGS.find(({ name }) => invocation.flags.has(name));
  if (extra !== undefined || invocation.operands.length > 0) {
    const what = extra === undefined ? 'resources' : `--${extra.name}`;
    throw new UsageError(`--config and ${what} exclude each other: the file says it all.`, {
      command: COMMAND,
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

async function planFromOperands(invocation: Invocation, kubeConfig: KubeConfig): Promise<Plan> {
  const { flags, operands, io } = invocation;
  const selection = readSelection(flags, COMMAND);
  const names = splitNames(operands, COMMAND);
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

function title(plan: Plan, kubeConfig: KubeConfig): string {
  return `firn watch · ${visibleText(kubeConfig.getCurrentContext(), 40)} · ${visibleText(plan.scope, 60)}`;
}

function notesOf(flags: FlagValues, scope: string): readonly string[] {
  const hint = flags.has('all-namespaces') || flags.has('config') ? '' : ' -A watches all namespaces.';
  return [`Watching ${scope}.${hint} Ctrl-C ends it.`];
}

/** Runs `firn watch`. */
export const runWatch: RunCommand = async (invocation) => {
  const { flags, operands, io } = invocation;
  const duration = flagDuration(flags, 'for', COMMAND);
  const file = flagText(flags, 'config');
  if (file === undefined) splitNames(operands, COMMAND);
  readSelection(flags, COMMAND);
  const fromFile = file === undefined ? undefined : await planFromFile(file, invocation);
  const kubeConfig = loadKubeConfig({
    file: flagText(flags, 'kubeconfig'),
    context: flagText(flags, 'context'),
    env: io.env,
  });
  const plan = fromFile ?? (await planFromOperands(invocation, kubeConfig));
  const runtime = createRuntime({ kubeConfig, resources: plan.resources, logger: commandLogger(flags, io) });
  const view = chooseView(io, flags, {
    title: title(plan, kubeConfig),
    watched: plan.watched,
    notes: notesOf(flags, plan.scope),
    clock: systemClock,
  });
  let unseen: readonly WatchedName[] = [];
  try {
    for (const watched of plan.watched) {
      const watcher = runtime.watchers[watched.name];
      if (watcher !== undefined) showWatcher(watched, watcher, view);
    }
    runtime.start();
    await untilDone(io.signal, duration, systemClock);
    unseen = plan.watched.filter(({ name }) => runtime.watchers[name]?.isSynced !== true);
  } finally {
    await runtime.stop();
    view.close();
    await runtime[Symbol.asyncDispose]();
  }
  if (unseen.length === 0 || io.signal.aborted) return 0;
  throw new FirnError(
    `never in sync within the time of --for: ${visibleText(unseen.map(({ name }) => name).join(', '))}.`,
    { code: 'NEVER_SYNCED', retryable: true },
  );
};
