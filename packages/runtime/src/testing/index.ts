/** The public face of @firn/runtime/testing. */

export type { ApiRequest, RequestKind, ResourcePath } from './api-server/api-request.ts';
export {
  type AnyObject,
  type ApiServer,
  type ApiServerOptions,
  startApiServer,
} from './api-server/api-server.ts';
export type { ErrorEventFault, Fault, FaultMatch, FaultPoint, StatusFault } from './api-server/fault.ts';
export type { RecordedRequest } from './api-server/request-log.ts';
export type { ResourceTypeOptions } from './api-server/resource-type.ts';
export {
  type StatusBody,
  type StatusCause,
  type StatusDetails,
  StatusError,
} from './api-server/status-error.ts';
export { createFakeClient, type FakeClient, type FakeClientCall, type FakeRefusal } from './fake-client.ts';
export { createManualClock, type ManualClock, type ManualClockOptions } from './manual-clock.ts';
