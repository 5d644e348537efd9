// A blank line, and below it another table of the same width, or the same one.
import { describe, expect, it } from 'vitest';
import type { ScanTotals } from '../../../../src/core/csv/chunks/chunk-scanner.ts';
import { createChunkScanner } from '../../../../src/core/csv/chunks/scanner.ts';
import { scannerOptions } from '../reading.ts';
import { HEADER_STYLES, oneTable, twoTables } from '../tables-of-texts.ts';
import { expectEqual } from '../../../support/expect-equal.ts';
import { runs } from '../../../support/random.ts';

interface Table {
  readonly header: readonly string[];
  readonly text: string;
  readonly delimiter?: string;
}

function tableEnd({ header, text, delimiter = ',' }: Table, chunkBytes = 1_000_000): ScanTotals['tableEnd'] {
  const dialect = { delimiter };
  const options = { columns: header.length, header, startLine: 2, chunkBytes, dialect };
  const scanner = createChunkScanner(scannerOptions(options));
  scanner.push(Buffer.from(text));
  scanner.end();
  return scanner.totals.tableEnd;
}

describe('another table below a blank line', () => {
  it.each([
    [
      'all names are written as the header is, and no value is',
      'name,city',
      'Ann,Rome\nBob,Oslo\n',
      'item,main color\nPen,Red\nCup,Blue\n',
    ],
    ['capitals', 'NAME,CITY', 'Ann,Rome\nBob,Oslo\n', 'ITEM,COLOR\nPen,Red\nCup,Blue\n'],
    [
      'names with capitals above values without',
      'Name,City',
      'ann,rome\nbob,oslo\n',
      'Item,Color\npen,red\ncup,blue\n',
    ],
    [
      'joined words',
      'first_name,homeCity',
      'ann,rome\nbob,oslo\n',
      'item_name,mainColor\npen,red\ncup,blue\n',
    ],
    ['names in another script', '名前,都市', 'Ann,Rome\nBob,Oslo\n', '商品,色\nPen,Red\nCup,Blue\n'],
    ['below a total', 'name,city', 'Ann,Rome\nBob,Oslo\ntotal,two\n', 'item,color\nPen,Red\nCup,Blue\n'],
    ['a name of the file', 'Name,City', 'Ann,Rome\nBob,Oslo\n', 'Name,Country\nAnn,Italy\n'],
    ['the names in another order', 'name,city', 'ann,rome\nbob,oslo\n', 'City,Name\nrome,ann\n'],
    [
      'only the values are quoted',
      'name,city',
      '"Ann","Rome"\n"Bob","Oslo"\n',
      'Item,Color\n"Pen","Red"\n"Cup","Blue"\n',
    ],
    ['numbers above, texts below', 'k,v', 'ann,1\nbob,2\n', 'name,city\nann,Rome\nbob,Oslo\n'],
    ['mail addresses above, none below', 'k,v', 'ann,a@b.c\nbob,d@e.f\n', 'name,city\nann,Rome\nbob,Oslo\n'],
    ['mail addresses below, none above', 'k,v', 'ann,x\nbob,y\n', 'name,address\nCy,a@b.c\nDan,d@e.f\n'],
  ])('%s', (_name, header, above, below) => {
    for (const lineEnd of ['\n', '\r\n'])
      for (const chunkBytes of [8, 1_000_000]) {
        const text = `${above}\n${below}`.replaceAll('\n', lineEnd);
        const records = above.split('\n').length - 1;
        expect(tableEnd({ header: header.split(','), text }, chunkBytes)).toEqual({
          row: records + 1,
          line: records + 3,
        });
      }
  });

  it.each([
    ['with numbers', 'name,age', 'Ann,1\nTotal,1\n', 'city,people\nRome,3\nOslo,4\n'],
    ['one record', 'name,age', 'Ann,1\nBob,2\n"Total:",3\n', 'city,people\nRome,3\n'],
    ['its first cell empty', 'name,age', 'Ann,1\n,"Summe 1"\n', 'city,people\nRome,3\nOslo,4\n'],
    ['in another language', 'name,age', 'Ann,1\n合計,1\n', 'city,people\nRome,3\nOslo,4\n'],
    ['with texts', 'name,city', 'Ann,Rome\nBob,Oslo\nTOTAL,2\n', 'item,color\nPen,Red\nCup,Blue\n'],
  ])('begins below a total without one: %s', (_name, header, above, below) => {
    const records = above.split('\n').length - 1;
    for (const lineEnd of ['\n', '\r\n'])
      for (const chunkBytes of [8, 1_000_000]) {
        const text = `${above}${below}`.replaceAll('\n', lineEnd);
        expect(tableEnd({ header: header.split(','), text }, chunkBytes)).toEqual({
          row: records + 1,
          line: records + 2,
        });
      }
  });

  it.each([
    ['a total of a group', 'name,age', 'Ann,1\nTotal,1\nBob,2\nTotal,2\nCy,unknown\nDan,4\nEve,5\n'],
    ['a name that begins like one', 'name,age', 'Ann,1\nTotalEnergies,1\ncity,people\nRome,3\nOslo,4\n'],
  ])('does not begin below %s', (_name, header, text) => {
    expect(tableEnd({ header: header.split(','), text })).toBeUndefined();
  });

  it.each([
    [
      'a record in other letters than the header',
      'Name,City',
      'Ann,Rome\nBob,Oslo\n',
      'cy,lima\nDan,Kyiv\nEve,Bern\n',
    ],
    ['a record half in other letters', 'name,city', 'Ann,Rome\nBob,Oslo\n', 'cy,Lima\nDan,Kyiv\nEve,Bern\n'],
    ['one of many groups', 'name,city', 'Ann,Rome\n\nBob,Oslo\nFlo,Bonn\n', 'cy,lima\nDan,Kyiv\nEve,Bern\n'],
    ['a value that comes again', 'name,city', 'Ann,Rome\nBob,Oslo\n', 'cy,rome\nDan,Kyiv\nEve,Bern\n'],
    ['a value that is not there', 'name,age', 'Ann,1\nBob,2\n', 'Cy,unknown\nDan,4\nEve,5\n'],
    ['a mark that comes again', 'name,rank', 'Ann,1\nBob,DNF\n', 'Cy,DNF\nDan,4\nEve,5\n'],
    ['a sign', 'name,age', 'Ann,1\nBob,2\n', 'Cy,-\nDan,4\nEve,5\n'],
    ['a mail address', 'name,contact', 'Ann,1\nBob,2\n', 'Cy,c@d.e\nDan,4\nEve,5\n'],
    ['a group of another script', 'Name,City', '鈴木,東京\n佐藤,京都\n', 'Ann,Rome\nBob,Oslo\nEve,Bern\n'],
    ['a group with other codes', 'CODE,Item', '1,Pen\n2,Cup\n', 'AX,Mug\nBX,Pot\nCX,Jar\n'],
    [
      'a sentence',
      'name,note',
      'Ann,Rome\nBob,Oslo\n',
      'cy,this is what somebody wrote about the other two\nDan,Kyiv\nEve,Bern\n',
    ],
    ['too few records above', 'name,city', 'Ann,Rome\n', 'cy,lima\nDan,Kyiv\nEve,Bern\nFlo,Bonn\n'],
    ['too few records below', 'name,city', 'Ann,Rome\nBob,Oslo\nFlo,Bonn\n', 'cy,lima\nDan,Kyiv\n'],
    ['quotes are on some values', 'name,city', 'Ann,"Rome"\n"Bob",Oslo\n', 'Cy,Lima\n"Dan",Kyiv\nEve,Bern\n'],
    [
      'a line of one style in a column of several',
      'name,note',
      'Ann,red\nBob,Blue\n',
      'cy,green\nDan,Black\nEve,Pink\n',
    ],
  ])('is not: %s', (_name, header, above, below) => {
    const text = `${above}\n${below}`;
    for (const chunkBytes of [8, 1_000_000])
      expect(tableEnd({ header: header.split(','), text }, chunkBytes)).toBeUndefined();
  });

  it.each([
    ['of one cell', 'x,1,p\ny,2,q\n\nTable 2: stock\nname,qty,unit\nfoo,3,kg\n'],
    ['as wide as the table', 'x,1,p\ny,2,q\n\nTable 2: stock,,\nname,qty,unit\nfoo,3,kg\n'],
    ['of two lines', 'x,1,p\ny,2,q\n\nStock,,\n"in May, 2024",,\nname,qty,unit\nfoo,3,kg\n'],
  ])('a title stands above its header, %s', (_name, text) => {
    for (const lineEnd of ['\n', '\r\n'])
      for (const chunkBytes of [8, 1_000_000])
        expect(
          tableEnd({ header: ['a', 'n', 'c'], text: text.replaceAll('\n', lineEnd) }, chunkBytes),
        ).toMatchObject({ line: 5 });
  });

  it.each([
    ['a value in one column', 'x,1,p\ny,2,q\n\nz,,\nw,3,r\nv,4,s\n'],
    ['a line of one cell', 'x,1,p\ny,2,q\n\nz\nw,3,r\nv,4,s\n'],
    ['a title that no header follows', 'x,k,p\ny,l,q\n\nmore of them,,\nw,m,r\nv,o,s\n'],
  ])('is not %s', (_name, text) => {
    expect(tableEnd({ header: ['a', 'n', 'c'], text })).toBeUndefined();
  });

  it('is not a blank line in the middle of one table', () => {
    const seeds = Array.from({ length: runs(500) }, (_, index) => index + 1);
    expect(seeds.filter((seed) => tableEnd(oneTable(seed), seed % 2 === 0 ? 16 : undefined))).toEqual([]);
  });

  it.each(HEADER_STYLES)('of names in the style %s begins where it does, or nowhere', (style) => {
    const seeds = Array.from({ length: runs(100) }, (_, index) => index + 1);
    const ends = seeds.map((seed) => {
      const file = twoTables(seed, style);
      const end = tableEnd(file);
      expectEqual(tableEnd(file, 16), end);
      return { row: end?.row, begins: file.row };
    });
    const found = ends.filter(({ row }) => row !== undefined);
    expect(found.filter(({ row, begins }) => row !== begins)).toEqual([]);
    // Where both header and values begin with capitals, nothing tells.
    const atLeast = style === 'Capital' ? 0 : style === 'lower' ? 0.6 : 0.75;
    expect(found.length / seeds.length).toBeGreaterThanOrEqual(atLeast);
  });
});
