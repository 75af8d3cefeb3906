import { describe, expect, it } from 'vitest';
import type { OutputStream } from './command.ts';
import { runCli } from './run-cli.ts';

function output(): OutputStream & { text: string } {
  return {
    text: '',
    write(text) {
      this.text += text;
      return true;
    },
    on: () => undefined,
    off: () => undefined,
  };
}

async function run(
  args: readonly string[],
  env: Readonly<Record<string, string>> = { HOME: '/nonexistent' },
) {
  const [stdout, stderr] = [output(), output()];
  const code = await runCli(args, { stdout, stderr, env, signal: new AbortController().signal });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

describe('runCli', () => {
  it.each([
    [['--help'], /Usage: firn COMMAND[\s\S]*demo[\s\S]*watch[\s\S]*get/],
    [['demo', '--help'], /Usage: firn demo[\s\S]*--rate N[\s\S]*Examples:/],
    [['watch', '-h'], /Usage: firn watch RESOURCE\.\.\.[\s\S]*-n, --namespace/],
    [['help', 'get'], /Usage: firn get RESOURCE\[,RESOURCE\.\.\.\] \[KEYS\.\.\.\]/],
    [['--version'], /^firn \d+\.\d+\.\d+\n$/],
  ])('answers %j on the output: 0', async (args, text) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(text);
  });

  it.each([
    [
      [],
      'a command is missing: demo, watch, get, record, replay, diff, serve, verify.',
      'Usage: firn COMMAND',
    ],
    [
      ['zebra'],
      'there is no command "zebra": demo, watch, get, record, replay, diff, serve, verify.',
      'Usage: firn COMMAND',
    ],
    [['demo', '--rate', '-1'], '--rate must be a number from 0 to 100000, but is "-1"', 'Usage: firn demo'],
    [['wacth'], 'Did you mean watch?', 'Usage: firn COMMAND'],
    [['demo', '--raet', '5'], 'Did you mean --rate?', 'Usage: firn demo'],
    [['demo', '--rate', 'fast'], '--rate must be a number', 'Usage: firn demo'],
    [['demo', '--port', '70000'], '--port must be a whole number from 0 to 65535', 'Usage: firn demo'],
    [['demo', '--for', 'long'], '--for must be a duration', 'Usage: firn demo'],
    [['watch'], 'name at least one resource', 'Usage: firn watch'],
    [['watch', 'pods', '-n', 'a', '-A'], '-n and -A exclude each other', 'Usage: firn watch'],
    [['watch', 'pods', '-n', 'A b'], 'is not the name of a namespace', 'Usage: firn watch'],
    [['watch', 'pods', '-l', 'a=b=c'], 'is not a label selector', 'Usage: firn watch'],
    [['watch', 'pods', '--config', 'x'], '--config and resources exclude each other', 'Usage: firn watch'],
    [['watch', '-A', '--config', 'x'], '--config and --all-namespaces exclude', 'Usage: firn watch'],
    [['get'], 'name at least one resource', 'Usage: firn get'],
    [['get', 'pods', '--index-by', 'a..b'], '--index-by', 'Usage: firn get'],
    [['get', 'pods', '--index-by', 'spec.rules[*].host'], 'Write [0]', 'Usage: firn get'],
    [['get', 'pods', '-w'], 'firn get has no flag "-w". firn watch', 'Usage: firn get'],
    [['get', '--watch', 'pods'], 'firn get has no flag "--watch". firn watch', 'Usage: firn get'],
    [['get', 'pods', '-o', 'jsn'], 'Did you mean json?', 'Usage: firn get'],
  ])('refuses %j on the error output: 2', async (args, message, usage) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain(usage);
  });

  it.each([
    [['watch', 'pods'], /no cluster is known[\s\S]*--kubeconfig FILE[\s\S]*firn demo/],
    [['get', 'pods'], /no cluster is known/],
    [
      ['watch', 'pods', '--kubeconfig', '/nonexistent/\u001b[2J'],
      /there is no file \/nonexistent\/\\u001b\[2J/,
    ],
    [['watch', '--config', '/nonexistent/firn.yaml'], /The file \/nonexistent\/firn\.yaml cannot be read/],
  ])('says what to do when %j cannot work: 1', async (args, message) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
  });
});
