/** Owns `firn watch`: resources of a cluster, shown as they change. */
import { systemClock } from '@firn/stores';
import type { KubeConfig } from '@kubernetes/client-node';
import { createRuntime } from '../../runtime/create-runtime.ts';
import { visibleText } from '../../visible-text.ts';
import type { FlagValues, RunCommand } from '../command.ts';
import { commandLogger } from '../command-logger.ts';
import { flagDuration } from '../read-flags.ts';
import { showWatcher } from '../show-watchers.ts';
import { untilDone } from '../until-done.ts';
import { chooseView } from '../views/choose-view.ts';
import type { WatchedName } from '../views/view.ts';
import { neverSynced, readWatchPlan, type WatchPlan } from '../watch-plan.ts';

const COMMAND = 'watch';

function title(plan: WatchPlan, kubeConfig: KubeConfig): string {
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
  const { plan, kubeConfig } = await readWatchPlan(invocation, operands, COMMAND);
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
  throw neverSynced(unseen.map(({ name }) => name));
};
