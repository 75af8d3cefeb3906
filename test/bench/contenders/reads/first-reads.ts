/** Owns the first read of a namespace: its objects lie packed, against `JSON.parse` of the bytes that the server sent. */
import { KINDS, objectOf, withoutIgnored } from '../../objects/kinds.ts';
import { ObjectBytes } from '../../objects/object-bytes.ts';
import { slotsOf } from '../../objects/slots.ts';
import { alternate, lastResult, msOf } from './alternate.ts';
import { checkCount, type ReadSubject } from './read-subject.ts';

/** Namespaces that are read, each once. */
const WARM_UP = 10;
const TURNS = 30;

/** As one-byte strings, which is how `JSON.parse` is fastest. */
function textsOf({ load }: ReadSubject, indexes: readonly number[]): string[] {
  const bytes = new ObjectBytes(KINDS[load.kind].make);
  return indexes.map((index) => bytes.many([slotsOf(index, index, load.oneNamespace)]).toString('latin1'));
}

function keptTextsOf({ load }: ReadSubject, indexes: readonly number[]): string[] {
  return indexes.map((index) => JSON.stringify(withoutIgnored(objectOf(load, index, index))));
}

export function firstReads(subject: ReadSubject): Readonly<Record<string, number>> {
  const { store } = subject;
  const namespaces = [...subject.byNamespace()].slice(0, 2 * (WARM_UP + TURNS));
  const plainWith = (makeTexts: typeof textsOf): ((turn: number) => number) => {
    return (turn) => {
      const texts = makeTexts(subject, namespaces[turn]?.[1] ?? []);
      return msOf(() => texts.map((text) => JSON.parse(text) as unknown));
    };
  };
  const firnFrom = (offset: number): ((turn: number) => number) => {
    return (turn) => {
      const [namespace, indexes] = namespaces[offset + turn] ?? ['', []];
      const ms = msOf(() => store.get(namespace));
      checkCount((lastResult() as unknown[]).length, indexes.length, `first get of ${namespace}`);
      return ms;
    };
  };
  const sent = alternate(TURNS, firnFrom(0), plainWith(textsOf), WARM_UP);
  const kept = alternate(TURNS, firnFrom(WARM_UP + TURNS), plainWith(keptTextsOf), WARM_UP);
  return {
    firstMs: sent.firn,
    firstPlainMs: sent.plain,
    firstOfKeptMs: kept.firn,
    firstKeptPlainMs: kept.plain,
  };
}
