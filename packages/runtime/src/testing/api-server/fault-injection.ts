/** Owns how the faults that meet one request are put into effect. */
import type { Clock } from '@firn/stores';
import {
  DrippingBody,
  HugeBody,
  MalformedBody,
  RewrittenBody,
  type Stop,
  StoppingBody,
} from './body-faults.ts';
import type { Exchange } from './exchange.ts';
import type { ErrorEventFault, Fault, FaultPoint, StatusFault } from './fault.ts';
import {
  BookmarklessFrames,
  DuplicatedFrames,
  EarlyEndingFrames,
  insertedFrame,
  OutOfDateFrames,
  stoppingFrames,
  TruncatedFrames,
} from './frame-faults.ts';
import type { FrameSink } from './frame-sink.ts';
import { failureStatus } from './status-error.ts';

const MALFORMED_FRAME = Buffer.from('{"type":"MODIFIED","object":{"metadata":}{#\n');
const DEFAULT_AFTER_BYTES = 32;
const SLOW_DRIP = { bytes: 64, every: 10 };
const HUGE = { bytes: 17 * 1024 * 1024 };

/** What is left for the handlers to do. */
export interface InjectedFaults {
  /** The faults have answered, or there will be no answer. */
  readonly answered: boolean;
  readonly staleAt: string | undefined;
  readonly wrapFrames: (sink: FrameSink) => FrameSink;
}

function isWatch(exchange: Exchange): boolean {
  return exchange.request.kind === 'watch' || exchange.request.kind === 'watch-list';
}

function pointOf(fault: true | FaultPoint): FaultPoint {
  return fault === true ? {} : fault;
}

type HugeFault = Extract<Fault, { readonly huge: unknown }>['huge'];

function hugeOf(fault: HugeFault): Exclude<HugeFault, true> {
  return fault === true ? HUGE : fault;
}

function stopOf(fault: Fault): { how: Stop; point: FaultPoint } | undefined {
  if ('end' in fault) return { how: 'end', point: pointOf(fault.end) };
  if ('close' in fault) return { how: 'close', point: pointOf(fault.close) };
  if ('reset' in fault) return { how: 'reset', point: pointOf(fault.reset) };
  if ('stall' in fault) return { how: 'stall', point: pointOf(fault.stall) };
  return undefined;
}

function answerStatus(exchange: Exchange, fault: StatusFault): void {
  const { status: code, retryAfter, reason, details, headers = {}, contentType } = fault;
  const retry = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  if (fault.body !== undefined) {
    const text = typeof fault.body === 'string' ? fault.body : JSON.stringify(fault.body);
    exchange.respond(code, contentType ?? 'application/json', text, { ...retry, ...headers });
    return;
  }
  const status = failureStatus({
    code,
    message: fault.message ?? `fault: ${code}`,
    ...(reason !== undefined && { reason }),
    details: { ...(retryAfter !== undefined && { retryAfterSeconds: retryAfter }), ...details },
  });
  exchange.respond(code, contentType ?? 'application/json', JSON.stringify(status), { ...retry, ...headers });
}

/** Answers in place of the handlers; gives whether it did. */
function answer(exchange: Exchange, fault: Fault): boolean {
  const stop = stopOf(fault);
  if (stop && stop.point.afterBytes === undefined && stop.point.afterEvents === undefined) {
    if (stop.how === 'end') exchange.respond(200, 'application/json', '');
    else if (stop.how !== 'stall') exchange[stop.how]();
    return true;
  }
  if ('status' in fault) {
    answerStatus(exchange, fault);
    return true;
  }
  if ('watchList' in fault && fault.watchList === 'unsupported' && exchange.request.kind === 'watch-list') {
    answerStatus(exchange, {
      status: 422,
      message:
        'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled',
    });
    return true;
  }
  return false;
}

function shapeBody(exchange: Exchange, clock: Clock, fault: Fault): void {
  const stop = stopOf(fault);
  if (stop?.point.afterBytes !== undefined) {
    const { afterBytes } = stop.point;
    exchange.shape((body) => new StoppingBody(body, afterBytes, stop.how));
  } else if ('drip' in fault) {
    const { bytes, every } = fault.drip === true ? SLOW_DRIP : fault.drip;
    exchange.shape((body) => new DrippingBody(body, clock, bytes, every));
  } else if (isWatch(exchange)) return;
  else if ('malformed' in fault) {
    const { afterBytes = DEFAULT_AFTER_BYTES } = pointOf(fault.malformed);
    exchange.shapeText((body) => new MalformedBody(body, afterBytes));
  } else if ('truncated' in fault) {
    const { afterBytes = DEFAULT_AFTER_BYTES } = pointOf(fault.truncated);
    exchange.shapeText((body) => new StoppingBody(body, afterBytes, 'end'));
  } else if ('huge' in fault) exchange.shapeText((body) => new HugeBody(body, hugeOf(fault.huge).bytes));
  else if ('rewrite' in fault) exchange.shapeText((body) => new RewrittenBody(body, fault.rewrite));
}

function errorFrame(fault: ErrorEventFault): Buffer {
  const status = failureStatus({ message: `fault: ${fault.code}`, ...fault });
  return Buffer.from(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
}

function hugeFrame(bytes: number): Buffer {
  const start = Buffer.from('{"type":"MODIFIED","object":{"huge":"');
  return Buffer.concat([start, Buffer.alloc(bytes, 'x'), Buffer.from('"}}\n')]);
}

function interruptFrames(sink: FrameSink, fault: Fault): FrameSink | undefined {
  const stop = stopOf(fault);
  if (stop?.point.afterEvents !== undefined) return stoppingFrames(sink, stop.point.afterEvents, stop.how);
  if ('errorEvent' in fault) {
    const event = typeof fault.errorEvent === 'number' ? { code: fault.errorEvent } : fault.errorEvent;
    return insertedFrame(sink, event.afterEvents ?? 0, errorFrame(event), event.close ?? true);
  }
  if ('malformed' in fault)
    return insertedFrame(sink, pointOf(fault.malformed).afterEvents ?? 0, MALFORMED_FRAME, false);
  if ('huge' in fault) {
    const { bytes, afterEvents = 0 } = hugeOf(fault.huge);
    return insertedFrame(sink, afterEvents, hugeFrame(bytes), false);
  }
  if ('frame' in fault) {
    const text = typeof fault.frame === 'string' ? fault.frame : `${JSON.stringify(fault.frame)}\n`;
    return insertedFrame(sink, fault.afterEvents ?? 0, Buffer.from(text), false);
  }
  if ('truncated' in fault) return new TruncatedFrames(sink, pointOf(fault.truncated).afterEvents ?? 0);
  return undefined;
}

function wrapFrames(sink: FrameSink, fault: Fault): FrameSink {
  if ('duplicate' in fault) return new DuplicatedFrames(sink);
  if ('outOfDate' in fault) return new OutOfDateFrames(sink);
  if ('noBookmarks' in fault) return new BookmarklessFrames(sink, 'all');
  if (!('watchList' in fault)) return interruptFrames(sink, fault) ?? sink;
  switch (fault.watchList) {
    case 'never-ends':
      return new BookmarklessFrames(sink, 'initial-end');
    case 'ends-early':
      return new EarlyEndingFrames(sink);
    case 'unsupported':
      return sink;
  }
}

/** Puts faults into effect, as far as they come before the answer; the rest goes into what is returned. */
export async function injectFaults(
  exchange: Exchange,
  clock: Clock,
  faults: readonly Fault[],
): Promise<InjectedFaults> {
  let staleAt: string | undefined;
  for (const fault of faults) {
    if ('delay' in fault) {
      await new Promise<void>((resolve) => {
        clock.setTimeout(resolve, fault.delay);
        exchange.onOver(resolve);
      });
    }
    if ('stale' in fault) staleAt = fault.stale;
    shapeBody(exchange, clock, fault);
    if (answer(exchange, fault)) return { answered: true, staleAt, wrapFrames: (sink) => sink };
  }
  return { answered: false, staleAt, wrapFrames: (sink) => faults.reduce(wrapFrames, sink) };
}
