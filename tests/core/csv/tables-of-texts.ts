// Files of texts with a blank line in the middle: of one table, or of two of the same width.
import { type Random, randomOf } from './polluted-files.ts';

export type HeaderStyle = 'lower' | 'snake_case' | 'Capital' | 'UPPER' | 'other script';

export interface FileOfTexts {
  readonly header: readonly string[];
  readonly delimiter: string;
  /** Below the header. */
  readonly text: string;
  /** What stands below the blank line, from 1. */
  readonly row: number;
}

export const HEADER_STYLES: readonly HeaderStyle[] = [
  'lower',
  'snake_case',
  'Capital',
  'UPPER',
  'other script',
];

interface Kind {
  readonly name: string;
  readonly other: string;
  readonly values: readonly string[];
}

/** Columns as people have them. Names are of two words, so that each style can write them. */
const FIRST_TABLE: readonly Kind[] = [
  kind(
    'full name',
    '氏名',
    'Ann Lee|Bob Stone|Jürgen Weiß|Zoë Martin|Łukasz Nowak|Ana María Ruiz|van der Berg|Иван Петров',
  ),
  kind('home city', '都市', 'Rome|Oslo|São Paulo|den Haag|Zürich|Kraków|Αθήνα|東京|New York'),
  kind(
    'short note',
    '備考',
    'called twice|Will call back.|no answer|Bitte zurückrufen|見積もり送付済み|à rappeler|ok|-',
  ),
  kind('item group', '分類', 'fruit|tools|Office|fruit|tools'),
  kind('mail address', 'メール', 'ann@example.com|b.stone@example.org|zoe@example.fr|info@example.de'),
  kind('order state', '状態', 'open|closed|waiting|OPEN|n/a|'),
  kind('part code', '型番', 'AB-12|XK-9|ab-77|Q1|ZZ-100|B-2'),
  kind('place rank', '順位', '1|2|3|17|DNF'),
];

const SECOND_TABLE: readonly Kind[] = [
  kind('product title', '商品名', 'Pen|Cup|Desk Lamp|Blue Chair|Paper A4|Stapler'),
  kind('main color', '色', 'Red|Blue|Dark Green|White'),
  kind('shop owner', '店主', 'Mia Wolf|Noah Klein|Emma Fuchs|Ben Groß'),
  kind('ship method', '配送', 'Air|Sea|Post|Courier'),
  kind('raw material', '素材', 'Wood|Steel|Glass|Cotton'),
  kind('made where', '産地', 'Italy|Norway|Peru|Japan'),
];

function kind(name: string, other: string, values: string): Kind {
  return { name, other, values: values.split('|') };
}

/** One table, as honest as they come: some people type in capitals or without them, some columns mix scripts. */
export function oneTable(seed: number): FileOfTexts {
  const random = randomOf(seed);
  const columns = 2 + random(5);
  const kinds = shuffled(random, FIRST_TABLE).slice(0, columns);
  const isCareless = random(4) === 0;
  const before = 1 + random(20);
  return fileOf(
    random,
    kinds,
    pick(random, HEADER_STYLES),
    (row) => {
      const cells = kinds.map(({ values }) => pick(random, values));
      const typed = isCareless && random(20) === 0 ? pick(random, [lower, upper]) : (cell: string) => cell;
      return { cells: cells.map(typed), isBelowBlank: row === before };
    },
    before + 2 + random(20),
  );
}

/** Two tables, each with some records. */
export function twoTables(seed: number, style: HeaderStyle): FileOfTexts {
  const random = randomOf(seed);
  const columns = 2 + random(4);
  const [first, second] = [FIRST_TABLE, SECOND_TABLE].map((kinds) =>
    shuffled(random, kinds).slice(0, columns),
  );
  const before = 3 + random(12);
  const names = second!.map((each) => styled(each, style));
  return fileOf(
    random,
    first!,
    style,
    (row) => {
      if (row === before) return { cells: names, isBelowBlank: true };
      const kinds = row < before ? first! : second!;
      return { cells: kinds.map(({ values }) => pick(random, values)), isBelowBlank: false };
    },
    before + 4 + random(12),
  );
}

function fileOf(
  random: Random,
  kinds: readonly Kind[],
  style: HeaderStyle,
  recordAt: (row: number) => { readonly cells: readonly string[]; readonly isBelowBlank: boolean },
  records: number,
): FileOfTexts {
  const delimiter = pick(random, [',', ';', '\t']);
  const isQuoted = random(4) === 0;
  const lineEnd = pick(random, ['\n', '\r\n']);
  const write = (cell: string): string =>
    (isQuoted && cell !== '') || cell.includes(delimiter) ? `"${cell}"` : cell;
  let text = '';
  let below = 0;
  for (let row = 0; row < records; row++) {
    const { cells, isBelowBlank } = recordAt(row);
    if (isBelowBlank) {
      text += lineEnd;
      below = row + 1;
    }
    text += `${cells.map(write).join(delimiter)}${lineEnd}`;
  }
  return { header: kinds.map((each) => styled(each, style)), delimiter, text, row: below };
}

function styled({ name, other }: Kind, style: HeaderStyle): string {
  switch (style) {
    case 'lower':
      return name;
    case 'snake_case':
      return name.replace(' ', '_');
    case 'Capital':
      return name.replaceAll(/\b\w/g, upper);
    case 'UPPER':
      return upper(name);
    case 'other script':
      return other;
  }
}

function lower(cell: string): string {
  return cell.toLowerCase();
}

function upper(cell: string): string {
  return cell.toUpperCase();
}

function pick<T>(random: Random, from: readonly T[]): T {
  return from[random(from.length)]!;
}

function shuffled<T>(random: Random, from: readonly T[]): T[] {
  const rest = [...from];
  return from.map(() => rest.splice(random(rest.length), 1)[0]!);
}
