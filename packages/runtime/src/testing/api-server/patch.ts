/** Owns the choice among the kinds of patch. */
import { parse } from 'yaml';
import { jsonPatch } from './json-patch.ts';
import { mergePatch } from './merge-patch.ts';
import type { ResourceType } from './resource-type.ts';
import { badRequest, StatusError } from './status-error.ts';
import { strategicMergePatch } from './strategic-merge-patch.ts';

/** Gives an object with a patch applied. */
export type ApplyPatch = (object: unknown, patch: unknown) => unknown;

const PATCHES: Readonly<Record<string, ApplyPatch>> = {
  'application/json-patch+json': jsonPatch,
  'application/merge-patch+json': mergePatch,
  'application/strategic-merge-patch+json': strategicMergePatch,
};

/** @throws {StatusError} 415 for a kind of patch that the type does not take. */
export function choosePatch(type: ResourceType, contentType: string): ApplyPatch {
  const name = contentType.split(';')[0]?.trim() ?? '';
  const apply = Object.hasOwn(PATCHES, name) ? PATCHES[name] : undefined;
  if (apply && (type.builtIn || apply !== strategicMergePatch)) return apply;
  const accepted = Object.keys(PATCHES).filter(
    (patch) => type.builtIn || PATCHES[patch] !== strategicMergePatch,
  );
  throw new StatusError({
    code: 415,
    message: `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}, application/apply-patch+yaml`,
    details: {},
  });
}

/** @throws {StatusError} 400 when the text is neither YAML nor JSON. */
export function parseYaml(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 100 });
  } catch {
    throw badRequest('the body of the request is neither valid YAML nor valid JSON');
  }
}
