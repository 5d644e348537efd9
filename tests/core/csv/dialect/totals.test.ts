import { expect, it } from 'vitest';
import { grammarOf } from '../../../../src/core/csv/grammar.ts';
import { looksLikeFooter, looksLikeTotal, Totals } from '../../../../src/core/csv/dialect/totals.ts';

it.each([
  'Total',
  'TOTAL:',
  'Grand Total',
  'Subtotal',
  'Totals',
  'Total: 3',
  'Total (12 records)',
  'total 1,234.50',
  'Sum',
  'Summe',
  'Gesamtsumme',
  'Gesamt:',
  'Zwischensumme',
  'Total général',
  'Sous-total',
  'Somme',
  'Suma',
  'Totale',
  'Totaal',
  'Summa',
  'Yhteensä',
  'Razem',
  'Итого:',
  'Toplam',
  '合計',
  '総計',
  '小計',
  '計',
  '合計：',
  '总计',
  '合计',
  '小计',
  '總計',
  '합계',
  '총계',
  'कुल',
  ' Total ',
])('%s begins a line of totals', (cell) => {
  expect(looksLikeTotal(['', cell, '3'])).toBe(true);
  const totals = new Totals(grammarOf({ delimiter: ',' }));
  for (const line of [`${cell},3`, `"${cell}",3`, `,${cell}`, `,"${cell}"`, cell.toUpperCase()]) {
    const bytes = Buffer.from(`1,2\n${line}\n`);
    const startAt = line.startsWith('"') ? 5 : 4;
    expect([
      line,
      totals.starts().includes(bytes.readUInt16BE(startAt)),
      totals.isAt(bytes, 4, bytes.length - 1),
    ]).toEqual([line, true, true]);
  }
});

it.each([
  'TotalEnergies',
  'Total Wine & More',
  'Sumitomo',
  'Summer',
  'Suma Foods',
  '計画',
  '合計額表',
  'Totally',
  'Gesamtschule',
  '1',
  '',
])('%s does not', (cell) => {
  expect(looksLikeTotal([cell, 'Total'])).toBe(cell === '');
});

it.each([
  ['Total', '3'],
  ['*** Grand Total ***', '3'],
  ['--- Summe ---', '3'],
  ['Total geral', '3'],
  ['Total amount:', '3'],
  ['Endsumme', '3'],
  ['合計金額', '3'],
  ['Average:', '3'],
  ['(2 rows affected)', ''],
  ['2 rows selected.', ''],
  ['Records: 2', ''],
  ['EOF', ''],
  ['*** END OF REPORT ***', ''],
])('%s beside "%s" ends a file', (...cells) => {
  expect(looksLikeFooter(cells)).toBe(true);
});

it.each([
  ['EOF', '3'],
  ['2 rows', 'of seats'],
  ['End of Days', ''],
  ['Total Recall', '3'],
  ['Count Dracula', ''],
  ['-', ''],
  ['12', ''],
])('%s beside "%s" does not', (...cells) => {
  expect(looksLikeFooter(cells)).toBe(false);
});

it.each([
  ['Average', '2'],
  ['Mean', '', '3.5'],
  ['Avg.', '12 %'],
  ['Durchschnitt', '2,5'],
  ['Mittelwert:', '€ 3'],
  ['Moyenne', '1 234'],
  ['平均', '2'],
  ['平均値', '2'],
  ['평균', '2'],
  ['Среднее', '2'],
  ['Median', '2'],
  ['Maximum', '9'],
  ['min', '9'],
  ['MAX', '9'],
  ['Max.', '9'],
  ['Ø', '2'],
  ['', 'Average', '2'],
  ['Average: 2.5'],
  ['*** Average ***', '2'],
])('a line of statistics is no record: %j', (...cells) => expect(looksLikeFooter(cells)).toBe(true));

it.each([
  ['Average'],
  ['Max', '34'],
  ['Min', '27'],
  ['Average', 'good'],
  ['Mean Street', '2'],
  ['Media', '5'],
  ['平均台', '3'],
])('is a record: %j', (...cells) => expect(looksLikeFooter(cells)).toBe(false));
