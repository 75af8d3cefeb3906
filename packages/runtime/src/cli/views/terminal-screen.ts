/** Owns the drawing of lines on a terminal's alternate screen: only lines that changed are written. */
import type { OutputStream } from '../command.ts';
import type { ScreenSize } from '../screen.ts';
import type { Suspendable } from '../suspension.ts';

const CLEAR = '\u001b[2J';
const ENTER = `\u001b[?1049h\u001b[?25l\u001b[?7l${CLEAR}`;
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l';

/** A terminal that is drawn on; `close` gives it back as it was, with the last frame left standing. */
export class TerminalScreen implements Suspendable {
  readonly #out: OutputStream;
  readonly #redraw: () => void;
  readonly #resized: () => void = () => this.#startOver(CLEAR);
  #shown: readonly string[] = [];
  #suspended = false;

  /** `redraw` is called when everything has to be drawn anew. */
  constructor(out: OutputStream, redraw: () => void) {
    this.#out = out;
    this.#redraw = redraw;
    out.on('resize', this.#resized);
    out.write(ENTER);
  }

  get size(): ScreenSize {
    return { columns: this.#out.columns || 80, rows: this.#out.rows || 24 };
  }

  draw(lines: readonly string[]): void {
    if (this.#suspended) return;
    let update = '';
    for (let row = 0; row < Math.max(lines.length, this.#shown.length); row++) {
      const line = lines[row] ?? '';
      if (line !== this.#shown[row]) update += `\u001b[${row + 1};1H\u001b[2K${line}`;
    }
    this.#shown = lines;
    if (update !== '') this.#out.write(update);
  }

  suspend(): void {
    if (this.#suspended) return;
    this.#suspended = true;
    this.#out.write(LEAVE);
  }

  resume(): void {
    this.#suspended = false;
    // Entered again even if it was not left: whoever stopped the process may have changed the terminal.
    this.#startOver(ENTER);
  }

  close(lines: readonly string[]): void {
    this.#out.off('resize', this.#resized);
    const last = lines.findLastIndex((line) => line !== '') + 1;
    const leave = this.#suspended ? '' : LEAVE;
    this.#out.write(`${leave}${lines.slice(0, last).join('\n')}\n`);
  }

  #startOver(how: string): void {
    if (this.#suspended) return;
    this.#shown = [];
    this.#out.write(how);
    this.#redraw();
  }
}
