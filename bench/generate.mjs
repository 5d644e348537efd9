// Writes customer-like CSV files: ten columns, UTF-8 Japanese, the same bytes for the same seed.
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';

export const COLUMNS = [
  'name',
  'kana',
  'birthday',
  'email',
  'phone_no',
  'prefecture',
  'municipalities',
  'house_no',
  'post_no',
  'points',
];

const FAMILY = [
  ['佐藤', 'サトウ'],
  ['鈴木', 'スズキ'],
  ['高橋', 'タカハシ'],
  ['田中', 'タナカ'],
  ['渡辺', 'ワタナベ'],
  ['伊藤', 'イトウ'],
];
const GIVEN = [
  ['太郎', 'タロウ'],
  ['花子', 'ハナコ'],
  ['健一', 'ケンイチ'],
  ['美咲', 'ミサキ'],
  ['大輔', 'ダイスケ'],
  ['結衣', 'ユイ'],
];
const PLACES = [
  ['東京都', '新宿区'],
  ['大阪府', '大阪市北区'],
  ['北海道', '札幌市中央区'],
  ['福岡県', '福岡市博多区'],
  ['愛知県', '名古屋市中村区'],
];

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

const digits = (next, count) => Array.from({ length: count }, () => Math.floor(next() * 10)).join('');
const pick = (next, list) => list[Math.floor(next() * list.length)];
const two = (number) => String(number).padStart(2, '0');

function record(next, row) {
  const [family, familyKana] = pick(next, FAMILY);
  const [given, givenKana] = pick(next, GIVEN);
  const [prefecture, city] = pick(next, PLACES);
  const birthday = `${1940 + Math.floor(next() * 70)}-${two(1 + Math.floor(next() * 12))}-${two(1 + Math.floor(next() * 28))}`;
  return `${family} ${given},${familyKana} ${givenKana},${birthday},user${row}@example.com,090${digits(next, 8)},${prefecture},${city},${1 + Math.floor(next() * 99)}-${1 + Math.floor(next() * 20)},${digits(next, 7)},${Math.floor(next() * 100000)}\n`;
}

/** Writes records until the file has `bytes` bytes or `rows` rows. @returns the rows written */
export async function generate(path, { bytes = Infinity, rows = Infinity, seed = 1 }) {
  const next = random(seed);
  const out = createWriteStream(path);
  let text = `${COLUMNS.join(',')}\n`;
  let written = 0;
  let row = 0;
  while (row < rows && written < bytes) {
    text += record(next, ++row);
    if (text.length < 256 * 1024) continue;
    written += Buffer.byteLength(text);
    if (!out.write(text)) await once(out, 'drain');
    text = '';
  }
  out.end(text);
  await once(out, 'finish');
  return row;
}
