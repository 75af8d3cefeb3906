/** Owns the values that must never come out again, and the search for them in whatever came out. */
import { inspect } from 'node:util';
import { expect } from 'vitest';

/** One of a kind each, so that a find says what leaked. None is longer than a password may be. */
export const PLANTED = {
  bearer: 'planted-bearer-4711',
  password: 'planted-password-4712',
  clientKey: 'planted-client-key-4713',
  pluginOutput: 'planted-plugin-output-4714',
  pluginEnvironment: 'planted-plugin-environment-4715',
  secretData: 'planted-secret-data-4716',
  lastApplied: 'planted-last-applied-4717',
  queryToken: 'planted-query-token-4718',
  proxyPassword: 'planted-proxy-password-4719',
  stringData: 'planted-string-data-4720',
  tokenFile: 'planted-token-file-4721',
  serverPassword: 'planted-server-password-4722',
} as const;

export const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A planted value in the forms that a program may write it in. */
function formsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const inner = value.slice(1, -1);
  return [
    value,
    base64(value),
    // Wherever it stands within something longer that is base64 as a whole.
    ...[inner, value].flatMap((part) => [base64(`a${part}`).slice(2, -4), base64(`ab${part}`).slice(3, -4)]),
    bytes.toString('hex'),
    bytes.toString('hex').match(/../g)?.join(' ') ?? value,
    [...bytes].join(', '),
  ];
}

const FORMS = Object.entries(PLANTED).flatMap(([name, value]) =>
  formsOf(value).map((form) => ({ name, form })),
);

/** Fails where a planted value stands in the text, and says which and where. */
export function expectNothingPlanted(text: string, where: string): void {
  const found = FORMS.filter(({ form }) => text.includes(form)).map(({ name, form }) => {
    const at = text.indexOf(form);
    return { where, name, around: text.slice(Math.max(at - 80, 0), at + form.length + 20) };
  });
  expect(found).toEqual([]);
}

/** Everything that may become of a value when somebody prints or sends it. */
export function allTextsOf(value: unknown): string {
  const texts = [
    inspect(value, { depth: 20, showHidden: true, maxStringLength: null, maxArrayLength: null }),
    inspect(value, { depth: 20, getters: true, maxStringLength: null, maxArrayLength: null }),
    jsonOf(value),
  ];
  for (let error = value; error instanceof Error; error = error.cause) {
    texts.push(error.message, String(error), error.stack ?? '', jsonOf(error), jsonOf({ ...error }));
  }
  return texts.join('\n');
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch (error) {
    // What has cycles or a BigInt in it cannot be sent.
    return String(error);
  }
}
