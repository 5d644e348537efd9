// Which texts may be passed over around a number: currencies, units of measurement, what is counted, and "about" or "net". Any other word or
// sign may change what the number means ("refund 5", "Af 5", "5 in red"): nobody can list all of those, so the texts that do not are listed.
import { UNIT_TEXTS, UNIT_WORDS } from './unit-words.ts';

/** As they are written; only behind the number, as "A 5", "V 5" or "h 5" may be a side of an account. */
const BEHIND = `
kg Kg KG g gr mg µg μg lb oz km Km KM cm CM mm MM dm nm µm μm ft in yd ha l ml mL ML cl cL dl dL hl s ms h kW KW MW GW TW Wh kWh KWH kwh MWh GWh
kV mV mA Ah mAh VA kVA MVA kvar Hz kHz MHz GHz Pa hPa kPa MPa bar mbar psi Nm kN kNm kJ MJ GJ cal kcal lm lx dB dBA mol mmol
nmol IU px pt dpi ppi ppm ppb MB kB KB GB TB PB KiB MiB GiB TiB Mbit Gbit Mbps Gbps kph mph kmh rpm min Min
`;

/** In any case, and before the number as well. */
const EITHER_SIDE = `
kr kč zł ft tl đ lei rp rs fr sfr rm kn din dh dhs bs us gb руб р грн лв дин ден тг сум лей € บาท ดอลลาร์ ยูโร 위안 엔 달러 유로 원
usd jpy cny rmb sek nok dkk pln czk ron bgn uah inr krw thb twd aud cad nzd mxn clp ars zar aed sar sgd hkd
per pro por pour par al cada je each ea de
hr hrs uur std stunden sek secs mins tag tage tagen day days wk wks mo mos yr yrs jahr jahre dag dagen dager
sqm sqft sqkm sqmi qm qkm cbm ccm cc cu sq lfm lfdm rm fm kmh square cubic linear running board
quadratmeter kubikmeter quadratkilometer kvadratmeter kubikmeter metros cuadrados cúbicos mètres carrés cubes metri quadrati cubi
barrel barrels bbl bushel bushels inch inches feet lbs tonne tonnes carat carats pints pint quart quarts
pc pcs pce pces piece pieces pièce pièces unit units unité unités unidad unidades unidade unità unid uds und unds un stück stücke stk stck
styck stycken stykk stykker st stuks stuk pezzi pezzo pz pza pzas pieza piezas peça peças szt sztuk sztuki sztuka ks kus kusy kusů kom
bucăți buc bucata шт штук штуки штука ед единиц adet tane τεμ τεμάχια kpl kappale kappaletta tk gab vnt buah biji chiếc cái قطعة قطع عدد
item items artikel article articles person persons people personen personne personnes persona personas pessoas pax guests
box boxes bottle bottles carton cartons karton kartons kiste kisten kasten flasche flaschen bouteille bouteilles botella botellas pack packs package packages
packung packungen packet packets paket pakete pkg pkgs pallet pallets palette paletten set sets satz roll rolls rolle rollen rouleau rouleaux
bag bags beutel sack säcke dose dosen can cans tin tins tube tubes tuben tablet tablets tabletten jar jars sheet sheets blatt page pages seite
seiten bogen bund point points punkt punkte pts
about approx approximately circa ca etwa ungefähr environ aprox circa cirka net netto brutto incl inkl vat mwst ust ttc ht moms iva btw tva gst
개 명 건 권 대 장 병 회 시간 분 초 약 नग रुपये रुपए रुपया रू रु टका টাকা ரூபாய் రూపాయలు
ชิ้น อัน คน ขวด กล่อง ถุง แผ่น เล่ม ตัว คัน
`;

/** Counters and the like, of which several may follow one another: 約5メートル, 5個入り. */
const COUNTERS = `
個 箇 个 コ ケ 本 枚 台 件 人 名 回 点 冊 箱 袋 匹 頭 羽 杯 着 足 歳 才 年 月 日 時 秒 時間 分間 秒間 分鐘 日間 週間 年間 か月 カ月 ヶ月 ヵ月 個月 円 圓 圆 元 块 塊 口
社 校 室 戸 軒 棟 席 票 歩 坪 畳 平米 平方 立方 平方米 立方米 約 约 およそ 税込 税抜 税込み 税抜き 消費税込 只 條 条 張 张 辆 輛 瓶 包 盒 套 份 次 家 斤 公斤
ドル 米ドル 人民元 ウォン
`;

/** Of what is written without a word: currencies but for hundredths (¢), per cent, degrees, marks of about and equal, quotes, stops. */
const MARKS = /^(?:(?![¢￠])[\p{Sc}\s\p{Z}\p{Cf}%٪﹪％°º'’‘"“”„‚«»‹›′″~～〜≈≃≅∼=:：/.\p{Ps}\p{Pe}])*$/u;
/** "Cent" is a hundredth without the word before it. */
const PER_CENT = /(?<!\p{L})(?:per|por|pour) (?:cent|cento|ciento)(?!\p{L})/giu;
const WORD = /[\p{L}\p{M}]+/gu;
const DENSE = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]+$/u;

const split = (text: string): string[] => text.trim().split(/\s+/);

interface Known {
  readonly behind: ReadonlySet<string>;
  readonly words: ReadonlySet<string>;
  readonly codes: ReadonlySet<string>;
  readonly texts: ReadonlySet<string>;
  readonly longestText: number;
}

let known: Known | undefined;

/** Made when the first number with a text around it is met: most datasets have none. */
function knownTexts(): Known {
  if (known !== undefined) return known;
  const texts = new Set([...split(UNIT_TEXTS), ...split(COUNTERS)]);
  known = {
    behind: new Set(split(BEHIND)),
    words: new Set([...split(UNIT_WORDS), ...split(EITHER_SIDE)]),
    codes: new Set(Intl.supportedValuesOf('currency')),
    texts,
    longestText: Math.max(...Array.from(texts, (text) => text.length)),
  };
  return known;
}

/** The first word or sign that is no unit, currency or the like; undefined: all of the text may be passed over. */
export function unknownAround(before: string, after: string): string | undefined {
  return unknownIn(before, false) ?? unknownIn(after, true);
}

function unknownIn(side: string, isBehind: boolean): string | undefined {
  const text = side.replaceAll(PER_CENT, ' ');
  for (const [word] of text.matchAll(WORD)) if (!isKnown(word, isBehind)) return word;
  const marks = text.replaceAll(WORD, '');
  return MARKS.test(marks) ? undefined : Array.from(marks).find((mark) => !MARKS.test(mark));
}

function isKnown(word: string, isBehind: boolean): boolean {
  const { behind, words, codes } = knownTexts();
  return (
    codes.has(word) ||
    words.has(word.length === 1 ? word : word.toLowerCase()) ||
    (isBehind && behind.has(word)) ||
    (DENSE.test(word) && isMadeOfTexts(word))
  );
}

/** Whether a text can be cut into known ones. */
function isMadeOfTexts(text: string): boolean {
  const { texts, longestText } = knownTexts();
  const reached = new Set([0]);
  for (let start = 0; start < text.length; start++) {
    if (!reached.has(start)) continue;
    for (let end = start + 1; end <= Math.min(text.length, start + longestText); end++)
      if (texts.has(text.slice(start, end))) reached.add(end);
  }
  return reached.has(text.length);
}
