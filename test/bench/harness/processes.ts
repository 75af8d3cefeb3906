/** Owns the processes of a run: a server for as long as it is needed, and a fresh one for each turn of a contender. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Load } from '../objects/kinds.ts';
import type { ServerOptions, ServerRequest, Traffic } from '../server.ts';

const CONDITIONS = ['--conditions=@firn/source', '--expose-gc'];

/** A running server. */
export class BenchServer implements AsyncDisposable {
  readonly url: string;
  readonly load: Load;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, url: string, load: Load) {
    this.#process = process;
    this.url = url;
    this.load = load;
  }

  static async start(options: ServerOptions): Promise<BenchServer> {
    const server = fork(new URL('../server.ts', import.meta.url), [JSON.stringify(options)], {
      execArgv: CONDITIONS,
    });
    const [{ url }] = (await once(server, 'message')) as [{ url: string }];
    return new BenchServer(server, url, options);
  }

  /** Has events made for who watches; they are sent with `burst`. */
  async prepare(count: number): Promise<void> {
    await this.#answer({ prepare: count });
  }

  burst(): void {
    this.#process.send({ burst: true } satisfies ServerRequest);
  }

  /** Connections accepted so far. */
  async connections(): Promise<number> {
    const { connections } = (await this.#answer({ connections: true })) as { connections: number };
    return connections;
  }

  /** What was asked of it since this was last asked, watches left out. */
  async traffic(): Promise<Traffic> {
    return (await this.#answer({ traffic: true })) as Traffic;
  }

  /** Resolves when the last burst is written, to the milliseconds that it took. */
  async writtenMs(): Promise<number> {
    const { writtenMs } = (await this.#answer({ written: true })) as { writtenMs: number };
    return writtenMs;
  }

  async #answer(request: ServerRequest): Promise<unknown> {
    const answer = once(this.#process, 'message');
    this.#process.send(request);
    return (await answer)[0];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#process, 'exit');
    this.#process.kill();
    await exited;
  }
}

/**
 * Runs a program of `contenders/` in a fresh process with these settings; gives the figures that it sends back.
 *
 * @throws when it ends without: its results were wrong, or it failed; it has said why on stderr.
 */
export async function runContender(
  program: string,
  settings: object,
  server: BenchServer | undefined,
): Promise<Readonly<Record<string, number>>> {
  const run = fork(new URL(`../contenders/${program}.ts`, import.meta.url), [JSON.stringify(settings)], {
    execArgv: CONDITIONS,
  });
  const exited = once(run, 'exit');
  let result: Readonly<Record<string, number>> | undefined;
  run.on('message', (message: ServerRequest | Readonly<Record<string, number>>) => {
    if ('prepare' in message)
      void server?.prepare(message.prepare as number).then(() => run.send('prepared'));
    else if ('burst' in message) server?.burst();
    else if ('written' in message) void server?.writtenMs().then((writtenMs) => run.send({ writtenMs }));
    else if ('traffic' in message) void server?.traffic().then((traffic) => run.send(traffic));
    else result = message as Readonly<Record<string, number>>;
  });
  await exited;
  if (result === undefined) throw new Error(`${program} ${JSON.stringify(settings)} gave no result.`);
  return result;
}
