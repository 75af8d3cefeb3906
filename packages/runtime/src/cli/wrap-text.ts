/** Owns breaking a text into lines that fit a terminal, readable or copyable. */
import { textWidth } from './text-width.ts';

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Columns at most `width`, at least one character. */
function fitting(text: string, width: number): string {
  let taken = '';
  for (const { segment } of graphemes.segment(text)) {
    if (taken !== '' && textWidth(taken + segment) > width) break;
    taken += segment;
  }
  return taken;
}

function wrap(text: string, width: number, mark: string): readonly string[] {
  const lines: string[] = [];
  let rest = text;
  while (textWidth(rest) > width && textWidth(rest) > 1) {
    const most = fitting(rest, Math.max(1, width - mark.length));
    // One more character: a line may end right before a space.
    const space = rest.slice(0, most.length + (mark === '' ? 1 : 0)).lastIndexOf(' ');
    const end = space > 0 ? space + 1 : most.length;
    const line = rest.slice(0, end);
    lines.push(mark === '' ? line.trimEnd() : line + mark);
    rest = rest.slice(end);
  }
  return [...lines, rest];
}

/** Broken at spaces where there are any. */
export function wrapText(text: string, width: number): readonly string[] {
  return wrap(text, width, '');
}

/**
 * A shell's command line, broken with `\`: copied as it stands, it is the same command.
 *
 * @example
 * ```ts
 * wrapCommand('kubectl get pods', 12) // ['kubectl \\', 'get pods']
 * ```
 */
export function wrapCommand(command: string, width: number): readonly string[] {
  return width < 3 ? [command] : wrap(command, width, '\\');
}
