/** Owns which view fits: the format asked for, and what the output is. */
import type { Clock } from '@firn/stores';
import type { CommandIo, FlagValues } from '../command.ts';
import { flagText } from '../read-flags.ts';
import { JsonView } from './json-view.ts';
import { LineView } from './line-view.ts';
import { LiveView } from './live-view.ts';
import { PacedView } from './paced-view.ts';
import type { View, WatchedName } from './view.ts';

/** What the chosen view shows. */
export interface ViewContent {
  readonly title: string;
  readonly watched: readonly WatchedName[];
  /** A command line for the user, told before the notes. */
  readonly command?: string;
  readonly notes: readonly string[];
  readonly clock: Clock;
}

/** Whether to write colours: `--color`, else on a terminal unless NO_COLOR is set or the terminal is dumb. */
export function wantsColor({ stdout, env }: CommandIo, flags: FlagValues): boolean {
  const when = flagText(flags, 'color') ?? 'auto';
  if (when !== 'auto') return when === 'always';
  return stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
}

/** A live table on a terminal, lines on a dumb one, JSON lines elsewhere; `-o` decides before all that. */
export function chooseView(io: CommandIo, flags: FlagValues, content: ViewContent): View {
  const { stdout, stderr, env } = io;
  const { clock } = content;
  const color = wantsColor(io, flags);
  const format = flagText(flags, 'output');
  const announce = <V extends View>(view: V): V => {
    const { command, notes } = content;
    for (const text of command === undefined ? notes : [command, ...notes]) view.remark(text);
    return view;
  };
  const lines = (kind: 'text' | 'name' | 'yaml'): View =>
    announce(new PacedView(new LineView({ stdout, stderr, format: kind, color, clock }), stdout));
  if (format === 'wide') return lines('text');
  if (format === 'name' || format === 'yaml') return lines(format);
  const terminal = format === undefined && stdout.isTTY === true;
  if (terminal && env.TERM === 'dumb') return lines('text');
  if (terminal) return new LiveView({ stdout, color, suspendables: io.suspendables, ...content });
  return announce(new PacedView(new JsonView({ stdout, stderr, clock }), stdout));
}
