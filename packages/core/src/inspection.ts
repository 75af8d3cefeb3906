/** Owns how firn's classes look in logs and debuggers: never more than references. */

/** Lets `inspect` (and so `console.log`) show what `toJSON` gives, without touching a getter. */
export function inspectAsJson(prototype: { toJSON(): object }): void {
  Object.defineProperty(prototype, Symbol.for('nodejs.util.inspect.custom'), {
    value(this: { toJSON(): object }): object {
      return this.toJSON();
    },
  });
}
