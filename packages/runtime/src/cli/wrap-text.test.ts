import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textWidth } from './text-width.ts';
import { wrapCommand, wrapText } from './wrap-text.ts';

const command = 'kubectl --kubeconfig /tmp/firn-demo-RMUclf/kubeconfig get ingresses -A';

describe('wrapText', () => {
  it('breaks at spaces, and within a word that is too long', () => {
    expect(wrapText('edit or delete, and see it here', 10)).toEqual([
      'edit or',
      'delete,',
      'and see it',
      'here',
    ]);
    expect(wrapText('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
    expect(wrapText('fits', 4)).toEqual(['fits']);
    expect(wrapText('', 4)).toEqual(['']);
  });
});

describe('wrapCommand', () => {
  it('breaks a command line so that a shell reads it as one', () => {
    expect(wrapCommand(command, 80)).toEqual([command]);
    expect(wrapCommand(command, 40)).toEqual([
      'kubectl --kubeconfig \\',
      '/tmp/firn-demo-RMUclf/kubeconfig get \\',
      'ingresses -A',
    ]);
  });

  it('is the same command at any width, and no line is wider', () => {
    const words = fc
      .array(fc.stringMatching(/^[a-z/.=商-]{1,30}$/), { minLength: 1 })
      .map((all) => all.join(' '));
    fc.assert(
      fc.property(words, fc.integer({ min: 3, max: 60 }), (text, width) => {
        const lines = wrapCommand(text, width);
        expect(lines.join('\n').replaceAll('\\\n', '')).toBe(text);
        for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width);
      }),
    );
  });
});
