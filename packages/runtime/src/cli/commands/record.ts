/** Owns `firn record`: resources of a cluster, watched into a folder. */
import { systemClock } from '@firn/stores';
import { type EventLog, openEventLog } from '../../recording/event-log.ts';
import { createRuntime } from '../../runtime/create-runtime.ts';
import { visibleText } from '../../visible-text.ts';
import type { WatchState } from '../../watcher/watch-state.ts';
import type { RunCommand } from '../command.ts';
import { commandLogger } from '../command-logger.ts';
import { flagDuration, flagText } from '../read-flags.ts';
import { stateNews } from '../state-news.ts';
import { untilDone } from '../until-done.ts';
import { UsageError } from '../usage-error.ts';
import { neverSynced, readWatchPlan } from '../watch-plan.ts';

const COMMAND = 'record';

/** Runs `firn record`. */
export const runRecord: RunCommand = async (invocation) => {
  const { flags, io } = invocation;
  const [folder, ...operands] = invocation.operands;
  if (folder === undefined) throw new UsageError('Name the folder to record to.', { command: COMMAND });
  const duration = flagDuration(flags, 'for', COMMAND);
  const age = flagDuration(flags, 'keep', COMMAND);
  const { plan, kubeConfig } = await readWatchPlan(invocation, operands, COMMAND);
  const fsync = (flagText(flags, 'fsync') ?? 'interval') as 'always' | 'interval' | 'never';
  const eventLog = await openEventLog(folder, {
    fsync,
    ...(age === undefined ? undefined : { keep: { age } }),
  });
  const say = (text: string): void => void io.stderr.write(`${visibleText(text, 2000)}\n`);
  const stopping = new AbortController();
  eventLog.errors$.subscribe((error) => {
    say(error.message);
    // Without a log there is nothing left to do here.
    if (eventLog.state.phase === 'stopped') stopping.abort();
  });
  try {
    const runtime = createRuntime({
      kubeConfig,
      resources: plan.resources,
      eventLog,
      logger: commandLogger(flags, io),
    });
    say(`Recording ${plan.scope} to ${folder}. Ctrl-C ends it.`);
    let unseen: readonly string[] = [];
    try {
      for (const [name, watcher] of Object.entries(runtime.watchers)) {
        let before: WatchState | undefined;
        watcher?.state$.subscribe((state) => {
          const news = stateNews(before, state, watcher.store.size, systemClock.now());
          before = state;
          if (news !== undefined) say(`${name}: ${news}`);
        });
      }
      runtime.start();
      await untilDone(AbortSignal.any([io.signal, stopping.signal]), duration, systemClock);
      unseen = Object.entries(runtime.watchers).flatMap(([name, watcher]) =>
        watcher?.isSynced === true ? [] : [name],
      );
    } finally {
      await runtime.stop();
      await runtime[Symbol.asyncDispose]();
    }
    await eventLog.close();
    return endOf(eventLog, unseen, io.signal.aborted, say);
  } finally {
    await eventLog.close();
  }
};

function endOf(
  { state }: EventLog,
  unseen: readonly string[],
  isInterrupted: boolean,
  say: (text: string) => void,
): number {
  const { written, segment, lastError } = state;
  say(`${written} records are in the log, the last of them in segment ${segment}.`);
  if (lastError !== undefined) throw lastError;
  if (unseen.length === 0 || isInterrupted) return 0;
  throw neverSynced(unseen);
}
