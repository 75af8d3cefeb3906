/** Owns what every error of firn promises. */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  ConfigError,
  EventLogError,
  FieldPathError,
  FirnError,
  IndexError,
  ProtocolError,
  StoreError,
} from './errors.ts';

const cause = new Error('below');
const common = { code: 'SOME_CODE', retryable: true, cause };

const errors: readonly [string, FirnError, Record<string, unknown>][] = [
  ['FirnError', new FirnError('what', common), {}],
  [
    'StoreError',
    new StoreError('what', { ...common, operation: 'get', keys: ['a', 'b'] }),
    { operation: 'get', keys: ['a', 'b'] },
  ],
  [
    'IndexError',
    new IndexError('what', {
      ...common,
      gvr: 'v1/pods',
      namespace: 'ns',
      resourceName: 'web',
      expression: 'spec.x',
    }),
    { gvr: 'v1/pods', namespace: 'ns', resourceName: 'web', expression: 'spec.x' },
  ],
  [
    'FieldPathError',
    new FieldPathError('what', { ...common, expression: 'a..b', position: 1, hint: 'do' }),
    { expression: 'a..b', position: 1, hint: 'do' },
  ],
  [
    'ConfigError',
    new ConfigError('what', { ...common, file: 'f.yaml', line: 1, column: 2, suggestion: 's' }),
    { file: 'f.yaml', line: 1, column: 2, suggestion: 's' },
  ],
  [
    'ProtocolError',
    new ProtocolError('what', { ...common, status: 410, reason: 'Expired' }),
    { status: 410, reason: 'Expired' },
  ],
  ['EventLogError', new EventLogError('what', { ...common, file: 'f', offset: 7 }), { file: 'f', offset: 7 }],
];

describe.each(errors)('%s', (name, error, fields) => {
  it('is an Error and a FirnError with code, retryable and cause', () => {
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(FirnError);
    expect(error).toMatchObject({ message: 'what', code: 'SOME_CODE', retryable: true, ...fields });
    expect(error.cause).toBe(cause);
  });

  it('is called by its name, in stack traces too', () => {
    expect(error.name).toBe(name);
    expect(String(error)).toBe(`${name}: what`);
    expect(inspect(error)).toContain(`${name}: what`);
    expect(error.stack).toContain(`${name}: what`);
  });
});

describe('an error', () => {
  it('is not retryable and has no cause when nothing is said', () => {
    const error = new FirnError('what', { code: 'X' });
    expect(error.retryable).toBe(false);
    expect('cause' in error).toBe(false);
  });

  it('copies and freezes the keys of the call', () => {
    const keys = ['a'];
    const error = new StoreError('what', { code: 'X', operation: 'add', keys });
    keys.push('b');
    expect(error.keys).toEqual(['a']);
    expect(Object.isFrozen(error.keys)).toBe(true);
    expect(new StoreError('what', { code: 'X', operation: 'clear' }).keys).toEqual([]);
  });
});

it('moves no cursor and turns no text around, whatever name stands in its message', () => {
  const { message } = new FirnError('a\u001b[2J\u009b1m\u202e\u2028\ud800\n\tb 🧊', common);
  expect(message).toBe('a\\u001b[2J\\u009b1m\\u202e\\u2028\\ud800\n\tb 🧊');
});
