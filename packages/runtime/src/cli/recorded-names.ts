/** Owns which resources of a recorded log a command is about. */
import { visibleText } from '../visible-text.ts';
import { UsageError } from './usage-error.ts';

/** Those that are named, or all of the log. */
export function chosenNames(
  resources: Readonly<Record<string, unknown>>,
  names: readonly string[],
  command: string,
): readonly string[] {
  const known = Object.keys(resources);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names.length === 0 ? known : names;
  throw new UsageError(
    `The log has no resource ${JSON.stringify(visibleText(unknown, 80))}. There are: ${visibleText(known.join(', '), 300)}.`,
    { command },
  );
}
