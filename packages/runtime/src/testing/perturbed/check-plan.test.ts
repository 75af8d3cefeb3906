import { ConfigError } from '@firn/core';
import { describe, expect, it } from 'vitest';
import { checkPlan, formatPlan } from './check-plan.ts';
import { crash, duplicate, expire, hide, type Plan, reorder, rewind, stale } from './plan.ts';

const NAMES = ['pods', 'services'];
const EVERYTHING: Plan = [
  stale('pods', 3, 9),
  hide('pods', 4),
  duplicate('services', 5),
  expire('services', 6),
  rewind(2, { at: 8 }),
  rewind(2),
  crash(7),
  crash({ write: 1 }),
  reorder('services', 'pods'),
  reorder(42),
];

describe('a plan', () => {
  it('is JSON: printed and parsed back, it is the same', () => {
    expect(checkPlan(JSON.stringify(EVERYTHING), NAMES)).toEqual(EVERYTHING);
  });

  it('is printed on one line as the calls that make it', () => {
    expect(formatPlan(EVERYTHING)).toBe(
      '[stale("pods", 3, 9), hide("pods", 4), duplicate("services", 5), expire("services", 6), ' +
        'rewind(2, { at: 8 }), rewind(2), crash(7), crash({ write: 1 }), reorder("services", "pods"), reorder(42)]',
    );
  });

  it('may be one step', () => {
    expect(checkPlan(crash(7), NAMES)).toEqual([crash(7)]);
  });

  it.each<[unknown, string, RegExp]>([
    ['[{', 'INVALID_PLAN', /is no JSON/],
    [null, 'INVALID_PLAN', /step 0 is of no known type\. Write one of stale, hide/],
    [[{ type: 'explode' }], 'INVALID_PLAN', /step 0 is of no known type/],
    [
      [crash(1), stale('pods', 9, 3)],
      'INVALID_PLAN',
      /to of step 1 \(stale\) is 3\. Here it has to lie after from/,
    ],
    [[{ type: 'hide', resource: 'pods' }], 'INVALID_PLAN', /event of step 0 \(hide\) is undefined/],
    [[rewind(8, { at: 8 })], 'INVALID_PLAN', /at of step 0/],
    [[crash({ write: 0 })], 'INVALID_PLAN', /n from 1/],
    [[reorder('pods')], 'INVALID_PLAN', /two resources or more/],
    [[{ type: 'reorder' }], 'INVALID_PLAN', /either resources or a seed/],
    [[{ type: 'reorder', seed: 1.5 }], 'INVALID_PLAN', /whole number/],
    [[{ type: 'expire', resource: 'pods', at: 1, after: 2 }], 'INVALID_PLAN', /no member "after"/],
    [[hide('pod', 3)], 'UNKNOWN_NAME', /step 0 names "pod".*There are: pods, services/],
    [[reorder('pods', 'nodes')], 'UNKNOWN_NAME', /"nodes"/],
  ])('is refused where it makes no sense: %j', (plan, code, message) => {
    const check = (): unknown => checkPlan(plan, NAMES);
    expect(check).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
    expect(check).toThrow(ConfigError);
  });
});
