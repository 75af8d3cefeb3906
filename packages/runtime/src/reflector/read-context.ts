/** Owns what the reader of a response body is given. */
import type { Clock } from '@firn/stores';
import type { ObjectDecoder } from '../transport/object-decoder.ts';
import type { ReflectorSink } from './reflector-sink.ts';
import type { ReflectorInput, ReflectorRequest } from './reflector-step.ts';
import type { StreamRecord } from './stream-progress.ts';

/** The surroundings of a reader. After `signal` is aborted it touches nothing of them any more. */
export interface ReadContext {
  readonly request: ReflectorRequest;
  /** `v1/secrets in namespace shop`: for messages. */
  readonly targetName: string;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly decoder: ObjectDecoder;
  /** Kind of items that come without one, where the list does not name it in time. */
  readonly kind: string | undefined;
  readonly sink: ReflectorSink;
  readonly stream: StreamRecord;
  /** Gives an input to the machine. Its effects are done when this returns; `signal` may be aborted then. */
  readonly dispatch: (input: ReflectorInput) => void;
  /** Something arrived: the status may be worth telling. */
  readonly touch: () => void;
}
