/** Owns the JSON Schema of a watched-resources file, for editors. */
import type { JsonSchema } from './shape.ts';
import { watchedResourcesShape } from './watched-resources-shape.ts';

/** The schema (draft 7) that is published beside the package as `watched-resources.schema.json`. */
export function watchedResourcesJsonSchema(): JsonSchema {
  if (typeof watchedResourcesShape.schema === 'boolean') return watchedResourcesShape.schema;
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Watched resources of firn',
    ...watchedResourcesShape.schema,
  };
}
