/** Owns the state of all recorded resources as a checkpoint: in slices, from snapshots that are free. */
import type { KubernetesObject, Snapshot } from '@firn/core';
import { type Entry, stateOf } from '@firn/core/engine';
import type { CheckpointSlice } from '../event-log/checkpoint-run.ts';
import { type EventBytes, itemBytes } from '../event-log/event-bytes.ts';
import { recordedDigest } from './recorded-digest.ts';
import type { RecordedForm } from './recorded-form.ts';
import { slices } from './resource-recorder.ts';

/** A resource that is recorded. */
export interface Checkpointed {
  readonly name: string;
  readonly form: RecordedForm;
  readonly snapshot: () => Snapshot<KubernetesObject>;
}

/** All snapshots are taken when the first slice is asked for. */
export async function* checkpointSlices(resources: Iterable<Checkpointed>): AsyncGenerator<CheckpointSlice> {
  const taken = Array.from(resources, ({ name, form, snapshot }) => ({ name, form, snapshot: snapshot() }));
  for (const { name, form, snapshot } of taken) yield* slicesOf(name, form, snapshot);
}

async function* slicesOf(
  resource: string,
  form: RecordedForm,
  snapshot: Snapshot<KubernetesObject>,
): AsyncGenerator<CheckpointSlice> {
  const { modCount, resourceVersion, size } = snapshot;
  const version = resourceVersion === undefined ? undefined : { resourceVersion };
  yield { resource, event: { type: 'CHECKPOINT', part: 'begin', modCount, ...version, size } };
  for (const entries of slices(stateOf(snapshot).identity)) yield { resource, event: itemsOf(entries, form) };
  const digest = await recordedDigest(snapshot, form.isWhole ? undefined : (entry) => form.valueOf(entry));
  yield { resource, event: { type: 'CHECKPOINT', part: 'end', modCount, digest } };
}

/** Keys stand beside the objects where they are not namespace and name: a call may have given others than the indexer. */
function itemsOf(entries: readonly Entry<KubernetesObject>[], form: RecordedForm): EventBytes {
  const keys = entries.map((entry) => (entry.isFiledByIdentity ? null : entry.keys));
  const objects = entries.map((entry) => form.of(entry) ?? []);
  return itemBytes('CHECKPOINT', objects, keys.some((each) => each !== null) ? keys : undefined);
}
