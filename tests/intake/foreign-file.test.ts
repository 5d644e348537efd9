import { describe, expect, it } from 'vitest';
import { findJson, refuseDocument, refuseForeign } from '../../src/intake/foreign-file.ts';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const tar = Buffer.concat([Buffer.from('a.csv'.padEnd(257, '\0')), Buffer.from('ustar\0')]);

describe('a file that is no table in text is named by its first bytes', () => {
  it.each<[string, Buffer]>([
    ['.xls', latin1('\x09\x08\x10\0\0\x06')],
    ['SYLK', latin1('ID;PWXL;N;E\r\nP;PGeneral\r\nP;P0\r\n')],
    ['SYLK', latin1('ID;PCALCOOO32\nB;X2;Y3\nC;X1;Y1;K"a"\nE\n')],
    ['SYLK', latin1('ID;PSCALC3\nF;P0;DG0\nC;Y1;X1;K1\nE\n')],
    ['DIF', latin1('TABLE\r\n0,1\r\n"EXCEL"\r\nVECTORS\r\n0,2\r\n""\r\n')],
    ['dBase', latin1('\x03\x7c\x01\x05\x02\0\0\0\x61\0\x1a\0\0\0' + '\0'.repeat(18) + 'NAME')],
    ['dBase', latin1('\x30\x18\x0c\x1f\x02\0\0\0\x88\x01\x1a\0\0\0' + '\0'.repeat(18) + 'NAME')],
    ['Lotus', latin1('\0\0\x02\0\x06\x04\x06\0')],
    ['Access', latin1('\0\x01\0\0Standard Jet DB\0')],
    ['SPSS', latin1('$FL2@(#) SPSS DATA FILE')],
    ['Stata', latin1('<stata_dta><header>')],
    ['calendar', latin1('BEGIN:VCALENDAR\r\nVERSION:2.0')],
    ['contacts', latin1('BEGIN:VCARD\r\nVERSION:3.0')],
    ['PDF', latin1('%PDF-1.7\n%\xe2\xe3')],
    ['HTML', latin1('\r\n<!DOCTYPE html>\n<html>')],
    ['HTML', latin1('\xef\xbb\xbf<table border="1">')],
    ['XML', latin1('<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>')],
    ['RTF', latin1('{\\rtf1\\ansi')],
    ['Parquet', latin1('PAR1\x15\x04')],
    ['Avro', latin1('Obj\x01\x04')],
    ['SQLite', latin1('SQLite format 3\0\x10')],
    ['7-Zip', latin1('7z\xbc\xaf\x27\x1c\0\x04')],
    ['RAR', latin1('Rar!\x1a\x07\x01\0')],
    ['bzip2', latin1('BZh91AY&SY\x90')],
    ['xz', latin1('\xfd7zXZ\0\0\x04')],
    ['zstd', latin1('\x28\xb5\x2f\xfd\x04')],
    ['lz4', latin1('\x04\x22\x4d\x18d')],
    ['tar archive', tar],
    ['image', latin1('\x89PNG\r\n\x1a\n')],
  ])('%s', (name, bytes) => {
    expect(() => refuseForeign(bytes)).toThrow(
      expect.objectContaining({ code: 'FILE_FORMAT', message: expect.stringContaining(name) }),
    );
  });

  it.each([
    '',
    'a',
    'id,name\n',
    'PAR,x\n',
    'Obj,x',
    '<id>,<name>\n',
    'ORC,elf\n',
    'BZhang,1\n',
    '7z,x\n',
    '%,PDF\n',
    'ID;Preis\nA;5\nB;6\n',
    'ID;PLZ\nC;10115\nB;20095\n',
    'ID;Produkt\nB;Y\nP;x\n',
    'ID;P\n1;2\n3;4\n',
    'TABLE\n0,1\n2,3\n',
    'TABLE,x\n0,1\n',
    '05\n\r\n1,2\n3,4\n5,6\n',
    '2;\n\n\n\n\n\n\n\n\n\n',
  ])('no table is taken for one: %j', (text) => expect(() => refuseForeign(Buffer.from(text))).not.toThrow());
});

it.each([
  ['Numbers', ['Index/Document.iwa', 'Data/x.jpg']],
  ['Word', ['[Content_Types].xml', 'word/document.xml']],
  ['presentation', ['[Content_Types].xml', 'ppt/presentation.xml']],
])('an archive that is a document is named: %s', (name, entries) => {
  expect(() => refuseDocument(entries)).toThrow(
    expect.objectContaining({ message: expect.stringContaining(name) }),
  );
});

it.each([
  ['  {\n "a": 1\n}', 'is JSON,'],
  ['[["a"],[1]]', 'is JSON,'],
])('JSON is known by its first line: %j', (text, name) => {
  expect(findJson(Buffer.from(text))?.message).toContain(name);
});

it.each(['[id],[name]\n', '{id},{name}\n', '"a","b"\n', ''])('no header is taken for JSON: %j', (text) => {
  expect(findJson(Buffer.from(text))).toBeUndefined();
});
