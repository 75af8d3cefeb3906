/** Owns the kinds of values that Kubernetes and firn themselves define: durations, field paths, types, selectors. */
import { FieldPathError, FirnError, parseDuration, parseGvr, validateFieldPath } from '@firn/core';
import { isScalar, type Node } from 'yaml';
import { list, mapOrText, record } from './collection-shapes.ts';
import { formatLabelSelector, labelKey, labelSelector, labelValue } from './label-selector.ts';
import { described, type Place, type Shape, text } from './shape.ts';

const DURATION = '^(?:\\d+(?:\\.\\d+)?(?:ms|s|m|h))+$';
const DURATION_IN_WORDS = "a duration such as '500ms', '15m' or '1h30m', or a number of milliseconds";

/** A length of time as `parseDuration` reads it; `positive`: more than nothing. */
export function duration(options: { readonly positive?: boolean } = {}): Shape<number> {
  const positive = options.positive ?? false;
  return {
    schema: {
      anyOf: [
        { type: 'number', ...(positive ? { exclusiveMinimum: 0 } : { minimum: 0 }) },
        {
          type: 'string',
          maxLength: 64,
          pattern: positive ? `^(?=.*[1-9])${DURATION.slice(1)}` : DURATION,
        },
      ],
    },
    read(node, at) {
      const value = isScalar(node) ? node.value : undefined;
      if (typeof value !== 'string' && typeof value !== 'number') throw at.wrongType(node, DURATION_IN_WORDS);
      try {
        const milliseconds = parseDuration(value);
        if (milliseconds === 0 && positive) throw at.error(node, 'must be longer than 0.');
        return milliseconds;
      } catch (cause) {
        if (!(cause instanceof FirnError) || cause.code !== 'INVALID_DURATION') throw cause;
        const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value);
        throw at.error(node, `must be ${DURATION_IN_WORDS}, but is ${shown}.`, { code: cause.code, cause });
      }
    },
  };
}

const pathText = text('a field path, such as metadata.name');

/** A field path; a schema cannot say its grammar. */
const fieldPath: Shape<string> = {
  schema: { type: 'string', minLength: 1, maxLength: 1024 },
  read(node, at) {
    const expression = pathText.read(node, at);
    try {
      validateFieldPath(expression);
    } catch (cause) {
      if (!(cause instanceof FieldPathError)) throw cause;
      const where = `at position ${cause.position} of ${JSON.stringify(expression.slice(0, 120))}`;
      throw at.error(node, `is not a field path: it goes wrong ${where}. ${cause.hint}`, {
        code: cause.code,
        cause,
        within: cause.position,
        suggestion: cause.hint,
      });
    }
    return expression;
  },
};

/** Field paths: at least one, or none as well. */
export function fieldPaths(options: { readonly atLeastOne?: boolean } = {}): Shape<readonly string[]> {
  return list(fieldPath, options);
}

const LABEL = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?';
const USUAL_VERSION = 'v\\d+(?:(?:alpha|beta)\\d+)?';
const GROUP = `(?=[^/]{1,253}/)(?!${USUAL_VERSION}/)${LABEL}(?:\\.${LABEL})*`;
const VERSION = '[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?';

const apiVersionText = text(
  'a group and a version such as networking.k8s.io/v1, or v1 alone for the core group',
  {
    pattern: new RegExp(`^(?:${GROUP}/${VERSION}|${USUAL_VERSION})$`),
    maxLength: 317,
  },
);

/** `v1`, or a group and a version. */
export const apiVersion: Shape<string> = described(
  {
    schema: apiVersionText.schema,
    read(node, at) {
      const value = apiVersionText.read(node, at);
      try {
        // The pattern is for editors; what counts is whether it makes a type.
        parseGvr(`${value}/anything`);
      } catch (cause) {
        if (!(cause instanceof FirnError)) throw cause;
        throw at.error(node, 'is not the API version of a type.', { code: cause.code, cause });
      }
      return value;
    },
  },
  { examples: ['v1', 'networking.k8s.io/v1'] },
);

const plural = text('the lower-case plural of a type, such as ingresses', {
  pattern: /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/,
  maxLength: 63,
});

/** `NetworkPolicy` as `networkpolicies`: how nearly every type forms its plural. */
function pluralOf(kind: string): string {
  const word = kind.toLowerCase();
  if (/(?:s|x|ch|sh)$/.test(word)) return `${word}es`;
  return /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`;
}

/** The plural that names a type in paths; a kind is recognised and corrected. */
export const resourcePlural: Shape<string> = {
  schema: plural.schema,
  read(node, at) {
    if (isScalar(node) && typeof node.value === 'string' && /^[A-Z][A-Za-z0-9]{0,62}$/.test(node.value)) {
      const suggestion = pluralOf(node.value);
      throw at.error(
        node,
        `must be the lower-case plural, but is the kind ${node.value}. Did you mean ${suggestion}?`,
        {
          suggestion,
        },
      );
    }
    return plural.read(node, at);
  },
};

/** A namespace, or `''` for all of them. */
export const namespaceName: Shape<string> = text("the name of a namespace, or '' for all", {
  pattern: /^(?:[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)?$/,
  maxLength: 63,
});

const labels = record(
  { pattern: labelKey, expected: 'the key of a label, such as app or app.kubernetes.io/name' },
  text("the value of a label: up to 63 letters, digits, '-', '_' and '.'", {
    pattern: labelValue,
    maxLength: 63,
  }),
);

const selectorText = text("a label selector, such as 'app=shop,tier in (web, api)'", {
  pattern: labelSelector,
  maxLength: 4096,
});

const eitherSelector = mapOrText(labels, selectorText);

/** Labels as a map, or a selector as text; read as text. */
export const selector: Shape<string> = {
  schema: eitherSelector.schema,
  read(node: Node, at: Place): string {
    const value = eitherSelector.read(node, at);
    return typeof value === 'string' ? value : formatLabelSelector(value);
  },
};

/** `key=value` pairs as the API server takes them. */
export const fieldSelector: Shape<string> = text("a field selector, such as 'type=kubernetes.io/tls'", {
  pattern: /^(?:[^=!,\s]+(?:==|=|!=)[^=!,\s]*(?:,[^=!,\s]+(?:==|=|!=)[^=!,\s]*)*)?$/,
});
