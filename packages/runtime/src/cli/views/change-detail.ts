/** Owns the words for one change: when it came and what it did. */
import { hideSecretChanges } from '../hide-secrets.ts';
import { formatWhatChanged, whatChanged } from '../what-changed.ts';
import type { ShownChange } from './view.ts';

const MOST_DIFFERENCES = 3;

/** Wall-clock milliseconds as `12:34:56`, in local time. */
export function clockTime(epochMs: number): string {
  const date = new Date(epochMs);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

/** A short difference for a modified resource; empty where there is nothing to compare. */
export function changeDetail({ type, object, previous }: ShownChange): string {
  if (type !== 'modified' || previous === undefined) return '';
  return formatWhatChanged(hideSecretChanges(object, whatChanged(previous, object, MOST_DIFFERENCES)));
}
