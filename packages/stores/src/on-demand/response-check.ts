/** Owns the rule of what may be shown of a fetched resource: nothing that is older than what the watch has said. */
import { compareResourceVersions } from '@firn/core';

/** What tells the versions of a resource apart. */
export interface Version {
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
}

/**
 * Whether a response shows what the reference speaks of, or something newer. Where a version is missing nothing
 * speaks against it; versions that cannot be compared have to be the same.
 */
export function isUpToDate(response: Version, reference: Version): boolean {
  if (isAnother(response, reference)) return false;
  const [shown, said] = [response.resourceVersion, reference.resourceVersion];
  return shown === undefined || said === undefined || isAtLeast(shown, said);
}

/** Whether a cached resource may be shown on, now that the reference has changed: it was known to be that new. */
export function isStillShown(cached: Version, reference: Version): boolean {
  const [shown, said] = [cached.resourceVersion, reference.resourceVersion];
  if (shown === undefined || said === undefined) return false;
  return !isAnother(cached, reference) && isAtLeast(shown, said);
}

/** Whether a cached resource may be shown on, now that everything was listed anew: only if it is of that very version. */
export function isStillListed(cached: Version, reference: Version): boolean {
  // What is newer may be of before a restore of the server, which then went back in time.
  return isStillShown(cached, reference) && cached.resourceVersion === reference.resourceVersion;
}

/** Whether a list that does not contain a resource is new enough to say that it is gone. */
export function provesAbsence(listVersion: string, reference: Version): boolean {
  // What a call added without a version may have come into being after the list.
  return reference.resourceVersion !== undefined && isAtLeast(listVersion, reference.resourceVersion);
}

/** Whether one state of a resource is known to be older than another. */
export function isOlder(state: Version, other: Version): boolean {
  const [own, others] = [state.resourceVersion, other.resourceVersion];
  if (own === undefined || others === undefined || isAnother(state, other)) return false;
  return compareResourceVersions(own, others) === -1;
}

function isAnother(a: Version, b: Version): boolean {
  return a.uid !== undefined && b.uid !== undefined && a.uid !== b.uid;
}

function isAtLeast(version: string, other: string): boolean {
  return version === other || compareResourceVersions(version, other) === 1;
}
