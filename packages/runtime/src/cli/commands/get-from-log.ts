/** Owns `firn get --log`: one look-up in a recorded log, as things were at a moment. */
import { type KubernetesObject, parseGvr, type Resource } from '@firn/core';
import { systemClock } from '@firn/stores';
import { replay } from '../../replay/replay.ts';
import { visibleText } from '../../visible-text.ts';
import { CONNECTION_FLAGS } from '../cluster-flags.ts';
import type { Invocation } from '../command.ts';
import { formatResources, type GetFormat } from '../format-resources.ts';
import { readMoment } from '../moment.ts';
import { flagText, readSelection } from '../read-flags.ts';
import { splitNames } from '../resolve-resources.ts';
import { UsageError } from '../usage-error.ts';
import { wantsColor } from '../views/choose-view.ts';

const COMMAND = 'get';
/** What needs a server, or what a log was not recorded with. */
const NOT_FOR_LOGS = [
  ...CONNECTION_FLAGS.map(({ name }) => name),
  ...['selector', 'field-selector', 'index-by', 'store'],
];

type Found = readonly Resource<KubernetesObject>[];

/** Prints what a log says of a resource; exit code 1 if that is nothing under the keys. */
export async function getFromLog(folder: string, { flags, operands, io }: Invocation): Promise<number> {
  const wrong = NOT_FOR_LOGS.find((name) => flags.has(name));
  if (wrong !== undefined)
    throw new UsageError(`--log and --${wrong} exclude each other.`, { command: COMMAND });
  const [name = '', ...more] = splitNames(operands.slice(0, 1), COMMAND);
  if (more.length > 0) throw new UsageError('With --log, name one resource.', { command: COMMAND });
  const { namespace } = readSelection(flags, COMMAND);
  const moment = readMoment(flagText(flags, 'at') ?? 'now', systemClock.now(), COMMAND);
  const log = await replay(folder);
  const state = await log.at({ time: moment }, name);
  const keys = [...(namespace ? [namespace] : []), ...operands.slice(1)];
  if (keys.length > state.numKeys) {
    throw new UsageError(`${keys.length} keys are too many: it was recorded with ${state.numKeys}.`, {
      command: COMMAND,
    });
  }
  const found: Found = keys.length === 0 ? state.list() : state.get(...keys);
  if (found.length === 0) {
    io.stderr.write(`No ${visibleText(name)} in the log at ${new Date(moment).toISOString()}.\n`);
    if (keys.length > 0) return 1;
  }
  const format = (flagText(flags, 'output') ?? 'table') as GetFormat;
  io.stdout.write(
    formatResources([{ resource: describe(log.resources[name]?.gvr ?? '', found), found }], {
      format,
      single: keys.length === state.numKeys && found.length === 1,
      color: wantsColor(io, flags),
      width: io.stdout.isTTY === true ? io.stdout.columns : undefined,
      now: moment,
    }),
  );
  return 0;
}

function describe(
  gvr: string,
  found: Found,
): { gvr: ReturnType<typeof parseGvr>; kind: string; namespaced: boolean } {
  const [first] = found;
  return {
    gvr: parseGvr(gvr),
    kind: first?.kind ?? '',
    namespaced: found.some(({ metadata }) => (metadata?.namespace ?? '') !== ''),
  };
}
