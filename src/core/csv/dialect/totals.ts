// Lines of a report that are no records: totals and counts. A person knows them by their first word. At the end of a file they are
// rejected; below one further up another table may begin.
import { type Grammar, isDelimiter, NO_BYTE, SPACE } from '../grammar.ts';

/** "Total" and its like in the languages of spreadsheets; behind it may stand a colon, a number, or a count in brackets. */
const WORDS = [
  '(?:grand |sub)?totals?',
  'sum',
  'overall',
  'row ?count',
  '(?:gesamt|zwischen)?summe',
  'gesamt',
  'insgesamt',
  '(?:sous-)?total g[eé]n[eé]ral',
  'sous-total',
  'total(?:e|es)?(?: generale?)?',
  'somme',
  'suma',
  'somma',
  'soma',
  'totaal',
  'subtotaal',
  'summa',
  'totalt',
  'i alt',
  'yhteensä',
  'razem',
  'celkem',
  'összesen',
  'toplam',
  'итого',
  'всего',
  '(?:総|小)?合?計',
  '[总總小合共]?[计計]',
  '(?:합|총|소)계',
  'कुल',
  'रวม',
];
const TOTAL = new RegExp(`^\\s*(?:${WORDS.join('|')})\\s*(?:[:：=(（\\[-].*|[\\d.,\\s]+)?$`, 'iu');
/** Characters of its first cell. */
const LONGEST_FOOTER = 60;
/** How many records at the end of the file are looked at. */
export const FOOTER_RECORDS = 3;
/** How many lines at the end of each of several files are; blank ones may be among them. */
export const FOOTER_LINES = 5;

/** Whether the first cell that is not empty begins a line of totals. */
export function looksLikeTotal(cells: readonly string[]): boolean {
  const first = cells.find((cell) => cell.trim() !== '');
  return first !== undefined && first.length <= LONGEST_FOOTER && TOTAL.test(first.normalize('NFKC'));
}

/** What stands around a word in a line that is drawn: `*** Total ***`. */
const DRAWN_AROUND = /^[\s*=#<>_~-]+|[\s*=#<>_~-]+$/g;
/** Totals of more words than the scan looks for further up, where they would begin another table. */
const LONGER_TOTAL =
  /^(?:(?:grand |sum )?totals? (?:amount|records?|rows?|lines?|items?|count|sum|geral|general)|end(?:summe|betrag)|(?:gesamt|rechnungs)betrag|summe gesamt|総?合計(?:金額|件数)|[总總合]计?金[额額]|media\s*[:：])\s*(?:[:：=(（-].*|[\d.,\s]+)?$/iu;
/** Words of statistics, with a dot or a colon perhaps; all other cells of theirs are numbers. "Max" and "Min" are names of people too. */
const STATISTIC =
  /^(?:averages?|avg|aver|mean(?: value)?|arithmetic mean|median|modal|durchschnitt(?:swert)?|mittel(?:wert)?|schnitt|moyenne|médiane|promedio|(?:la )?media aritm[eé]tica|média|mediana|gemiddelde|gemiddeld|medelvärde|genomsnitt|gennemsnit|gjennomsnitt|snitt|keskiarvo|mediaani|średnia|mediana|průměr|priemer|prosjek|prosek|povprečje|átlag|medie|ortalama|medyan|среднее|в среднем|средна стойност|середнє|медиана|μέσος όρος|μέση τιμή|平均値?|平均数|均值|中央値|中位数|最大値?|最小値?|最高|最低|標準偏差|标准差|평균|중앙값|최대|최소|표준편차|ค่าเฉลี่ย|औसत|trung bình|rata-rata|purata|متوسط|المتوسط|ממוצע|std|std\.? ?dev|stdev|standard deviation|standardabweichung|variance|varianz|minimum|maximum|ø)\s*[.:：]?$/iu;
const EXTREME = /^(?:min|max|MIN|MAX|(?:Min|Max)[.:])$/;
const NUMBER_CELL = /^[^\p{L}]*\p{Nd}[^\p{L}]*$/u;

/** Counts and end marks; no other cell of theirs has a value. */
const END_LINE =
  /^(?:\(?[\d,.]+ (?:rows?|records?|lines?)(?: (?:affected|selected|returned|exported|found|in set.*))?\)?\.?|(?:number of )?(?:rows?|records?|lines?|count)\s*[:=]\s*[\d,.]+|\[?(?:eof|end[ -]of[ -](?:file|report|data|table|list))\]?\.?)$/i;

/** What is printed at the foot of a page, and where a report says when or by whom it was made. No other cell of theirs has a value. */
const PAGE =
  /^(?:(?:page|pág(?:ina)?|pagina|seite|sida|side|strona|strana|oldal|sayfa|sivu|стр(?:аница)?|trang|หน้า)\.?\s*\d+(?:\s*(?:\/|of|von|de|di|van|av|af|z|ze|din|из)\s*\d+)?|第?\s*\d+\s*(?:[/／]\s*\d+\s*)?(?:ページ|頁|页)(?:\s*[/／,，中]?\s*[共全]\s*\d+\s*(?:ページ|頁|页))?|\d+\s*\/\s*\d+\s*pages?)$/iu;
const MADE =
  /^(?:(?:report |data )?(?:printed|generated|exported|created|downloaded|extracted|retrieved)(?: (?:on|by|at|from|with)\b|\s*[:：])|(?:source|sources|quelle|quellen|fuente|fonte|bron|källa|出典|出所|资料来源|資料來源|来源|источник)\s*[:：]|\(?(?:continued|fortsetzung|suite|続く|つづく)\)?\.?$)/iu;

/** Whether a record at the end of a file is a total, a count or an end mark. */
export function looksLikeFooter(cells: readonly string[]): boolean {
  const filled = cells.filter((cell) => cell.trim() !== '');
  const [first] = filled;
  if (first === undefined || first.length > LONGEST_FOOTER) return false;
  const text = first.normalize('NFKC').replaceAll(DRAWN_AROUND, '');
  return (
    TOTAL.test(text) ||
    LONGER_TOTAL.test(text) ||
    (filled.length === 1 && END_LINE.test(text)) ||
    (filled.length === 1 && cells.length > 1 && (PAGE.test(text) || MADE.test(text))) ||
    isStatistic(text, filled.slice(1))
  );
}

/** `Average,2`, `平均,3.5`; by itself the word may be a value. */
function isStatistic(text: string, others: readonly string[]): boolean {
  const [word = '', number] = text.split(/\s*[:：=]\s*(?=[^\p{L}]*\p{Nd})/u);
  const numbers = number === undefined ? others : [number, ...others];
  return (
    numbers.length > 0 &&
    (STATISTIC.test(word) || EXTREME.test(word)) &&
    numbers.every((cell) => NUMBER_CELL.test(cell))
  );
}

/** Of two bytes. */
export const PAIRS = 0x1_0000;

/** A longer cell is none of totals. */
const MAX_BYTES = 240;

/** How the words begin, without case; each has two bytes at least. */
const BEGINNINGS = 'to su gr ov ro ge zw in so i_ yh ra ce ös ит вс 総 合 小 計 总 總 共 计 합 총 소 क ร'
  .split(' ')
  .map((word) => word.replace('_', ' '));

const WORDS_BEGIN = BEGINNINGS.flatMap((word) => [word, word.toUpperCase(), capital(word)]).map((text) =>
  Buffer.from(text),
);
/** What they begin with. */
const WORD_BYTES = new Set(WORDS_BEGIN.map(([first]) => first!));
/** The pairs that they begin with. */
const WORD_PAIRS = new Set(WORDS_BEGIN.map((bytes) => bytes.readUInt16BE(0)));
/** 1 for each of them. */
const IS_WORD_PAIR = new Uint8Array(PAIRS);
for (const pair of WORD_PAIRS) IS_WORD_PAIR[pair] = 1;

/** Looks for totals among all records of a file: most of them are none by their first two bytes. */
export class Totals {
  private readonly grammar: Grammar;

  constructor(grammar: Grammar) {
    this.grammar = grammar;
  }

  /** The pairs of bytes that a record of totals may begin with, behind its quote; its first cells may be empty. */
  starts(): number[] {
    const { delimiter, delimiter2, quote } = this.grammar;
    const before = [delimiter, delimiter2, quote, SPACE].filter((byte) => byte !== NO_BYTE);
    const behind = [...before, ...WORD_BYTES];
    return [...WORD_PAIRS, ...before.flatMap((a) => behind.map((b) => (a << 8) | b))];
  }

  /** Whether the first cell of the record that is not empty begins a line of totals. */
  isAt(bytes: Buffer, from: number, to: number): boolean {
    const { grammar } = this;
    const { quote } = grammar;
    let at = from;
    let isQuoted = false;
    for (; at < to; at++) {
      if (bytes[at] === quote) isQuoted = true;
      else if (isDelimiter(bytes, at, grammar)) isQuoted = false;
      else if (bytes[at] !== SPACE && bytes[at] !== grammar.delimiter2) break;
    }
    if (at + 1 >= to || IS_WORD_PAIR[(bytes[at]! << 8) | bytes[at + 1]!] === 0) return false;
    const bound = Math.min(to, at + MAX_BYTES);
    let end = at;
    while (end < bound && (isQuoted ? bytes[end] !== quote : !isDelimiter(bytes, end, grammar))) end++;
    return looksLikeTotal([bytes.toString('utf8', at, end)]);
  }
}

function capital(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}
