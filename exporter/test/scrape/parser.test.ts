import { parseExposition } from '../support/exposition.ts';

const family = (name: string, ...lines: string[]): string =>
  `# HELP ${name} Help.\n# TYPE ${name} gauge\n${lines.map((line) => `${line}\n`).join('')}`;

describe('the parser that the other tests rely on', () => {
  it('reads labels, escapes and special values', () => {
    const samples = parseExposition(
      family('a', 'a{x="q\\"b\\\\n\\n,}{="} 1e-3', 'a{x=""} +Inf', 'a NaN') +
        '# HELP h H.\n# TYPE h histogram\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2\n',
    );
    expect(samples.value('a', { x: 'q"b\\n\n,}{=' })).toBe(0.001);
    expect(samples.value('a', { x: '' })).toBe(Infinity);
    expect(samples.value('h_sum')).toBe(3);
    expect(samples.sum('h_bucket')).toBe(2);
  });

  it.each([
    ['a sample without TYPE', 'a 1\n'],
    ['the same series twice', family('a', 'a{x="1",y="2"} 1', 'a{y="2",x="1"} 2')],
    ['a family in two places', family('a', 'a 1') + family('b', 'b 1') + family('a', 'a{x="1"} 1')],
    ['a sample of another family', family('a', 'a 1', 'b 1')],
    ['a header without samples', family('a')],
    ['an unknown escape', family('a', 'a{x="\\t"} 1')],
    ['an open label', family('a', 'a{x="1} 1')],
    ['a label twice', family('a', 'a{x="1",x="2"} 1')],
    ['a comment of another kind', family('a', '#a 1')],
    ['no value', family('a', 'a{x="1"}')],
    ['a word for a value', family('a', 'a null')],
    ['no line end', family('a', 'a 1').trimEnd()],
    ['a bucket in a gauge', family('a', 'a_bucket{le="1"} 1')],
  ])('refuses %s', (_, text) => {
    expect(() => parseExposition(text)).toThrow();
  });
});
