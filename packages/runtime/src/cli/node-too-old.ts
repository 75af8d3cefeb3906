/** Owns the oldest Node.js that the command runs on: older ones fail somewhere in a dependency. */

const OLDEST: readonly [major: number, minor: number] = [22, 19];

/** What to tell the user of a Node.js that is too old; `undefined` if it is not. */
export function nodeTooOld(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return undefined;
  return `Node.js ${OLDEST.join('.')} or later is needed, but this is ${version}.`;
}
