/** Owns the contract that every store keeps, whatever it holds of a resource and however it answers. */
import { describe, expect, it } from 'vitest';
import { PROMISES } from './contract/promises.ts';
import { describeReading } from './contract/reading.ts';
import { describeRefusing } from './contract/refusing.ts';
import { describeStreams } from './contract/streams.ts';
import { type Contract, type CreateStore, type Extras, Subject } from './contract/subject.ts';
import { describeWriting } from './contract/writing.ts';

/**
 * Describes one implementation of `Store` by its contract. Results are awaited, so that a store may answer at once
 * or later; a store that fetches finds the resources on `options.server`.
 */
export function describeStoreContract(name: string, createStore: CreateStore, extras: Extras = {}): void {
  const names = new Set<string>();
  const contract: Contract = (title, test) => {
    names.add(title);
    it(title, () => test((options) => new Subject(createStore, options, extras)));
  };
  describe(`${name} keeps the contract of stores`, () => {
    describe('reading', () => describeReading(contract));
    describe('writing', () => describeWriting(contract));
    describe('refusing', () => describeRefusing(contract));
    describe('streams', () => describeStreams(contract));
    it('names, in its table of promises, only tests that there are', () => {
      const named = PROMISES.flatMap((row) => ('test' in row ? [row.test] : []));
      expect(named.filter((title) => !names.has(title))).toEqual([]);
    });
  });
}
