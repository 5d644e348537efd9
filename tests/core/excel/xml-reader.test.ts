import { describe, expect, it } from 'vitest';
import { XmlProblem } from '../../../src/core/excel/xml-problem.ts';
import { XmlReader } from '../../../src/core/excel/xml-reader.ts';

/** All that a reader tells of a text that comes in these pieces; texts that follow each other are one. */
function events(pieces: readonly Buffer[]): string[] {
  const xml = new XmlReader();
  const found: string[] = [];
  let text = '';
  const note = (event: string): void => {
    if (text !== '') found.push(`"${text}"`);
    text = '';
    found.push(event);
  };
  for (const piece of [...pieces, null]) {
    xml.push(piece);
    for (let event = xml.next(); event !== 'more' && event !== 'end'; event = xml.next())
      if (event === 'text') text += xml.text();
      else if (event === 'open') {
        const attributes: string[] = [];
        xml.attributes((start, end, from, to) =>
          attributes.push(
            `${xml.bytes.toString('utf8', start, end)}=${xml.bytes.toString('utf8', from, to)}`,
          ),
        );
        note([`<${xml.name}`, ...attributes, xml.isEmpty ? '/>' : '>'].join(' '));
      } else note(`</${xml.name}>`);
  }
  return found;
}

const DOCUMENT = Buffer.from(
  '\ufeff<?xml version="1.0" encoding="UTF-8"?>\r\n<!-- a > b --><x:root a="1" b=\'>"\'>\r\n <é>名&amp;&#x540D;&#10;</é><![CDATA[<&]]>x<b/><c d = "e" /></x:root >\n<?end?>\n',
);

it('gives the same however the bytes are cut', () => {
  const whole = events([DOCUMENT]);
  expect(whole).toEqual([
    '<root a=1 b=>" >',
    '"\n "',
    '<é >',
    '"名&名\n"',
    '</é>',
    '"<&x"',
    '<b />',
    '<c d=e />',
    '</root>',
  ]);
  for (let at = 1; at < DOCUMENT.length; at++)
    expect(events([DOCUMENT.subarray(0, at), DOCUMENT.subarray(at)]), `cut at ${at}`).toEqual(whole);
  expect(events([...DOCUMENT].map((byte) => Buffer.from([byte])))).toEqual(whole);
});

describe('refuses what no workbook holds', () => {
  it.each([
    '<!DOCTYPE a><a/>',
    '<a>&nbsp;</a>',
    '<a>&#x110000;</a>',
    '<a>&lt</a>',
    '<a></b>',
    '<x:a></a>',
    '<a></x:a>',
    '<x:a></y:a>',
    '<ab></a>',
    '<a></ab>',
    '<a><b></a></b>',
    '<a/><b/>',
    '<a>',
    '<a b=1/>',
    '<a b="1/>',
    '<a b/>',
    '<a <b/>',
    'text',
    '<a/>text',
    '',
    `${'<a>'.repeat(65)}${'</a>'.repeat(65)}`,
    '<?xml version="1.0" encoding="shift_jis"?><a/>',
  ])('%s', (text) => {
    expect(() => events([Buffer.from(text)])).toThrow(XmlProblem);
  });
  it('a text without end', () => {
    const xml = new XmlReader();
    xml.push(Buffer.from('<a>'));
    xml.next();
    const push = (): void => {
      for (let at = 0; at < 6; at++) {
        xml.push(Buffer.alloc(1024 * 1024, 'x'));
        xml.next();
      }
    };
    expect(push).toThrow('longer than');
  });
});
