/** Owns the body of a response on its way to the reader: decompressed, its failures named. */
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { visibleText } from '../visible-text.ts';
import { classifyFailure } from './classify-failure.ts';
import { TransportError } from './transport-error.ts';

const INFLATED_CHUNK = 64 * 1024;

function ignore(): void {}

/** Each gzip member is handed on as it arrives (rule 24); one that breaks off is an error. */
function inflated(body: Readable): Readable {
  const gunzip = createGunzip({ chunkSize: INFLATED_CHUNK });
  pipeline(body, gunzip, ignore);
  return gunzip;
}

/** The body without its compression; one that firn did not ask for is a failure of the body. */
function decoded(body: Readable, { host, encoding }: BodyContext): Readable {
  if (encoding === '' || encoding === 'identity') return body;
  if (encoding === 'gzip' || encoding === 'x-gzip') return inflated(body);
  const message = `${host} sent a response in the content-encoding ${visibleText(encoding, 40)}, but firn asks for gzip only. Look for a proxy that alters responses.`;
  return body.destroy(new TransportError(message, { code: 'NETWORK' }));
}

/** What a body belongs to. */
export interface BodyContext {
  /** Host and port, for messages. */
  readonly host: string;
  /** `content-encoding` of the response, `''` for none. */
  readonly encoding: string;
  /** Ends the body with its reason. */
  readonly signal: AbortSignal;
}

/**
 * The decompressed bytes of a response.
 *
 * @throws {TransportError} while reading: `TRUNCATED`, `CONNECTION_RESET`, `TIMEOUT`, `CLOSED`; `NETWORK` for an
 * encoding other than gzip; or the reason of the signal.
 */
export function responseBody(raw: Readable, context: BodyContext): AsyncIterable<Uint8Array> {
  // A body that fails before somebody reads it must not bring the process down.
  raw.on('error', ignore);
  const body = decoded(raw, context);
  body.on('error', ignore);
  return read(body, context);
}

/** Zlib calls it an error when no byte at all came; a watch without an event is no error. */
function isEmptyGzip(body: Readable, error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'Z_BUF_ERROR' && 'bytesWritten' in body && body.bytesWritten === 0;
}

async function* read(body: Readable, { host, signal }: BodyContext): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) yield chunk as Uint8Array;
  } catch (error) {
    signal.throwIfAborted();
    if (isEmptyGzip(body, error)) return;
    throw classifyFailure(error, host, 'body');
  } finally {
    body.destroy();
  }
}
