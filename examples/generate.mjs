// Writes customers.csv (1,000 good records) and customers-with-errors.csv (100 records, 15 of them wrong) beside this file.
// The same seed gives the same files: `node examples/generate.mjs` changes nothing unless this program has changed.
//
// customers.csv, on purpose: quoted cells with commas (every 40th building), line ends (every 125th) and doubled quotes
// (every 90th); telephone numbers and post codes without their leading zero, as spreadsheets write them (every 7th, all
// of Hokkaido's); dates as 1980-04-01, 1980/4/1 and 1980年4月1日; empty cells where a field is not required.
//
// customers-with-errors.csv: what is wrong, by data record (17 errors in 15 records; the other 85 land):
//    5  氏名 empty                                constraint-error required
//   12  氏名 of 256 characters                    constraint-error maxLength
//   18  生年月日 2023-02-29, not in the calendar  type-error
//   23  生年月日 平成2年12月31日, an era's year    type-error
//   29  生年月日 45292, a spreadsheet's day       type-error
//   34  メールアドレス with a full-width ＠       type-error
//   41  電話番号 090-0123-4567                    constraint-error pattern
//   47  電話番号 of 13 digits                     constraint-error pattern
//   52  郵便番号 100-0005                         constraint-error pattern
//   58  nine cells                                missing-cell
//   63  eleven cells                              extra-cell
//   70  氏名 empty, 生年月日 不明, 郵便番号 of 8 digits   constraint-error required, type-error, constraint-error pattern
//   77  text after a closing quote                quote-error
//   84  a quote that is never closed              quote-error
//   91  メールアドレス without a domain           type-error
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const HEADER = ['氏名', 'カナ氏名', '生年月日', 'メールアドレス', '電話番号', '都道府県', '市区町村', '番地', '建物名等', '郵便番号'];
const [NAME, , BIRTHDAY, EMAIL, PHONE, , , , , POST_NO] = HEADER.keys();

const FAMILY_NAMES = `佐藤 サトウ sato,鈴木 スズキ suzuki,高橋 タカハシ takahashi,田中 タナカ tanaka,伊藤 イトウ ito,渡辺 ワタナベ watanabe,
山本 ヤマモト yamamoto,中村 ナカムラ nakamura,小林 コバヤシ kobayashi,加藤 カトウ kato,吉田 ヨシダ yoshida,山田 ヤマダ yamada,
佐々木 ササキ sasaki,山口 ヤマグチ yamaguchi,松本 マツモト matsumoto,井上 イノウエ inoue,木村 キムラ kimura,林 ハヤシ hayashi,
斎藤 サイトウ saito,清水 シミズ shimizu,山崎 ヤマザキ yamazaki,森 モリ mori,池田 イケダ ikeda,橋本 ハシモト hashimoto,
阿部 アベ abe,石川 イシカワ ishikawa,髙田 タカダ takada,𠮷野 ヨシノ yoshino,藤田 フジタ fujita,岡田 オカダ okada`;
const GIVEN_NAMES = `太郎 タロウ taro,花子 ハナコ hanako,蓮 レン ren,陽葵 ヒマリ himari,湊 ミナト minato,凛 リン rin,樹 イツキ itsuki,
結菜 ユイナ yuina,悠真 ユウマ yuma,葵 アオイ aoi,大翔 ヒロト hiroto,さくら サクラ sakura,健一 ケンイチ kenichi,美咲 ミサキ misaki,
翔太 ショウタ shota,陽子 ヨウコ yoko,直樹 ナオキ naoki,恵子 ケイコ keiko,誠 マコト makoto,由美 ユミ yumi,拓也 タクヤ takuya,
久美子 クミコ kumiko,浩 ヒロシ hiroshi,真由美 マユミ mayumi,学 マナブ manabu`;
const PLACES = `北海道 札幌市中央区北一条西 0600001,宮城県 仙台市青葉区本町 9800014,埼玉県 さいたま市大宮区桜木町 3300854,
千葉県 千葉市中央区中央 2600013,東京都 千代田区丸の内 1000005,東京都 新宿区西新宿 1600023,東京都 渋谷区道玄坂 1500043,
神奈川県 横浜市西区みなとみらい 2200012,新潟県 新潟市中央区東大通 9500087,石川県 金沢市広岡 9200031,静岡県 静岡市葵区追手町 4200853,
愛知県 名古屋市中村区名駅 4500002,京都府 京都市下京区烏丸通 6008216,大阪府 大阪市北区梅田 5300001,大阪府 堺市堺区南瓦町 5900078,
兵庫県 神戸市中央区三宮町 6500021,広島県 広島市中区基町 7300011,香川県 高松市番町 7600017,福岡県 福岡市博多区博多駅前 8120011,沖縄県 那覇市泉崎 9000021`;
const BUILDINGS = ['', '', 'メゾン青葉', 'コーポさくら', 'グランドハイツ', '第一ビル', 'サンライズマンション'];
const MAIL_DOMAINS = ['example.jp', 'example.com', 'mail.example.co.jp', 'example.ne.jp'];
// Mobile numbers that nobody has: the digit after 070, 080 and 090 is never 0.
const PHONE_PREFIXES = ['0700', '0800', '0900'];

const listOf = (text) => text.split(',').map((entry) => entry.trim().split(' '));
const [families, givens, places] = [FAMILY_NAMES, GIVEN_NAMES, PLACES].map(listOf);

/** Numbers from 0 to 1 that only depend on the seed (mulberry32). */
function createRandom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function createCustomers(seed) {
  const random = createRandom(seed);
  const upTo = (count) => Math.floor(random() * count);
  const pick = (list) => list[upTo(list.length)];
  const two = (number) => String(number).padStart(2, '0');

  function birthday(n) {
    const [year, month, day] = [1940 + upTo(66), 1 + upTo(12), 1 + upTo(28)];
    if (n % 11 === 0) return `${year}/${month}/${day}`;
    if (n % 37 === 0) return `${year}年${month}月${day}日`;
    return n % 29 === 0 ? '' : `${year}-${two(month)}-${two(day)}`;
  }

  function building(n) {
    const name = pick(BUILDINGS);
    const room = `${1 + upTo(12)}${two(1 + upTo(8))}`;
    if (n % 125 === 0) return `みなとビル${1 + upTo(9)}階\n(受付は1階)`;
    if (n % 90 === 0) return `"ひまわり" ${room}`;
    if (n % 40 === 0) return `グランドメゾン青葉, ${room}号室`;
    return name === '' ? '' : `${name} ${room}`;
  }

  return (n) => {
    const [family, familyKana, familyRoman] = pick(families);
    const [given, givenKana, givenRoman] = pick(givens);
    const [prefecture, city, postNo] = pick(places);
    const phone = pick(PHONE_PREFIXES) + String(upTo(10 ** 7)).padStart(7, '0');
    return [
      `${family} ${given}`,
      n % 31 === 0 ? '' : `${familyKana} ${givenKana}`,
      birthday(n),
      n % 23 === 0 ? '' : `${givenRoman}.${familyRoman}${n}@${pick(MAIL_DOMAINS)}`,
      n % 19 === 0 ? '' : n % 7 === 0 ? phone.slice(1) : phone,
      prefecture,
      city,
      `${1 + upTo(9)}-${1 + upTo(30)}-${1 + upTo(20)}`,
      building(n),
      postNo.replace(/^0/, ''),
    ];
  };
}

function csvRecord(cells) {
  return cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',');
}

function writeCsv(name, records) {
  writeFileSync(fileURLToPath(new URL(name, import.meta.url)), [csvRecord(HEADER), ...records].map((line) => `${line}\n`).join(''));
}

const numbers = (count) => Array.from({ length: count }, (_, index) => index + 1);

const customer = createCustomers(20240401);
writeCsv('customers.csv', numbers(1000).map((n) => csvRecord(customer(n))));

const changed = (cells, changes) => cells.map((cell, index) => changes[index] ?? cell);
const ERRORS = {
  5: (cells) => csvRecord(changed(cells, { [NAME]: '' })),
  12: (cells) => csvRecord(changed(cells, { [NAME]: '寿'.repeat(256) })),
  18: (cells) => csvRecord(changed(cells, { [BIRTHDAY]: '2023-02-29' })),
  23: (cells) => csvRecord(changed(cells, { [BIRTHDAY]: '平成2年12月31日' })),
  29: (cells) => csvRecord(changed(cells, { [BIRTHDAY]: '45292' })),
  34: (cells) => csvRecord(changed(cells, { [EMAIL]: 'taro.yamada＠example.jp' })),
  41: (cells) => csvRecord(changed(cells, { [PHONE]: '090-0123-4567' })),
  47: (cells) => csvRecord(changed(cells, { [PHONE]: '0900123456789' })),
  52: (cells) => csvRecord(changed(cells, { [POST_NO]: '100-0005' })),
  58: (cells) => csvRecord(cells.slice(0, -1)),
  63: (cells) => csvRecord([...cells, '備考']),
  70: (cells) => csvRecord(changed(cells, { [NAME]: '', [BIRTHDAY]: '不明', [POST_NO]: '10000050' })),
  77: (cells) => `"${cells[NAME]}"様,${csvRecord(cells.slice(1))}`,
  84: (cells) => `"${cells[NAME]},${csvRecord(cells.slice(1))}`,
  91: (cells) => csvRecord(changed(cells, { [EMAIL]: 'hanako@' })),
};
const other = createCustomers(20240402);
const plain = (cells) => csvRecord(cells);
writeCsv('customers-with-errors.csv', numbers(100).map((n) => (ERRORS[n] ?? plain)(other(n))));
