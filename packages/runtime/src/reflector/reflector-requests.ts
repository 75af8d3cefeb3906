/** Owns the requests of a reflector under way: sending, reading, aborting, and what became of each. */
import { FirnError, ProtocolError } from '@firn/core';
import type { Packer } from '@firn/core/engine';
import type { Clock } from '@firn/stores';
import { resourcePath } from '../discovery/resource-path.ts';
import { KindLearningDecoder } from '../transport/kind-learning-decoder.ts';
import type { ObjectDecoder } from '../transport/object-decoder.ts';
import { PackingDecoder } from '../transport/packing-decoder.ts';
import { readStatus } from '../transport/read-status.ts';
import type { Transport, TransportResponse } from '../transport/transport.ts';
import { TransportError } from '../transport/transport-error.ts';
import { readList, readProbe } from './list-reader.ts';
import type { ReadContext } from './read-context.ts';
import type { ReflectorConfig } from './reflector-config.ts';
import type { ReflectorSink } from './reflector-sink.ts';
import type { ReflectorInput, ReflectorRequest } from './reflector-step.ts';
import { acceptOf } from './requests.ts';
import type { StreamRecord } from './stream-progress.ts';
import { readWatch } from './watch-reader.ts';

/** What the requests need of their surroundings. */
export interface RequestSurroundings {
  readonly config: ReflectorConfig;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly sink: ReflectorSink;
  readonly dispatch: (input: ReflectorInput) => void;
  readonly touch: () => void;
  /**
   * Keeps objects as bytes until they are read, or references only, which it has to where `metadataOnly` is asked for:
   * then they do not have the apiVersion and kind of the resource. Objects are parsed when they arrive if left out.
   */
  readonly packer?: Packer | undefined;
}

/** What objects are when only their metadata is asked for (rule 23). */
const PARTIAL = { apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata' };

function apiVersionOf({ target: { gvr } }: ReflectorConfig): string {
  return gvr.group === '' ? gvr.version : `${gvr.group}/${gvr.version}`;
}

/** Sends requests and tells the machine what became of them; after an abort it tells nothing. */
export class ReflectorRequests {
  readonly #surroundings: RequestSurroundings;
  readonly #kindLearning: KindLearningDecoder;
  readonly #decoder: ObjectDecoder;
  readonly #path: string;
  readonly #aborts = new Map<number, AbortController>();
  readonly #running = new Set<Promise<void>>();
  #refreshing: Promise<void> | undefined;

  constructor(surroundings: RequestSurroundings) {
    this.#surroundings = surroundings;
    const { config, packer } = surroundings;
    const { gvr, namespace, namespaced, kind } = config.target;
    const apiVersion = apiVersionOf(config);
    const parsing = new KindLearningDecoder({ apiVersion, kind, metadataOnly: config.metadataOnly });
    this.#kindLearning = parsing;
    this.#decoder =
      packer === undefined
        ? parsing
        : config.metadataOnly
          ? new PackingDecoder(PARTIAL.apiVersion, packer, parsing, PARTIAL.kind)
          : new PackingDecoder(apiVersion, packer, parsing);
    this.#path = resourcePath(gvr, { namespace, namespaced });
  }

  /** Sends a request and reads its response into `stream`; `resumeAt` is where a watch is opened. */
  send(request: ReflectorRequest, stream: StreamRecord, resumeAt: string | undefined): void {
    const controller = new AbortController();
    this.#aborts.set(request.id, controller);
    const { config, clock, sink, dispatch, touch } = this.#surroundings;
    const context: ReadContext = {
      request,
      targetName: config.targetName,
      signal: controller.signal,
      clock,
      decoder: this.#decoder,
      kind: config.target.kind,
      sink,
      stream,
      dispatch,
      touch,
    };
    const running = this.#run(context, resumeAt).finally(() => {
      this.#aborts.delete(request.id);
      this.#running.delete(running);
    });
    this.#running.add(running);
  }

  /** A list begins: its kind is not known by an earlier one. */
  listStarted(): void {
    this.#kindLearning.forget();
    this.#surroundings.packer?.keepApart();
  }

  /** A list was thrown away, and its memory with it. */
  listDiscarded(): void {
    this.#surroundings.packer?.keepApart();
  }

  abort(request: number): void {
    this.#aborts.get(request)?.abort();
  }

  /** The next request waits for new credentials; a failure to get them is the failure of that request. */
  refreshCredentials(): void {
    this.#refreshing = this.#surroundings.transport.refreshCredentials();
    this.#refreshing.catch(() => undefined);
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#running]);
  }

  async #run(context: ReadContext, resumeAt: string | undefined): Promise<void> {
    const { request, signal, dispatch } = context;
    try {
      await this.#exchange(context, resumeAt);
    } catch (caught) {
      if (signal.aborted) return;
      const error = this.#asError(caught);
      const type = error instanceof TransportError ? 'TRANSPORT_FAILED' : 'PROTOCOL_FAILED';
      dispatch({ type, request: request.id, error });
    }
  }

  async #exchange(context: ReadContext, resumeAt: string | undefined): Promise<void> {
    const { request, signal, dispatch } = context;
    const refreshing = this.#refreshing;
    this.#refreshing = undefined;
    await refreshing;
    if (signal.aborted) return;
    const { transport, config, clock } = this.#surroundings;
    const response = await transport.request({
      path: this.#path,
      query: request.query,
      accept: acceptOf(request.purpose, config.metadataOnly),
      signal,
    });
    if (signal.aborted) return discard(response);
    if (response.status !== 200) {
      const status = await readStatus(response, clock.now());
      if (!signal.aborted) dispatch({ type: 'REFUSED', request: request.id, status });
      return;
    }
    dispatch({ type: 'OPENED', request: request.id });
    if (signal.aborted) return discard(response);
    if (request.purpose === 'list') await readList(response, context);
    else if (request.purpose === 'probe') await readProbe(response, context);
    else await readWatch(response, context, resumeAt);
  }

  #asError(caught: unknown): FirnError {
    if (caught instanceof TransportError) return caught;
    const { targetName } = this.#surroundings.config;
    if (caught instanceof ProtocolError) return addressed(caught, targetName);
    if (caught instanceof FirnError) return caught;
    return new FirnError(
      `Reading ${targetName} failed within firn or in the receiver of its events; the list is read anew. Please report this.`,
      { code: 'INTERNAL', retryable: true, cause: caught },
    );
  }
}

/** Whoever reads bytes does not know whose they are: here the resource is named. */
function addressed(error: ProtocolError, target: string): ProtocolError {
  const { code, retryable, status, reason, offset } = error;
  const message = `${target}: ${error.message}`;
  return new ProtocolError(message, { code, retryable, status, reason, offset, cause: error });
}

/** Destroys a response that nobody wants any more. */
async function discard(response: TransportResponse): Promise<void> {
  await response.body[Symbol.asyncIterator]().return?.();
}
