import { describe, expect, it } from 'vitest';
import { nodeTooOld } from './node-too-old.ts';

describe('nodeTooOld', () => {
  it.each(['20.20.2', '22.9.0', '22.18.9', '18.0.0'])('refuses %s, and says what is needed', (version) => {
    expect(nodeTooOld(version)).toBe(`Node.js 22.19 or later is needed, but this is ${version}.`);
  });

  it.each(['22.19.0', '22.20.1', '24.0.0', '26.9.0-nightly', '100.0.0'])('takes %s', (version) => {
    expect(nodeTooOld(version)).toBeUndefined();
  });
});
