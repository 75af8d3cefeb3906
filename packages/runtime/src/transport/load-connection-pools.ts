/** Owns the loading of what speaks HTTP: it takes longer than all else that firn imports, and nobody needs it at once. */

/** Loads it, once; whoever knows that requests will follow may begin early. */
export function loadConnectionPools(): Promise<typeof import('./connection-pools.ts')> {
  return import('./connection-pools.ts');
}
