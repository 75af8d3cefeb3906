/** Owns `firn replay`: a recorded run, shown as it happened. */
import { parseGvr } from '@firn/core';
import { type Clock, systemClock } from '@firn/stores';
import { type Replay, type ReplayOptions, replay } from '../../replay/replay.ts';
import { visibleText } from '../../visible-text.ts';
import type { FlagValues, RunCommand } from '../command.ts';
import { readMoment } from '../moment.ts';
import { flagText } from '../read-flags.ts';
import { chosenNames } from '../recorded-names.ts';
import { showWatcher } from '../show-watchers.ts';
import { readSpeed } from '../speed.ts';
import { UsageError } from '../usage-error.ts';
import { chooseView } from '../views/choose-view.ts';

const COMMAND = 'replay';

/** Runs `firn replay`. */
export const runReplay: RunCommand = async ({ flags, operands, io }) => {
  const [folder, ...names] = operands;
  if (folder === undefined)
    throw new UsageError('Name the folder that was recorded to.', { command: COMMAND });
  const log = await replay(folder, readOptions(flags));
  const chosen = chosenNames(log.resources, names, COMMAND);
  const redacted = chosen.filter((name) => (log.resources[name]?.redacted ?? []).length > 0);
  const view = chooseView(io, flags, {
    title: `firn replay · ${visibleText(folder, 60)}`,
    watched: chosen.map((name) => ({ name, gvr: parseGvr(log.resources[name]?.gvr ?? '') })),
    notes: redacted.map(
      (name) => `Values of ${visibleText(name)} were redacted: they show only what differs.`,
    ),
    clock: shownClock(log),
  });
  try {
    const runtime = log.runtime();
    for (const name of chosen) {
      const watcher = runtime.watchers[name];
      if (watcher !== undefined)
        showWatcher({ name, gvr: parseGvr(log.resources[name]?.gvr ?? '') }, watcher, view);
    }
    const pause = (): void => log.pause();
    io.signal.addEventListener('abort', pause, { once: true });
    if (!io.signal.aborted) await log.run();
    await runtime[Symbol.asyncDispose]();
  } finally {
    view.close();
  }
  return 0;
};

function readOptions(flags: FlagValues): ReplayOptions {
  const now = systemClock.now();
  const moment = (name: 'from' | 'until'): Partial<ReplayOptions> => {
    const text = flagText(flags, name);
    return text === undefined ? {} : { [name]: readMoment(text, now, COMMAND) };
  };
  return {
    ...moment('from'),
    ...moment('until'),
    speed: readSpeed(flagText(flags, 'speed') ?? 'max', COMMAND),
  };
}

/** Lines bear the time of the log; a screen is painted in the time of the machine. */
function shownClock({ clock }: Replay): Clock {
  return { ...systemClock, now: () => clock.now() };
}
