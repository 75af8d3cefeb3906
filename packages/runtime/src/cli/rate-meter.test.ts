import { describe, expect, it } from 'vitest';
import { RateMeter } from './rate-meter.ts';

describe('RateMeter', () => {
  it('gives the rate of what happens steadily, early and late', () => {
    const meter = new RateMeter();
    for (let at = 1000; at < 21_000; at += 100) {
      meter.add(at);
      if (at > 3000) expect(meter.perSecond(at)).toBeGreaterThan(9);
      if (at > 3000) expect(meter.perSecond(at)).toBeLessThan(11);
    }
  });

  it('falls to nothing a few seconds after the last event', () => {
    const meter = new RateMeter();
    meter.add(0, 100);
    expect(meter.perSecond(500)).toBe(100);
    expect(meter.perSecond(4000)).toBe(25);
    expect(meter.perSecond(6000)).toBe(0);
    expect(meter.perSecond(1_000_000)).toBe(0);
  });

  it('is 0 before anything happened', () => {
    expect(new RateMeter().perSecond(12_345)).toBe(0);
  });
});
