// Workbooks for the bench, as Excel writes them: texts shared, dates as numbers with a format, numbers as numbers.
import { once } from 'node:events';
import { createReadStream, createWriteStream, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import yazl from 'yazl';

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006/relationships';
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const DAY_MS = 86_400_000;
const EPOCH_MS = Date.UTC(1899, 11, 30);
const PIECE = 256 * 1024;
/** Texts that come again are found among so many. */
const MOST_KNOWN = 20_000;

const relation = (id, type, target) =>
  `<Relationship Id="${id}" Type="${RELATIONS}/${type}" Target="${target}"/>`;
const PARTS = {
  '_rels/.rels': `${HEAD}<Relationships xmlns="${PACKAGE}">${relation('rId1', 'officeDocument', 'xl/workbook.xml')}</Relationships>`,
  'xl/workbook.xml': `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  'xl/_rels/workbook.xml.rels': `${HEAD}<Relationships xmlns="${PACKAGE}">${relation('rId1', 'worksheet', 'worksheets/sheet1.xml')}${relation('rId2', 'styles', 'styles.xml')}${relation('rId3', 'sharedStrings', 'sharedStrings.xml')}</Relationships>`,
  'xl/styles.xml': `${HEAD}<styleSheet xmlns="${MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`,
};

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const letters = (column) =>
  column < 26
    ? String.fromCharCode(65 + column)
    : letters(Math.floor(column / 26) - 1) + letters(column % 26);

/** Makes a workbook of a CSV file of `generate` (shapes.mjs), in which no cell is quoted. */
export async function workbookOf(csv, path, { dataset }) {
  const types = dataset.schema.fields.map(({ type }) => type);
  const names = types.map((_, at) => letters(at));
  const stringsFile = `${path}.strings`;
  const strings = createWriteStream(stringsFile);
  const known = new Map();
  let count = 0;
  let waiting = `${HEAD}<sst xmlns="${MAIN}">`;
  const share = (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    if (known.size < MOST_KNOWN) known.set(text, count);
    waiting += `<si><t>${escape(text)}</t></si>`;
    return count++;
  };
  const cell = (text, at, row) => {
    const place = `r="${names[at]}${row}"`;
    if (row > 1 && types[at] === 'date')
      return `<c ${place} s="1"><v>${(Date.parse(text) - EPOCH_MS) / DAY_MS}</v></c>`;
    if (row > 1 && (types[at] === 'integer' || types[at] === 'number'))
      return `<c ${place}><v>${text}</v></c>`;
    return `<c ${place} t="s"><v>${share(text)}</v></c>`;
  };
  async function* sheet() {
    let row = 0;
    let xml = `${HEAD}<worksheet xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheetData>`;
    for await (const line of createInterface({ input: createReadStream(csv) })) {
      row++;
      const cells = line.split(',').map((text, at) => cell(text, at, row));
      xml += `<row r="${row}" spans="1:${cells.length}">${cells.join('')}</row>`;
      if (xml.length < PIECE) continue;
      yield xml;
      xml = '';
      if (!strings.write(waiting)) await once(strings, 'drain');
      waiting = '';
    }
    yield `${xml}</sheetData></worksheet>`;
    strings.end(`${waiting}</sst>`);
    await once(strings, 'finish');
  }
  const zip = new yazl.ZipFile();
  for (const [name, xml] of Object.entries(PARTS)) zip.addBuffer(Buffer.from(xml), name);
  zip.addReadStream(Readable.from(sheet()), 'xl/worksheets/sheet1.xml');
  zip.addReadStreamLazy('xl/sharedStrings.xml', (give) => give(null, createReadStream(stringsFile)));
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
  rmSync(stringsFile);
}
