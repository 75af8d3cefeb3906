/** The face that @firn/stores shows to those who feed stores: not needed to use one. */
export { HotStream } from './hot-stream.ts';
export type { Journal, JournaledEvent, JournaledObject } from './journal.ts';
export { writerOf } from './memory-store.ts';
export { referenceWriterOf } from './on-demand/cached-store.ts';
export { RequestLife } from './request-life.ts';
export type { StoreWriter } from './store-writer.ts';
