// The files of the bench: narrow, customer-like and wide, each plain or with every cell quoted; the same bytes for the same seed.
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';

const FAMILY = ['佐藤,サトウ', '鈴木,スズキ', '高橋,タカハシ', '田中,タナカ', '渡辺,ワタナベ', '伊藤,イトウ'];
const GIVEN = ['太郎,タロウ', '花子,ハナコ', '健一,ケンイチ', '美咲,ミサキ', '大輔,ダイスケ', '結衣,ユイ'];
const PLACES = [
  '東京都,新宿区',
  '大阪府,大阪市北区',
  '北海道,札幌市中央区',
  '福岡県,福岡市博多区',
  '愛知県,名古屋市中村区',
];
const WORDS = ['steel', 'oak', 'cotton', '和紙', '陶器', 'glass', '竹', 'copper', '漆', 'linen'];

/** mulberry32: small, seeded, good enough for test data. */
function random(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const whole = (next, below) => Math.floor(next() * below);
const digits = (next, count) => Array.from({ length: count }, () => whole(next, 10)).join('');
const pick = (next, list) => list[whole(next, list.length)];
const two = (number) => String(number).padStart(2, '0');
const date = (next) => `${1940 + whole(next, 85)}-${two(1 + whole(next, 12))}-${two(1 + whole(next, 28))}`;
const decimal = (next) => `${whole(next, 100_000)}.${digits(next, 2)}`;

/** So many of a hundred texts hold a comma and doubled quotes when every cell is quoted. */
const PERCENT_AWKWARD = 2;

/** The columns of the wide file: a name, what its field says, and its cells. */
const WIDE = Array.from({ length: 60 }, (_, at) => {
  const [field, cell] = [
    [{ type: 'string', constraints: { maxLength: 60 } }, (next) => `${pick(next, WORDS)} ${digits(next, 4)}`],
    [{ type: 'integer' }, (next) => String(whole(next, 1_000_000))],
    [{ type: 'string' }, (next) => pick(next, WORDS)],
    [{ type: 'number' }, decimal],
    [{ type: 'string', constraints: { pattern: '[A-Z]{2}[0-9]{6}' } }, (next) => `AB${digits(next, 6)}`],
    [{ type: 'date' }, date],
  ][at % 6];
  return { field: { name: `column_${at + 1}`, ...field }, cell };
});

const document = (name, title, fields) => ({ name, title, schema: { fields }, target: { table: name } });

/** Each shape: its dataset, and the cells of a record. */
export const SHAPES = {
  narrow: {
    dataset: document('readings', 'Readings of sensors, four columns', [
      { name: 'sensor', type: 'string', constraints: { required: true, pattern: '[a-z]+-[0-9]{4}' } },
      { name: 'measured_on', type: 'date', constraints: { required: true } },
      { name: 'value', type: 'number' },
      { name: 'samples', type: 'integer', constraints: { minimum: 0 } },
    ]),
    cells: (next) => [`sensor-${digits(next, 4)}`, date(next), decimal(next), String(whole(next, 5000))],
  },
  customers: {
    dataset: JSON.parse(readFileSync(new URL('people.json', import.meta.url), 'utf8')),
    cells(next, row) {
      const [family, familyKana] = pick(next, FAMILY).split(',');
      const [given, givenKana] = pick(next, GIVEN).split(',');
      return [
        `${family} ${given}`,
        `${familyKana} ${givenKana}`,
        date(next),
        `user${row}@example.com`,
        `090${digits(next, 8)}`,
        ...pick(next, PLACES).split(','),
        `${1 + whole(next, 99)}-${1 + whole(next, 20)}`,
        digits(next, 7),
        String(whole(next, 100_000)),
      ];
    },
  },
  wide: {
    dataset: document(
      'articles',
      'Articles, sixty columns',
      WIDE.map(({ field }) => field),
    ),
    cells: (next) => WIDE.map(({ cell }) => cell(next)),
  },
};

/** The customer-like shape with a key, in one table and with the address in a table of its own. */
export const KEYED_SHAPES = {
  'one table': keyed('members'),
  'linked tables': keyed('patrons', [
    {
      table: 'patron_addresses',
      column: 'address_id',
      fields: ['prefecture', 'municipalities', 'house_no', 'post_no'],
    },
  ]),
};

function keyed(table, links = []) {
  const shape = SHAPES.customers;
  const schema = { ...shape.dataset.schema, primaryKey: ['email'] };
  return { ...shape, dataset: { ...shape.dataset, name: table, schema, target: { table, links } } };
}

/** Of refusals.mjs, which lays down rules for its table. */
export const RULED_DATASET = {
  name: 'places',
  schema: {
    fields: [
      { name: 'code', type: 'string' },
      ...['price', 'cap', 'area', 'low', 'high'].map((name) => ({ name, type: 'integer' })),
      { name: 'label', type: 'string' },
    ],
    primaryKey: ['code'],
  },
  target: { table: 'places' },
};

export const columnsOf = ({ dataset }) => dataset.schema.fields.map(({ name }) => name);

/**
 * Writes a header and records of a shape until the file has `bytes` bytes or `rows` rows.
 * @returns the rows written
 */
export async function generate(path, shape, { bytes = Infinity, rows = Infinity, seed = 1, quoted = false }) {
  const next = random(seed);
  const texts = shape.dataset.schema.fields.map(
    ({ type, constraints }) => type === 'string' && !constraints?.pattern,
  );
  const line = (cells) => {
    if (!quoted) return `${cells.join(',')}\n`;
    const at = whole(next, 100) < PERCENT_AWKWARD ? texts.indexOf(true) : -1;
    return `${cells.map((cell, each) => (each === at ? `"${cell}, ""awkward"""` : `"${cell}"`)).join(',')}\n`;
  };
  const out = createWriteStream(path);
  let text = `${columnsOf(shape).join(',')}\n`;
  let written = 0;
  let row = 0;
  while (row < rows && written < bytes) {
    row++;
    text += line(shape.cells(next, row));
    if (text.length < 256 * 1024) continue;
    written += Buffer.byteLength(text);
    if (!out.write(text)) await once(out, 'drain');
    text = '';
  }
  out.end(text);
  await once(out, 'finish');
  return row;
}
