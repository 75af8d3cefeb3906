import { describe, expect, it } from 'vitest';
import { readContinueToken, writeContinueToken } from './continue-token.ts';

describe('continue tokens', () => {
  it('are read as they were written', () => {
    const token = { version: 7, start: 'shop/ü\0', left: 3 };
    expect(readContinueToken(writeContinueToken(token))).toEqual(token);
    expect(readContinueToken(writeContinueToken({ ...token, version: -1, left: undefined }))).toEqual({
      ...token,
      version: -1,
      left: undefined,
    });
    expect(readContinueToken('')).toBeUndefined();
  });

  it.each([
    'abc',
    Buffer.from('{}').toString('base64url'),
    Buffer.from('null').toString('base64url'),
    Buffer.from('{"rv":"7","start":"a"}').toString('base64url'),
  ])('%s is none', (text) => {
    expect(() => readContinueToken(text)).toThrow(expect.objectContaining({ code: 'BadRequest' }));
  });
});
