/** Owns the table of what may be shown of a response, and of what is cached, by what the watch has said. */
import { describe, expect, it } from 'vitest';
import {
  isOlder,
  isStillListed,
  isStillShown,
  isUpToDate,
  provesAbsence,
  type Version,
} from './response-check.ts';

/** `uid@version`; either may be missing. */
function version(text: string): Version {
  const [uid, resourceVersion] = text.split('@');
  return { uid: uid || undefined, resourceVersion: resourceVersion || undefined };
}

describe('what is shown', () => {
  it.each([
    // response, reference, up to date, kept when it was cached before
    ['u1@10', 'u1@10', true, true],
    ['u1@11', 'u1@10', true, true],
    ['u1@9', 'u1@10', false, false],
    ['u1@9', 'u1@8', true, true],
    ['u1@10', 'u2@10', false, false],
    ['u1@11', 'u2@10', false, false],
    ['@10', 'u2@10', true, true],
    ['u1@10', '@10', true, true],
    ['u1@9', '@10', false, false],
    ['u1@', 'u1@10', true, false],
    ['u1@10', 'u1@', true, false],
    ['@', '@', true, false],
    ['u1@x', 'u1@x', true, true],
    ['u1@x', 'u1@10', false, false],
    ['u1@11', 'u1@x', false, false],
    ['u1@00010', 'u1@9', false, false],
    ['u1@340282366920938463463374607431768211456', 'u1@340282366920938463463374607431768211455', true, true],
  ])('%s, where the watch has said %s: %s, and still if it was cached: %s', (a, b, upToDate, still) => {
    expect(isUpToDate(version(a), version(b))).toBe(upToDate);
    expect(isStillShown(version(a), version(b))).toBe(still);
  });

  it.each([
    ['u1@10', 'u1@10', true],
    ['u1@11', 'u1@10', false],
    ['u1@10', 'u2@10', false],
    ['u1@', 'u1@', false],
  ])('%s is kept when all was listed anew and it is listed as %s: %s', (a, b, expected) => {
    expect(isStillListed(version(a), version(b))).toBe(expected);
  });

  it.each([
    ['u1@9', 'u1@10', true],
    ['u1@10', 'u1@10', false],
    ['u1@11', 'u1@10', false],
    ['u1@9', 'u2@10', false],
    ['@9', 'u2@10', true],
    ['u1@', 'u1@10', false],
    ['u1@9', 'u1@', false],
    ['u1@x', 'u1@10', false],
  ])('%s is known to be older than %s: %s', (a, b, expected) => {
    expect(isOlder(version(a), version(b))).toBe(expected);
  });

  it.each([
    ['20', 'u1@10', true],
    ['10', 'u1@10', true],
    ['9', 'u1@10', false],
    ['x', 'u1@10', false],
    ['20', 'u1@', false],
  ])('a list of version %s that lacks %s says that it is gone: %s', (list, reference, expected) => {
    expect(provesAbsence(list, version(reference))).toBe(expected);
  });
});
