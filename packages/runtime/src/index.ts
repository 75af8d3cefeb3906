/** The public face of @firn/runtime. */
export type { MailboxState } from './actor/mailbox.ts';
export {
  type LoadedResourceOptions,
  loadWatchedResources,
  type WatchedResources,
} from './config/load-watched-resources.ts';
export type { EventLogState } from './event-log/event-log-state.ts';
export { type Logger, silentLogger } from './logger.ts';
export { type EventLog, type EventLogOptions, openEventLog } from './recording/event-log.ts';
export {
  createFlightRecorder,
  type FlightRecorder,
  type FlightRecorderOptions,
} from './recording/flight-recorder.ts';
export type { RedactOptions } from './recording/redaction.ts';
export type { Moment } from './replay/log-states.ts';
export { type RecordedResource, type Replay, replay } from './replay/replay.ts';
export type { CheckpointMismatch, VerifyReport } from './replay/verify-log.ts';
export { ApiError } from './resource-client/api-error.ts';
export { type ApiResourceClient, createResourceClient } from './resource-client/create-resource-client.ts';
export { createRuntime } from './runtime/create-runtime.ts';
export type {
  NamedChange,
  ReadyOptions,
  Runtime,
  RuntimeOptions,
  TypeOf,
  Watched,
  WatchedMap,
} from './runtime/runtime.ts';
export { watched } from './runtime/watched.ts';
export { TransportError, type TransportErrorCode } from './transport/transport-error.ts';
export { VERSION } from './version.ts';
export type { BuiltInResources } from './watcher/built-in-resources.ts';
export type { ChangeStats } from './watcher/change-gatherer.ts';
export { createWatcher } from './watcher/create-watcher.ts';
export {
  createSingleWatcher,
  type SingleWatcher,
  type SingleWatcherOptions,
} from './watcher/single-watcher.ts';
export type { ReachedOptions } from './watcher/version-waiters.ts';
export type { WatchState } from './watcher/watch-state.ts';
export type {
  BackoffOptions,
  InitialList,
  StoreKind,
  WatchedResourceOptions,
} from './watcher/watched-resource-options.ts';
export type { StartOptions, Watcher, WatcherOptions } from './watcher/watcher.ts';
