/** Command line arguments of a server: defaults, and what a test wants otherwise. */

/**
 * The defaults without those flags that `overrides` names (as `--name=value` or `--name`), then the overrides.
 * Only so can a list flag be replaced: given twice, its values add up.
 */
export function mergeArgs(defaults: readonly string[], overrides: readonly string[]): string[] {
  const overridden = new Set(overrides.map(flagName));
  return [...defaults.filter((arg) => !overridden.has(flagName(arg))), ...overrides];
}

function flagName(arg: string): string {
  return arg.split('=', 1)[0] ?? arg;
}
