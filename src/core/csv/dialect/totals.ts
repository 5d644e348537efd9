// Lines at the end of a report that are no records: totals and counts. A person knows them by their first word.

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
/** How many records at the end of the file are looked at. */
export const FOOTER_RECORDS = 3;

/** Whether the first cell that is not empty begins a line of totals. */
export function looksLikeTotal(cells: readonly string[]): boolean {
  const first = cells.find((cell) => cell.trim() !== '');
  return first !== undefined && first.length <= 60 && TOTAL.test(first.normalize('NFKC'));
}
