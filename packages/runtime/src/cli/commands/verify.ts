/** Owns `firn verify`: whether a recorded log is whole, and its repair. */
import { EventLogReader } from '../../event-log/event-log-reader.ts';
import { repairEventLog } from '../../event-log/repair-event-log.ts';
import { type CheckpointMismatch, type VerifyReport, verifyLog } from '../../replay/verify-log.ts';
import { visibleText } from '../../visible-text.ts';
import type { RunCommand } from '../command.ts';
import { UsageError } from '../usage-error.ts';

const COMMAND = 'verify';

/** Runs `firn verify`. */
export const runVerify: RunCommand = async ({ flags, operands, io }) => {
  const [folder, ...more] = operands;
  if (folder === undefined || more.length > 0) {
    throw new UsageError('Name one folder that was recorded to.', { command: COMMAND });
  }
  const say = (text: string): void => void io.stdout.write(`${visibleText(text, 2000)}\n`);
  if (flags.has('repair')) {
    const { damage, movedAside } = await repairEventLog(folder);
    if (damage === undefined) say('Nothing to repair.');
    else say(damage.message);
    for (const file of movedAside) say(`moved aside: ${file}`);
  }
  const report = await verifyLog(await EventLogReader.open(folder));
  for (const line of reportLines(folder, report)) say(line);
  return report.damage === undefined && report.mismatches.length === 0 ? 0 : 1;
};

function reportLines(folder: string, report: VerifyReport): readonly string[] {
  const { segments, runs, batches, checkpoints, mismatches, damage, tornTail } = report;
  const agree = checkpoints - mismatches.length;
  const compared =
    checkpoints === 0
      ? 'no checkpoint to compare'
      : `${agree} of ${count(checkpoints, 'checkpoint')} agree with the events before them`;
  return [
    `${folder}: ${count(segments, 'segment')}, ${count(runs, 'run')}, ${count(batches, 'batch', 'batches')}, ${compared}.`,
    ...mismatches.map(mismatchLine),
    ...(tornTail === undefined
      ? []
      : [`The end was not written to its end, and counts for nothing: ${tornTail.message}`]),
    ...(damage === undefined ? [] : [damage.message]),
  ];
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

function mismatchLine({ resource, file, offset, expected, found }: CheckpointMismatch): string {
  return `${resource}: the checkpoint at byte ${offset} of ${file} has modCount ${expected.modCount} and digest ${expected.digest}, the events before it make ${found.modCount} and ${found.digest}.`;
}
