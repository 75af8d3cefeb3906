/** Owns the reading of a refusal: whatever the body of an error response is, a `KubernetesStatus` comes out. */
import { visibleText } from '../visible-text.ts';
import { type KubernetesStatus, readStatusObject, reasonOf, statusFrom } from './kubernetes-status.ts';
import { isJsonObject } from './parse-json-bytes.ts';
import { PendingBytes } from './pending-bytes.ts';
import type { TransportResponse } from './transport.ts';
import { TransportError } from './transport-error.ts';

/** The most that is read of a refusal's body. */
const BODY_LIMIT = 64 * 1024;

async function readBounded(body: AsyncIterable<Uint8Array>): Promise<string> {
  const gathered = new PendingBytes();
  try {
    for await (const chunk of body) {
      gathered.append(chunk.subarray(0, BODY_LIMIT - gathered.length));
      if (gathered.length === BODY_LIMIT) break;
    }
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
  }
  return Buffer.from(gathered.take()).toString('utf8');
}

/** Seconds from a `Retry-After` header: a number, or a date, measured from the response's own `Date`, else from `now`. */
function retryAfter(headers: TransportResponse['headers'], now = Number.NaN): number | undefined {
  const value = headers['retry-after']?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const served = Date.parse(headers.date ?? '');
  const seconds = (Date.parse(value) - (Number.isNaN(served) ? now : served)) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function messageOf(text: string, contentType: string): string | undefined {
  const plain = text.trim();
  if (plain === '') return undefined;
  if (contentType.includes('html') || plain.startsWith('<')) {
    const title = /<title[^>]{0,200}>([^<]{1,200})/i.exec(plain)?.[1]?.trim();
    const named = title === undefined ? '' : ` titled "${visibleText(title, 200)}"`;
    return `an HTML page${named} instead of a Kubernetes answer: a proxy or a login page is in between`;
  }
  return visibleText(plain, 300);
}

/**
 * Reads why a server refused a request: at most 64 KiB of the body, a `Status`, plain text or an HTML page. A body
 * that breaks off counts for what arrived.
 *
 * @param now wall-clock milliseconds, for a `Retry-After` that is a date in a response without `Date`.
 * @example
 * ```ts
 * const response = await transport.request({ path: '/api/v1/pods' });
 * if (response.status !== 200) throw new Error((await readStatus(response)).message);
 * ```
 */
export async function readStatus(response: TransportResponse, now?: number): Promise<KubernetesStatus> {
  const { hideCredentials = (shown: string) => shown } = response;
  const text = hideCredentials(await readBounded(response.body));
  const retryAfterSeconds = retryAfter(response.headers, now);
  const body = parsed(text);
  if (isJsonObject(body) && body.kind === 'Status') {
    const status = readStatusObject(body, response.status);
    return statusFrom({
      code: response.status,
      reason: status.reason === '' ? reasonOf(response.status) : status.reason,
      message: status.message,
      causes: status.details.causes,
      retryAfterSeconds: status.details.retryAfterSeconds ?? retryAfterSeconds,
    });
  }
  return statusFrom({
    code: response.status,
    message: isJsonObject(body) ? undefined : messageOf(text, response.headers['content-type'] ?? ''),
    retryAfterSeconds,
  });
}
