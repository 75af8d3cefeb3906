/** Owns the list of what the package that firn re-imagines (haptic's store package) promises, and what became of it. */

/** A promise, and either the test of the contract suite that covers it, or why it has none here. */
export type Promised =
  | { readonly promise: string; readonly test: string }
  | { readonly promise: string; readonly note: string };

const ON_DEMAND = 'on-demand stores only: belongs to the tests of CachedStore, which does not exist yet';
const MEASURED = 'a cost, not a behaviour: measured by the benchmarks';

/** In the order of the page: overview, strategies, each store, errors, performance, threads, API reference. */
export const PROMISES: readonly Promised[] = [
  {
    promise: 'Stores give fast, indexed look-ups of watched resources.',
    test: 'gives what was added under all of its keys',
  },
  {
    promise: 'Both strategies keep one interface and can be exchanged.',
    note: 'this suite runs for every implementation',
  },
  {
    promise: 'A look-up by composite key costs the same at any size.',
    note: `${MEASURED}; the same array is given again (memory-store-reading.test.ts)`,
  },
  {
    promise: 'Several resources may share the same keys.',
    test: 'keeps resources apart that share keys, in order',
  },
  {
    promise: 'May be used by several goroutines at once; readers share, writers exclude.',
    note: 'JavaScript runs one call to its end before the next: no call ever sees half of another',
  },
  {
    promise: 'Works with the indexer, which cuts fields out.',
    test: 'takes keys from its indexer and leaves ignored fields out',
  },
  { promise: 'Cached resources expire by themselves.', note: ON_DEMAND },
  {
    promise: 'A store is made from its number of keys, the same as the indexer has.',
    test: 'takes keys from its indexer and leaves ignored fields out',
  },
  {
    promise: 'What was added with two keys is found by both.',
    test: 'gives what was added under all of its keys',
  },
  {
    promise: 'The first key alone gives everything in the namespace.',
    test: 'gives everything under the first keys, never under a part of a key',
  },
  {
    promise: 'A reference may be added without its resource; get fetches it, once within its time to live.',
    note: ON_DEMAND,
  },
  { promise: 'The cache can be emptied, after which everything is fetched anew.', note: ON_DEMAND },
  {
    promise: 'A full store causes no API calls after the first list.',
    note: 'MemoryStore has no client to call with',
  },
  { promise: 'Memory: so many kilobytes a resource, by kind; references 200 bytes.', note: MEASURED },
  {
    promise: 'A resource is kept whole, less the filtered fields.',
    test: 'takes keys from its indexer and leaves ignored fields out',
  },
  {
    promise: 'Add fails when the number of keys is wrong.',
    test: 'refuses keys that are too few, too many, none, not text, or have a NUL',
  },
  {
    promise: 'Get fails when there are too many keys.',
    test: 'refuses keys that are too few, too many, none, not text, or have a NUL',
  },
  {
    promise: 'Get takes one or more keys, all or the first ones.',
    test: 'gives everything under the first keys, never under a part of a key',
  },
  { promise: 'List gives all resources.', test: 'lists everything' },
  {
    promise: 'Update replaces a resource that is there.',
    test: 'replaces the resource of the same identity, by add as by update, and no other',
  },
  { promise: 'Update adds a resource that is not there.', test: 'adds what an update does not find' },
  {
    promise: 'Delete removes what is stored under the keys.',
    test: 'deletes everything stored under the keys, and nothing else',
  },
  { promise: 'Clear removes everything.', test: 'clears everything' },
  {
    promise: 'Cached get: matching references first, then cache or API for each, then all of them.',
    note: ON_DEMAND,
  },
  { promise: 'Hits and misses of the cache are counted.', note: ON_DEMAND },
  {
    promise:
      'The cache is bounded, by 256 entries unless told otherwise; the least recently used goes first.',
    note: ON_DEMAND,
  },
  {
    promise: 'A failed operation gives an error with the operation, the keys and the underlying error.',
    test: 'refuses keys that are too few, too many, none, not text, or have a NUL',
  },
  {
    promise: 'The underlying error can be unwrapped.',
    test: 'names the underlying error when a call gives a resource without index keys',
  },
  {
    promise: 'Looking for what is not there can be handled by the caller.',
    test: 'gives an empty result where nothing is, not an error',
  },
  {
    promise: 'The watcher makes the store that its configuration asks for.',
    note: 'belongs to @firn/runtime: createWatcher',
  },
  {
    promise: 'Add, update and delete cost the same at any size.',
    note: `${MEASURED}; they grow with the logarithm, which is what free snapshots cost`,
  },
  {
    promise: 'A partial get costs what it returns.',
    note: `${MEASURED}: it walks one range of an ordered tree`,
  },
  { promise: 'List of a cached store is possible, but not advised.', test: 'lists everything' },
  {
    promise: 'Keys may be labels as well as names.',
    test: 'takes keys from its indexer and leaves ignored fields out',
  },
  {
    promise: 'A store can be used in unit tests without a cluster.',
    note: 'every test of this suite for MemoryStore',
  },
  {
    promise: 'An unusable configuration fails when the store is made.',
    note: 'memory-store-reading.test.ts for MemoryStore',
  },
  {
    promise: 'Add with keys that are taken keeps both resources.',
    test: 'keeps resources apart that share keys, in order',
  },
  {
    promise: 'Results are in the order of namespace and name, for exact and for partial keys.',
    test: 'orders every result by namespace, then name, by UTF-16 code units',
  },
  {
    promise: 'Delete with shared keys removes all that share them.',
    test: 'deletes everything stored under the keys, and nothing else',
  },
  {
    promise: 'Delete with namespace and name as keys removes one resource.',
    test: 'deletes one resource where its namespace and name are the keys',
  },
  {
    promise: 'Update with shared keys finds its resource by namespace and name.',
    test: 'replaces the resource of the same identity, by add as by update, and no other',
  },
  { promise: 'The store knows how many resources it tracks.', test: 'knows its size' },
  {
    promise: 'A counter rises with every mutation, so that others see changes without polling contents.',
    test: 'counts each event that changed contents once, and no other',
  },
  { promise: 'Whether the counter is supported can be asked.', note: 'every firn store has it' },
  {
    promise: 'What get returns must not be modified: neither the slice nor what is in it.',
    test: 'hands out what is frozen all the way down',
  },
  {
    promise: 'An exact get gives the stored slice itself, not a copy.',
    note: 'memory-store-reading.test.ts: the same array until something under its keys changes',
  },
  {
    promise: 'List gives a copy that later writes do not touch.',
    test: 'leaves earlier results as they were',
  },
  {
    promise: 'Floats are converted to integers when a resource is stored.',
    note: 'JavaScript has one kind of number: 1.0 is 1',
  },
  { promise: 'Expired cache entries can be evicted on request, and counted.', note: ON_DEMAND },
  { promise: 'The number of cached resources can be asked.', note: ON_DEMAND },
  { promise: 'Fetching can be restricted to one namespace.', note: ON_DEMAND },
  { promise: 'What is fetched goes through the indexer: ignored fields are left out.', note: ON_DEMAND },
  {
    promise: 'A logger may be given; there is one by default.',
    note: `${ON_DEMAND}; firn is silent by default`,
  },
];
