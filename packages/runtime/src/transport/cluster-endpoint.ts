/** Owns where a kubeconfig points to: address, context, proxy. */
import { ConfigError } from '@firn/core';
import type { Context, KubeConfig } from '@kubernetes/client-node';
import { visibleText } from '../visible-text.ts';
import { assertTexts } from './kube-config-texts.ts';

/** The API server that the current context of a kubeconfig means. */
export interface ClusterEndpoint {
  /** Name of the context. */
  readonly context: string;
  /** Scheme, host and port, such as `https://10.0.0.1:6443`. */
  readonly origin: string;
  /** `10.0.0.1:6443`, and the proxy if there is one: for messages. */
  readonly host: string;
  /** Path before every request's path, without a slash at its end; mostly `''`. */
  readonly pathPrefix: string;
  readonly proxyUrl: URL | undefined;
}

function config(code: string, message: string): ConfigError {
  return new ConfigError(message, { code });
}

/** Refuses what is no KubeConfig at all: undefined, a path, an object of another library. */
function assertKubeConfig(given: unknown): void {
  const needed = ['getContexts', 'getCurrentContext', 'getCluster', 'getUser'];
  const methods = (typeof given === 'object' && given !== null ? given : {}) as Record<string, unknown>;
  if (needed.every((name) => typeof methods[name] === 'function')) return;
  throw config(
    'INVALID_KUBECONFIG',
    `${given === undefined ? 'No kubeConfig is given' : 'What is given as kubeConfig is no KubeConfig'}. Make one with new KubeConfig() of @kubernetes/client-node, and load it, for instance with kubeConfig.loadFromDefault().`,
  );
}

function currentContext(kubeConfig: KubeConfig): Context {
  const contexts = kubeConfig.getContexts() ?? [];
  const name = kubeConfig.getCurrentContext();
  const context = contexts.find((candidate) => candidate.name === name);
  if (context !== undefined) return context;
  const names = contexts.map((candidate) => visibleText(candidate.name, 60)).slice(0, 10);
  const known = names.length === 0 ? 'There are none' : `There are: ${names.join(', ')}`;
  throw config(
    'NO_CONTEXT',
    `The kubeconfig has no ${name ? `context named ${visibleText(name, 60)}` : 'current context'}. ${known}. Load a kubeconfig first, and choose one with kubeConfig.setCurrentContext(name) or kubectl config use-context NAME.`,
  );
}

function parseUrl(text: string, what: string, code: string): URL {
  const url = URL.parse(text);
  if (url !== null && url.hostname !== '') return url;
  throw config(code, `${what} of the kubeconfig is not a URL. Write it as https://host:port.`);
}

function parseProxy(text: string): URL {
  const url = parseUrl(text, 'The proxy-url', 'INVALID_PROXY');
  if (/^(https?|socks(4a?|5h?)?):$/.test(url.protocol)) return url;
  throw config(
    'INVALID_PROXY',
    `The proxy-url of the kubeconfig has the scheme ${url.protocol}//, which firn does not know. Use http, https, socks5 or socks4.`,
  );
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  );
}

function assertUser(kubeConfig: KubeConfig, context: Context): void {
  if (!context.user || kubeConfig.getUser(context.user) !== null) return;
  throw config(
    'NO_USER',
    `The context ${visibleText(context.name, 60)} names the user ${visibleText(context.user, 60)}, which is not in the kubeconfig. Add it, or choose another context.`,
  );
}

function portOf(url: URL): string {
  if (url.port !== '') return url.port;
  return url.protocol === 'https:' ? '443' : '80';
}

/**
 * Reads where the current context of a kubeconfig points to.
 *
 * Plain http is accepted for loopback addresses; elsewhere only with `insecure-skip-tls-verify`, as in client-node.
 *
 * @throws {ConfigError} `INVALID_KUBECONFIG`, `NO_CONTEXT`, `NO_CLUSTER`, `NO_USER`, `INVALID_SERVER`, `INSECURE_SERVER`, `INVALID_PROXY`.
 */
export function clusterEndpoint(kubeConfig: KubeConfig): ClusterEndpoint {
  assertKubeConfig(kubeConfig);
  assertTexts(kubeConfig);
  const context = currentContext(kubeConfig);
  const cluster = kubeConfig.getCluster(context.cluster);
  if (cluster === null) {
    throw config(
      'NO_CLUSTER',
      `The context ${visibleText(context.name, 60)} names a cluster that is not in the kubeconfig. Add it, or choose another context.`,
    );
  }
  assertUser(kubeConfig, context);
  const url = parseUrl(
    cluster.server,
    `The server of cluster ${visibleText(cluster.name, 60)}`,
    'INVALID_SERVER',
  );
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw config(
      'INVALID_SERVER',
      `The server ${url.protocol}//… of the kubeconfig is neither https nor http.`,
    );
  }
  if (url.protocol === 'http:' && !cluster.skipTLSVerify && !isLoopback(url.hostname)) {
    throw config(
      'INSECURE_SERVER',
      `The server http://${url.host} of the kubeconfig would get credentials in the clear. Use https, or set insecure-skip-tls-verify: true if that is what you want.`,
    );
  }
  const proxyUrl = cluster.proxyUrl ? parseProxy(cluster.proxyUrl) : undefined;
  const through = proxyUrl === undefined ? '' : ` (through the proxy ${proxyUrl.host})`;
  return Object.freeze({
    context: context.name,
    origin: url.origin,
    host: `${url.hostname}:${portOf(url)}${through}`,
    pathPrefix: url.pathname.replace(/\/+$/, ''),
    proxyUrl,
  });
}
