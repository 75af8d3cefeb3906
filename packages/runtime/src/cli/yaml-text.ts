/** Owns how resources are written as YAML. */
import { Document, visit } from 'yaml';
import { escapeHidden } from '../visible-text.ts';

/**
 * YAML that kubectl reads as it was meant: it follows YAML 1.1, where `on`, `y` or `1_000` are no text. Control
 * characters are written as escapes, so that a terminal shows them.
 */
export function yamlText(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false, compat: 'yaml-1.1' });
  visit(document, {
    Scalar(_, scalar) {
      const { value: text } = scalar;
      // Only between double quotes there are escapes.
      if (typeof text === 'string' && escapeHidden(text) !== text) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  return escapeHidden(document.toString());
}
