// What may be around a number: nothing that could change what it means.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileField } from '../../../../src/core/dataset/fields/compile-field.ts';
import { NEGATIVES, type Field } from '../../../../src/core/dataset/types.ts';

const compile = (field: Partial<Field> = {}) => {
  const whole: Field = { name: 'f', type: 'number', bareNumber: false, groupChar: ',', ...field };
  return compileField(whole, { fields: [whole] });
};
const { read } = compile();

/** What bank files, ledgers and people write for the side of an account or the sign of an amount. */
const DIRECTIONS = `
refund refunded rebate reversal reversed chargeback charge charged fee fees owed owing due paid payment sent received spent spend out in-out return returned
outgoing incoming outflow inflow expense expenses income cost costs discount deduction deducted less short shortfall deficit arrears overdraft debt payable
receivable void voided cancelled canceled correction red Red RED black below under over surplus not no ex lost gain won-back R W Wd Wdl Dep Pmt
Af Bij AF BIJ af bij terug teruggave korting terugbetaling uitgaven inkomsten schuld
Soll Haben S H Belastung Gutschrift Rückzahlung Erstattung Storno Abgang Zugang Ausgang Eingang Ausgabe Einnahme Schuld Guthaben Rabatt rot minus abzgl
débit crédit remboursement remise avoir sortie entrée dépense recette dû rouge perte annulation
dare avere rimborso storno uscita entrata sconto perdita rosso addebito accredito
debe haber cargo abono reembolso devolución salida entrada descuento pérdida rojo
débito crédito reembolso estorno saída entrada devolução desconto prejuízo vermelho
ut insatt uttag återbetalning kredit debet rabatt minskning skuld röd utbetaling innbetaling innskudd uttak tilbakebetaling gjeld
hævet indsat tilbagebetaling udgift indtægt gæld palautus pano otto velka hyvitys punainen
Wn Ma WN MA winien zwrot obciążenie uznanie wpływ wypłata wpłata strata rabat korekta vratka výdaj příjem dluh sleva storno výběr vklad
terhelés jóváírás visszatérítés kiadás bevétel tartozás iade borç alacak gider gelir zarar çıkış giriş rambursare datorie
возврат расход приход списание зачисление долг скидка убыток сторно Д К Дт Кт повернення видаток надходження борг знижка επιστροφή χρέωση πίστωση έκπτωση
出金 入金 返金 戻り 戻入 返品 値引 値引き 取消 支払 受取 借方 貸方 引 払 支出 収入 損 損失 赤 黒字 未収 還付 割引
借 贷 貸 退款 支出 收入 冲销 付 收 欠 亏 減 返 出 入 折扣 支 退
출금 입금 환불 지출 수입 차변 대변 취소 할인 부채 적자 Dr Cr DR CR Dr. Cr. जमा नामे वापसी उधार दायन مدين دائن خصم استرداد חובה זכות החזר ฝาก ถอน คืน
hoàn chi thu nợ keluar masuk kembali hutang toa weka
`;
const COLOURS =
  'red black rot schwarz rouge noir rosso rojo vermelho röd czerwony красный 赤 红 紅 黑 빨강 लाल أحمر'.split(
    ' ',
  );
const MULTIPLES =
  `‰ ‱ ؉ cent cents ct ¢ Cent pence p penny Rappen centimes öre groszy копеек paise paisa 分 角 銭 전 k K M m Mio Mrd bn lakh crore dozen gross score pair
pairs double half triple kilo hecto milli tausend mille duizend tusen tys. тыс. 千 万 億 천 만 억 हज़ार लाख करोड़ thousand ribu juta พัน หมื่น`
    .trim()
    .split(/\s+/);
const MARKS = ['#', '*', '!', '?', '§', '†', '🔴', '🔻', '✗', '×', '✓', '&', '@', '_', '^', '|'];

const split = (text: string): string[] => text.trim().split(/\s+/);

describe('beside a number', () => {
  it.each([
    ['directions', split(DIRECTIONS)],
    ['colours', COLOURS],
    ['multiples and parts', MULTIPLES],
    ['marks', MARKS],
  ])('%s make a row error, whatever forms of negative numbers are declared', (_name, words) => {
    const landed = words.flatMap((word) =>
      [NEGATIVES.filter((form) => form !== 'drcr'), []].flatMap((negative) => {
        const { read: readDeclared } = compile({ negative });
        return [
          `${word} 5`,
          `5 ${word}`,
          `${word}: 5`,
          `5 € ${word}`,
          `${word} € 5`,
          `5 (${word})`,
          `5 in ${word}`,
        ].filter((text) => readDeclared(text) !== undefined);
      }),
    );
    expect(landed).toEqual([]);
  });

  it('a word that nobody has listed makes a row error', () => {
    const letters = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzåäöéßçñбвгдαβγ');
    const words = fc.array(letters, { minLength: 9, maxLength: 14 }).map((chars) => chars.join(''));
    fc.assert(
      fc.property(words, (word) => {
        for (const text of [`5 ${word}`, `${word} 5`, `${word}5`, `5 kg ${word}`, `USD 5 ${word}`])
          expect(read(text), text).toBeUndefined();
      }),
      { numRuns: 3000 },
    );
  });

  it.each(
    `5 m²|12 kg|€ 5|5 USD|kr 100|100 Stück|5 pcs|5 Stk.|5 szt.|5 шт.|5 uds.|5 items|5個|5 枚|約5本|5개|5 bottles|5 km/h|5 °C|95 %|95%|5 EUR|eur 5|5 Euro|
5 euros|5 dollars|5 kronor|5 złotych|5 рублей|5 руб.|5元|￥5|5 人民币|5ドル|5 hours|5 Stunden|5 min|5 s|5 GB|5 kWh|5 MHz|5 Kč|Rs. 5|RM 5|R$ 5|HK$5|CHF 5|5 Ft|
5 per cent|5 pour cent|5 por ciento|5 (netto)|ca. 5|≈5|5 kg/m²|5 € per kg|5 บาท|5 रुपये|₹5|1,234円(税込)|5 pièces|5 boxes|5 l|5 ml|5 mg|5 lbs|5 ft|5 in|“5”`
      .replaceAll('\n', '')
      .split('|'),
  )('a currency, a unit or what is counted is passed over: %s', (text) => {
    expect(read(text)).toBe(text.includes('1,234') ? '1234' : /[0-9]+/.exec(text)![0]);
  });

  it('the message names the word and what takes it, and that does', () => {
    const { explain } = compile();
    const message = explain('5 Gebinde')[0]!.message;
    expect(message).toContain('"Gebinde" is no currency or unit that is known');
    expect(message).toContain('declare {"remove": "Gebinde"} in normalize');
    expect(compile({ normalize: [{ remove: 'Gebinde' }] }).read('5 Gebinde')).toBe('5');
    expect(compile({ normalize: [{ remove: 'Gebinde' }] }).read('refund 5 Gebinde')).toBeUndefined();
  });

  it('is not named where no text may be around the number anyway', () =>
    expect(compile({ bareNumber: true }).explain('5 Gebinde')[0]!.message).not.toContain('Gebinde" is'));
});

describe('what stands there twice', () => {
  const all = compile({
    negative: ['trailing', 'parentheses', 'drcr', 'triangle', 'unicode-minus', 'before-currency'],
  });
  it.each(
    `95%% %95% $$5 $5$ 5€€ €5€ 5€\u00a0€ 5円円 ¥¥5 --5 5-- ((5)) (5)) -(5) (-5) 5-% ‰% 5‰% 5%‰ −−5 ▲▲5 -5- ++5 +-5 5°° ~~5 ==5 95％% 95٪%`.split(
      ' ',
    ),
  )('makes a row error: %s', (text) => {
    expect(read(text)).toBeUndefined();
    expect(all.read(text)).toBeUndefined();
  });

  it.each([
    '5 kg kg',
    'USD USD 5',
    'USD 5 USD',
    '5 EUR EUR',
    '約約5',
    '5 % %',
    '5:',
    ':5',
    '/5',
    '5/',
    '€/5',
    '5 DR DR',
    'DR 5 DR',
    '(5) DR',
  ])('makes a row error: %s', (text) => {
    expect(read(text)).toBeUndefined();
    expect(all.read(text)).toBeUndefined();
  });

  it.each([
    ['$€5', '"$" and "€"'],
    ['€ 5 $', '"€" and "$"'],
    ['￥5€', '"¥" and "€"'],
    ['US$ 5 €', '"$" and "€"'],
    ['USD 5 EUR', '"USD" and "EUR"'],
    ['$5 EUR', '"$" and "EUR"'],
    ['€5 USD', '"€" and "USD"'],
    ['GBP 5 €', '"€" and "GBP"'],
    ['5 ₹ JPY', '"₹" and "JPY"'],
  ])('is a row error if it is another currency: %s', (text, both) => {
    expect(read(text)).toBeUndefined();
    expect(compile().explain(text)[0]!.message).toContain(`in which ${both} are two currencies`);
  });

  it.each(['$5 MXN', '$ 5 CAD', 'A$ 5 AUD', '¥ 5 CNY', '￥5 JPY', '£5 GBP', 'EUR 5 €', '₽ 5 RUB', '৳ 5 BDT'])(
    'is none if it is the same currency: %s',
    (text) => expect(read(text)).toBe('5'),
  );

  it('is named', () => {
    expect(compile().explain('95%%')[0]!.message).toContain('in which "%" stands twice; write it once');
  });

  it.each([
    '95%',
    '95 %',
    '$5',
    'US$5',
    '$5 USD',
    'S/5',
    'S/ 5',
    '5 €/m',
    '5 /h',
    '5 €/Stück',
    '¥5円',
    '5 %',
    'EUR: 5',
    '"5"',
    '«5»',
    "'5'",
    '~5',
    '5 kg/m²',
    '5 m²',
    '約5円',
  ])('is not what is written once: %s', (text) =>
    expect(read(text)).toBe('5'.padStart(text.includes('95') ? 2 : 1, '9')),
  );
});
