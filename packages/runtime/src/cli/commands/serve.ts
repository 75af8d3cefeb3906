/** Owns `firn serve`: a moment of a recorded log as an API server, until Ctrl-C. */
import { systemClock } from '@firn/stores';
import { isoTime } from '../../serve-log/moment-in-log.ts';
import type { PlayOptions } from '../../serve-log/playing.ts';
import { type ServedLog, type ServeLogOptions, serveLog } from '../../serve-log/serve-log.ts';
import { visibleText } from '../../visible-text.ts';
import type { FlagValues, RunCommand } from '../command.ts';
import { writeKubeConfigFile } from '../kube-config-file.ts';
import { readMoment } from '../moment.ts';
import { portTaken } from '../port-taken.ts';
import { flagCount, flagText } from '../read-flags.ts';
import { readSpeed } from '../speed.ts';
import { untilDone } from '../until-done.ts';
import { UsageError } from '../usage-error.ts';

const COMMAND = 'serve';
const NOW = 'now';

interface ServeOptions extends ServeLogOptions {
  readonly port: number;
}

/** Runs `firn serve`. */
export const runServe: RunCommand = async ({ flags, operands, io }) => {
  const [folder, ...more] = operands;
  if (folder === undefined || more.length > 0) {
    throw new UsageError('Name one folder that was recorded to.', { command: COMMAND });
  }
  const options = readOptions(flags, systemClock.now());
  const log = await serveLog(folder, options).catch((error: unknown) => {
    throw portTaken(error, options.port);
  });
  try {
    const kubeconfig = await writeKubeConfigFile(log.kubeconfigYaml);
    try {
      const say = (text: string): void => void io.stderr.write(`${visibleText(text, 2000)}\n`);
      for (const line of aboutLog(folder, log, options)) say(line);
      const [first = ''] = log.resources.keys();
      const shown = log.resources.get(first)?.resourceName ?? '';
      io.stdout.write(`kubectl --kubeconfig ${kubeconfig.path} get ${visibleText(shown)} -A\n`);
      const told = log.played?.then(({ events, time }) => {
        if (!io.signal.aborted)
          say(`Played ${count(events, 'event')}; it is ${isoTime(time)} there now, and stays so.`);
        return new Promise<never>(() => undefined);
      });
      await Promise.race([
        untilDone(io.signal, undefined, systemClock),
        ...(told === undefined ? [] : [told]),
      ]);
      return 0;
    } finally {
      await kubeconfig.remove();
    }
  } finally {
    await log.close();
  }
};

function readOptions(flags: FlagValues, now: number): ServeOptions {
  const port = flagCount(flags, 'port', { command: COMMAND, least: 0, most: 65_535, fallback: 0 });
  const moment = (name: string): number | undefined => {
    const text = flagText(flags, name);
    // Where a log ends is not now, but later nothing is known.
    return text === undefined || text === NOW ? undefined : readMoment(text, now, COMMAND);
  };
  const [at, until] = [moment('at'), moment('until')];
  const play = readPlay(flags, until);
  if (play === undefined && flags.has('until'))
    throw new UsageError('--until needs --speed.', { command: COMMAND });
  if (play !== undefined && at === undefined)
    throw new UsageError('--speed needs a moment to play from: --at.', { command: COMMAND });
  if (until !== undefined && at !== undefined && until <= at)
    throw new UsageError('--until must be later than --at.', { command: COMMAND });
  return { at, port, play };
}

function readPlay(flags: FlagValues, until: number | undefined): PlayOptions | undefined {
  const text = flagText(flags, 'speed');
  return text === undefined ? undefined : { speed: readSpeed(text, COMMAND), until };
}

function* aboutLog(folder: string, log: ServedLog, { play }: ServeOptions): Generator<string> {
  const sizes = [...log.resources].map(([name, { table }]) => `${name} (${table.size})`);
  yield `Serving ${folder} as it was at ${isoTime(log.time)} on ${log.url}, read only: ${sizes.join(', ')}.`;
  for (const name of log.notInSync) yield `${name}: not in sync at that moment, and therefore empty.`;
  for (const name of log.references) yield `${name}: left out, since only references were recorded.`;
  for (const name of log.unknown) yield `${name}: left out, since no object of it was recorded.`;
  for (const [name, paths] of log.redacted)
    yield `${name}: redacted when it was recorded: ${paths.join(', ')}.`;
  if (play !== undefined)
    yield `What came afterwards is played, ${speedText(play)}, from the first watch on.`;
  yield 'Ctrl-C ends it.';
}

function speedText({ speed }: PlayOptions): string {
  if (speed === Number.POSITIVE_INFINITY) return 'as fast as it is read';
  return speed === 1 ? 'as fast as it was' : `${speed} times as fast as it was`;
}

function count(number: number, one: string): string {
  return `${number} ${one}${number === 1 ? '' : 's'}`;
}
