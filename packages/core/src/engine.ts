/** The face that @firn/core shows to those who build stores on it: not needed to use one. */
export { entryOf, previousEntryOf } from './change.ts';
export { checkKeys, keysForError } from './check-keys.ts';
export { Draft } from './draft.ts';
export { Entry } from './entry.ts';
export { entriesOfNamespace, findEntry } from './entry-tree.ts';
export { nextTurn } from './event-loop.ts';
export { inspectAsJson } from './inspection.ts';
export { copyAsJson, frozenCopy, MAX_NESTING } from './json-copy.ts';
export { freezeJson } from './packed/freeze-json.ts';
export { type PackExpectation, type PackedResource, Packer } from './packed/packer.ts';
export { type EntryParts, ParsedEntry, type ResourceSource } from './parsed-entry.ts';
export { shownValue } from './shown-value.ts';
export { emptyReferences, resourcesOf, stateOf } from './snapshot.ts';
export { type EntryContext, identityOf, ownForm } from './snapshot-entry.ts';
export { entriesUnder } from './snapshot-reading.ts';
export type { SnapshotState } from './snapshot-state.ts';
export { departedEntries, type ReplacedState, StagedList } from './staged-list.ts';
