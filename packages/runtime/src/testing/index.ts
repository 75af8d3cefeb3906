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
export {
  arbitraryPlan,
  type PlanDrawing,
  planArbitrary,
} from './perturbed/arbitrary-plan.ts';
export type {
  ControllerClient,
  ControllerWrite,
  DeletePreconditions,
} from './perturbed/controller-client.ts';
export type { ControllerError, ControllerReport } from './perturbed/controller-report.ts';
export { checkEndState } from './perturbed/end-state.ts';
export { type Exploration, type ExploreOptions, explore } from './perturbed/explore.ts';
export type { Controller, ControllerContext } from './perturbed/incarnation.ts';
export type { OwnedEvent, Owns } from './perturbed/ownership.ts';
export { type PerturbedReplay, perturb } from './perturbed/perturb.ts';
export {
  crash,
  duplicate,
  expire,
  hide,
  type Plan,
  type PlanStep,
  reorder,
  rewind,
  stale,
} from './perturbed/plan.ts';
export { PlanFailure } from './perturbed/plan-failure.ts';
export type { PlanSpaceOptions } from './perturbed/plan-space.ts';
export type { RecordedLog } from './perturbed/read-log.ts';
export {
  type RecordedEvent,
  type RecordedEvents,
  type RecordedEventsOptions,
  recordedEvents,
} from './perturbed/recorded-events.ts';
export { type RunControllerOptions, runController } from './perturbed/run-controller.ts';
export type { Truth } from './perturbed/truth.ts';
