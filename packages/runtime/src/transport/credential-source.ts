/** Owns the credentials of requests: evaluates what a kubeconfig says, keeps it for a while, fetches it anew. */
import type { RequestOptions } from 'node:https';
import type { Clock } from '@firn/stores';
import type { KubeConfig } from '@kubernetes/client-node';
import { visibleText } from '../visible-text.ts';
import { type HideCredentials, hideValues } from './repeated-credentials.ts';
import { TransportError } from './transport-error.ts';

/** What a TLS connection needs to know; all of it comes from the kubeconfig. */
export type TlsMaterial = Pick<
  RequestOptions,
  'ca' | 'cert' | 'key' | 'pfx' | 'passphrase' | 'servername' | 'rejectUnauthorized'
>;

/** What a request and its connection need to be let in. */
export interface Credentials {
  /** `authorization` and `impersonate-…`, in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
}

/** Credentials are evaluated again after this long: token files and exec plugins have caches of their own. */
const FRESH_MS = 5000;
/** Several requests are refused with the same old token: only the first one fetches a new one. */
const REFRESH_ONCE_MS = 1000;
const TIMEOUT_MS = 60_000;

const TLS_FIELDS = ['ca', 'cert', 'key', 'pfx', 'passphrase', 'servername', 'rejectUnauthorized'] as const;

type Authenticator = Parameters<KubeConfig['addAuthenticator']>[0];

/** A kubeconfig of our own with the same data, whose authenticators have cached nothing yet. */
function uncachedCopy(source: KubeConfig, contextName: string): KubeConfig {
  const copy = new (source.constructor as new () => KubeConfig)();
  const context = source.getContextObject(contextName);
  const user = context?.user || 'anonymous';
  const named = source.getUser(user) !== null;
  copy.loadFromOptions({
    clusters: source.clusters,
    contexts: [{ name: contextName, cluster: context?.cluster, user }],
    // client-node reads the cluster's CA only where there is a user.
    users: named ? source.users : [{ name: user }],
    currentContext: contextName,
  });
  const { custom_authenticators: own } = source as unknown as { custom_authenticators?: Authenticator[] };
  for (const authenticator of own ?? []) copy.addAuthenticator(authenticator);
  // firn has connections of its own; client-node's agent would be thrown away, and it refuses plain http.
  Object.defineProperty(copy, 'createAgent', { value: () => undefined });
  return copy;
}

function headersFrom(options: RequestOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  if (typeof options.auth === 'string') {
    headers.authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    // A token file ends with a newline more often than not.
    if (value !== undefined) headers[name.toLowerCase()] = String(value).trim();
  }
  return headers;
}

function tlsFrom(options: RequestOptions): TlsMaterial {
  const tls: Record<string, unknown> = {};
  for (const field of TLS_FIELDS) if (options[field] !== undefined) tls[field] = options[field];
  return tls;
}

/** What may be said of a failure: its text without anything that may be a token; of a parse error nothing. */
function describe(error: unknown, hide: HideCredentials): string {
  if (!(error instanceof Error) || error instanceof SyntaxError) return 'the answer is not what was expected';
  const text = hide(error.message)
    .trim()
    .replace(/[A-Za-z0-9_\-+/=.]{40,}/g, '…');
  return text === '' ? 'it failed without a message' : visibleText(text, 300);
}

/** A plugin that fails may say on its error output what it was given. */
function hideSecretsOf(kubeConfig: KubeConfig): HideCredentials {
  const { token, password, keyData, authProvider, exec } = kubeConfig.getCurrentUser() ?? {};
  const settings = Object.entries((authProvider?.config ?? {}) as Readonly<Record<string, unknown>>);
  const environment: unknown[] = Array.isArray(exec?.env) ? exec.env : [];
  return hideValues([
    token,
    password,
    keyData,
    // Such as id-token and client-secret; others are paths and addresses.
    ...settings.filter(([name]) => /-(token|secret)$/.test(name)).map(([, value]) => value),
    ...environment.map((variable) => (variable as { value?: unknown } | null)?.value),
  ]);
}

function failure(context: string, error: unknown, hide: HideCredentials): TransportError {
  if (error instanceof TransportError) return error;
  return new TransportError(
    `The credentials of context ${visibleText(context, 60)} cannot be had: ${describe(error, hide)}. Check the user in the kubeconfig; kubectl auth whoami must work.`,
    { code: 'CREDENTIALS' },
  );
}

/** Evaluates a kubeconfig's credentials: at most one evaluation is under way, and its result is kept for 5 s. */
export class CredentialSource {
  readonly #source: KubeConfig;
  readonly #context: string;
  readonly #clock: Clock;
  #copy: KubeConfig;
  #current: Promise<Credentials> | undefined;
  #evaluatedAt = 0;
  #refreshing: Promise<void> | undefined;
  #refreshedAt = Number.NEGATIVE_INFINITY;

  constructor(source: KubeConfig, context: string, clock: Clock) {
    this.#source = source;
    this.#context = context;
    this.#clock = clock;
    this.#copy = uncachedCopy(source, context);
  }

  /**
   * The credentials as of now.
   *
   * @throws {TransportError} `CREDENTIALS` when a file cannot be read or a plugin fails; not kept, so the next call tries again.
   */
  current(): Promise<Credentials> {
    const now = this.#clock.monotonic();
    if (this.#current !== undefined && now - this.#evaluatedAt < FRESH_MS) return this.#current;
    return this.#evaluate();
  }

  /** Drops every cache, those of exec plugins and token files too, and evaluates anew. */
  refresh(): Promise<void> {
    if (this.#refreshing !== undefined) return this.#refreshing;
    if (this.#clock.monotonic() - this.#refreshedAt < REFRESH_ONCE_MS) return Promise.resolve();
    this.#copy = uncachedCopy(this.#source, this.#context);
    const refreshing = this.#evaluate()
      .then(() => {
        this.#refreshedAt = this.#clock.monotonic();
      })
      .finally(() => {
        this.#refreshing = undefined;
      });
    this.#refreshing = refreshing;
    return refreshing;
  }

  #evaluate(): Promise<Credentials> {
    // client-node takes the lifetime of a refreshed OIDC token for its time of expiry and would refresh it each time;
    // without a cache it reads that time from the token.
    if (this.#copy.getCurrentUser()?.authProvider?.name === 'oidc') {
      this.#copy = uncachedCopy(this.#source, this.#context);
    }
    const started = this.#read(this.#copy).catch((error: unknown) => {
      if (this.#current === started) this.#current = undefined;
      throw failure(this.#context, error, hideSecretsOf(this.#copy));
    });
    this.#current = started;
    this.#evaluatedAt = this.#clock.monotonic();
    return started;
  }

  async #read(kubeConfig: KubeConfig): Promise<Credentials> {
    const options: RequestOptions = {};
    const { promise: expired, reject } = Promise.withResolvers<never>();
    const timer = this.#clock.setTimeout(() => {
      reject(new Error(`a plugin has not answered within ${TIMEOUT_MS / 1000} s`));
    }, TIMEOUT_MS);
    try {
      await Promise.race([kubeConfig.applyToHTTPSOptions(options), expired]);
    } finally {
      this.#clock.clearTimeout(timer);
    }
    return { headers: headersFrom(options), tls: tlsFrom(options) };
  }
}
