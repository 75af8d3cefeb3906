/** Owns the memory of which resource types of a server cannot be listed as a stream (rule 5). */

/** Shared by all reflectors of one server, so that each resource type is tried once. */
export interface WatchListSupport {
  /** Whether a refusal is remembered; `now` is monotonic milliseconds. */
  isUnsupported(resource: string, now: number): boolean;
  remember(resource: string, now: number): void;
}

/** How long a refusal is remembered: servers are upgraded. */
const REMEMBERED_FOR = 3_600_000;

/** Makes an empty memory, for one server. */
export function createWatchListSupport(): WatchListSupport {
  const refusedAt = new Map<string, number>();
  return {
    isUnsupported(resource, now) {
      const at = refusedAt.get(resource);
      if (at === undefined) return false;
      if (now - at < REMEMBERED_FOR) return true;
      refusedAt.delete(resource);
      return false;
    },
    remember(resource, now) {
      refusedAt.set(resource, now);
    },
  };
}
