/** Owns `firn diff`: what changed between two moments of a recorded log. */
import { type Change, diff, type KubernetesObject, type Resource } from '@firn/core';
import { systemClock } from '@firn/stores';
import { createPatch } from 'rfc6902';
import { type Replay, replay } from '../../replay/replay.ts';
import { type LabelSelector, parseLabelSelector } from '../../testing/api-server/label-selector.ts';
import { visibleJson, visibleText } from '../../visible-text.ts';
import type { RunCommand } from '../command.ts';
import { hideSecretChanges } from '../hide-secrets.ts';
import { readMoment } from '../moment.ts';
import { flagText, readSelection } from '../read-flags.ts';
import { chosenNames } from '../recorded-names.ts';
import { shownIdentity } from '../screen.ts';
import { renderLine, type StyledLine, span } from '../styled-line.ts';
import { UsageError } from '../usage-error.ts';
import { wantsColor } from '../views/choose-view.ts';
import { formatFieldChange, whatChanged } from '../what-changed.ts';

const COMMAND = 'diff';
/** Differences of one resource that are shown. */
const MOST_DIFFERENCES = 200;

type ResourceChange = Change<KubernetesObject>;

/** Runs `firn diff`. */
export const runDiff: RunCommand = async ({ flags, operands, io }) => {
  const [folder, from, to, ...names] = operands;
  if (folder === undefined || from === undefined || to === undefined) {
    throw new UsageError('Name the folder and two moments.', { command: COMMAND });
  }
  const now = systemClock.now();
  const [older, newer] = [readMoment(from, now, COMMAND), readMoment(to, now, COMMAND)];
  const { namespace, labelSelector } = readSelection(flags, COMMAND);
  const isSelected = readLabels(labelSelector);
  const log = await replay(folder);
  const color = wantsColor(io, flags);
  const isJson = flagText(flags, 'output') === 'json';
  for (const name of chosenNames(log.resources, names, COMMAND)) {
    for (const change of await changesBetween(log, name, older, newer)) {
      if (!isChosen(change, namespace, isSelected)) continue;
      if (isJson) io.stdout.write(`${visibleJson(asPatch(name, change))}\n`);
      else for (const line of asLines(name, change)) io.stdout.write(`${renderLine(line, color)}\n`);
    }
  }
  return 0;
};

function readLabels(text: string | undefined): LabelSelector | undefined {
  try {
    return parseLabelSelector(text);
  } catch (error) {
    throw new UsageError(`${visibleText((error as Error).message, 200)}.`, { command: COMMAND });
  }
}

function isChosen(
  change: ResourceChange,
  namespace: string | undefined,
  isSelected: LabelSelector | undefined,
): boolean {
  if (namespace && change.ref.namespace !== namespace) return false;
  // The labels of either state count.
  return isSelected === undefined || objectsOf(change).some((object) => isSelected(labelsOf(object)));
}

function labelsOf(object: unknown): Parameters<LabelSelector>[0] {
  return (object as KubernetesObject | undefined)?.metadata?.labels;
}

async function changesBetween(
  log: Replay,
  name: string,
  older: number,
  newer: number,
): Promise<Iterable<ResourceChange>> {
  const before = await log.at({ time: older }, name);
  return diff(before, await log.at({ time: newer }, name));
}

/** What is there of a reference is the reference. */
function objectsOf(change: ResourceChange): readonly [older: unknown, newer: unknown] {
  const read = (of: () => Resource<KubernetesObject> | undefined): unknown => {
    try {
      return of();
    } catch {
      return undefined;
    }
  };
  const older = change.type === 'added' ? undefined : read(() => change.previous);
  return [older, change.type === 'deleted' ? undefined : read(() => change.object)];
}

function asPatch(resource: string, change: ResourceChange): object {
  const { type, ref } = change;
  const [older, newer] = objectsOf(change);
  const { namespace, name, uid } = ref;
  const patch = older === undefined || newer === undefined ? undefined : createPatch(older, newer);
  return {
    type,
    resource,
    namespace,
    name,
    uid,
    ...(patch === undefined ? { object: newer ?? older } : { patch }),
  };
}

function asLines(resource: string, change: ResourceChange): readonly StyledLine[] {
  const { type, ref } = change;
  const sign = { added: '+', modified: '~', deleted: '-' }[type];
  const style = ({ added: 'good', modified: 'changed', deleted: 'bad' } as const)[type];
  const head = [
    span(`${sign} `, style),
    span(`${visibleText(resource)} `),
    span(shownIdentity(ref.namespace, ref.name), 'bold'),
  ];
  if (type !== 'modified') return [head];
  const [older, newer] = objectsOf(change);
  const { changes, more } = hideSecretChanges(newer, whatChanged(older, newer, MOST_DIFFERENCES));
  const rest = more ? ['…'] : [];
  return [head, ...[...changes.map(formatFieldChange), ...rest].map((text) => [span(`    ${text}`)])];
}
