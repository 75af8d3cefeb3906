/** Owns the way from flags and environment to a kubeconfig, and what is said when there is none. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ConfigError } from '@firn/core';
import { KubeConfig } from '@kubernetes/client-node';
import { nearestNames } from '../nearest-name.ts';
import { assertTexts } from '../transport/kube-config-texts.ts';
import { visibleJson, visibleText } from '../visible-text.ts';

/** Where to look for a kubeconfig. */
export interface KubeConfigChoice {
  /** A file that must be there. */
  readonly file?: string | undefined;
  readonly context?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const IN_CLUSTER_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** What a parser says, up to where it quotes an alias, a tag or a value; and the place. A password may be any of them. */
function withoutQuotes(message: string): string {
  const [place = ''] = / \(\d+:\d+\)$/.exec(message) ?? [];
  const [words = ''] = /^[^"'`<!:]*/.exec(message.slice(0, message.length - place.length)) ?? [];
  return visibleText(`${words.trimEnd()}${place}`);
}

/** Loads a file into the configuration; whether there was anything in it but comments. */
function readFile(config: KubeConfig, file: string): boolean {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    if (lines.every((line) => /^\s*(#|$)/.test(line))) return false;
    config.loadFromFile(file);
    return true;
  } catch (cause) {
    const message = cause instanceof Error ? (cause.message.split('\n', 1)[0] ?? '') : '';
    // A parser's error quotes the file, tokens and all: only what the file system says goes on.
    const isSystemError = cause instanceof Error && 'syscall' in cause;
    const reason = isSystemError ? visibleText(message) : withoutQuotes(message);
    throw new ConfigError(
      `The kubeconfig ${visibleText(file)} cannot be read: ${reason}. Correct it, or name another with --kubeconfig FILE.`,
      { code: 'BROKEN_KUBECONFIG', file, ...(isSystemError ? { cause } : {}) },
    );
  }
}

function loadFiles(files: readonly string[]): KubeConfig {
  let config: KubeConfig | undefined;
  for (const file of files) {
    const more = new KubeConfig();
    // An empty file is no fault, as with kubectl.
    if (!readFile(more, file)) continue;
    if (config === undefined) config = more;
    else config.mergeConfig(more, true);
  }
  if (config !== undefined) return config;
  throw noKubeConfig(`nothing stands in ${visibleText(files.join(', '))}`);
}

function noKubeConfig(looked: string): ConfigError {
  return new ConfigError(
    [
      `no cluster is known: ${looked}.`,
      'Name a kubeconfig with --kubeconfig FILE or KUBECONFIG=FILE. firn demo works without a cluster.',
    ].join('\n'),
    { code: 'NO_KUBECONFIG' },
  );
}

function load({ file, env }: KubeConfigChoice): KubeConfig {
  if (file !== undefined) {
    if (!existsSync(file)) throw noKubeConfig(`there is no file ${visibleText(file)}`);
    return loadFiles([file]);
  }
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter((name) => name !== '');
  if (listed.length > 0) {
    const there = listed.filter((name) => existsSync(name));
    if (there.length === 0)
      throw noKubeConfig(`KUBECONFIG names no file that exists (${visibleText(listed.join(', '))})`);
    return loadFiles(there);
  }
  const usual = join(env.HOME ?? homedir(), '.kube', 'config');
  if (existsSync(usual)) return loadFiles([usual]);
  if (env.KUBERNETES_SERVICE_HOST !== undefined && existsSync(IN_CLUSTER_TOKEN)) {
    const config = new KubeConfig();
    config.loadFromCluster();
    return config;
  }
  throw noKubeConfig(`KUBECONFIG is not set, ${visibleText(usual)} does not exist, and this is not a pod`);
}

/**
 * Loads the kubeconfig that flags and environment mean, as kubectl finds it.
 *
 * @throws {ConfigError} `NO_KUBECONFIG`, `BROKEN_KUBECONFIG`, `INVALID_KUBECONFIG`, `NO_CONTEXTS`, `UNKNOWN_CONTEXT`, each with what to do.
 */
export function loadKubeConfig(choice: KubeConfigChoice): KubeConfig {
  const config = load(choice);
  assertTexts(config);
  const contexts = config.getContexts().map(({ name }) => name);
  if (contexts.length === 0) {
    throw new ConfigError(
      'The kubeconfig has no contexts, so no cluster is known. Is it a kubeconfig? Name another with --kubeconfig FILE.',
      { code: 'NO_CONTEXTS' },
    );
  }
  const known = visibleText(contexts.join(', '));
  if (choice.context !== undefined) {
    if (!contexts.includes(choice.context)) {
      const [suggestion] = nearestNames(choice.context, contexts, 1);
      throw new ConfigError(
        `The kubeconfig has no context ${visibleJson(choice.context.slice(0, 80))}. It has: ${known}.`,
        { code: 'UNKNOWN_CONTEXT', suggestion },
      );
    }
    config.setCurrentContext(choice.context);
  }
  if (config.getCurrentCluster() !== null) return config;
  const current = config.getCurrentContext();
  const what = current
    ? `has a current context ${visibleJson(current.slice(0, 80))} without a cluster`
    : 'has no current context';
  const usable = config.getContexts().filter(({ cluster }) => config.getCluster(cluster) !== null);
  const names = visibleText(usable.map(({ name }) => name).join(', '));
  const remedy =
    usable.length > 0
      ? `Choose one with --context: ${names}.`
      : 'Correct it, or name another with --kubeconfig FILE.';
  throw new ConfigError(`The kubeconfig ${what}. ${remedy}`, { code: 'UNKNOWN_CONTEXT' });
}

/** The namespace of the current context; `default` if it names none. */
export function contextNamespace(config: KubeConfig): string {
  return config.getContextObject(config.getCurrentContext())?.namespace || 'default';
}
