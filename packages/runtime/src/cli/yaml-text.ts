/** Owns how resources are written as YAML. */
import { stringify } from 'yaml';

/** YAML that kubectl reads as it was meant: it follows YAML 1.1, where `on`, `y` or `1_000` are no text. */
export function yamlText(value: unknown): string {
  return stringify(value, { aliasDuplicateObjects: false, compat: 'yaml-1.1' });
}
