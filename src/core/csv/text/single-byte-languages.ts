// How likely bytes are as text of a language in one of the single-byte encodings. Nearly any bytes can be decoded in each of these, so
// what tells them apart is which letters a language has, how often it writes them, and where its capitals stand.
import { createDecoder, findEncoding } from './encodings.ts';

interface Language {
  readonly encodings: readonly string[];
  /** Its letters beyond ASCII in small, the frequent ones first (counted in the names of countries, languages, currencies and months). */
  readonly letters: string;
}

const WEST = ['windows-1252', 'macintosh', 'ibm850', 'ibm437', 'ibm858'];
const MIDDLE = ['windows-1250', 'iso-8859-2', 'ibm852'];
const BALTIC = ['windows-1257', 'ibm775'];
const CYRILLIC = ['windows-1251', 'koi8-r', 'ibm866'];

/** Of two that fit as well, the former is taken. */
const LANGUAGES: readonly Language[] = [
  { encodings: WEST, letters: 'äüöéßç' }, // German
  { encodings: WEST, letters: 'äöåé' }, // Swedish, Finnish
  { encodings: WEST, letters: 'øåæé' }, // Danish, Norwegian
  { encodings: WEST, letters: 'éèîïçêûôàëùœ' }, // French
  { encodings: WEST, letters: 'íéóáñúüºª¿¡' }, // Spanish
  { encodings: [...WEST, 'ibm860'], letters: 'ãéáíçóêúõôâàüºª' }, // Portuguese
  { encodings: WEST, letters: 'àìèéòùî' }, // Italian
  { encodings: WEST, letters: 'àèíòçóúéïü·' }, // Catalan
  { encodings: WEST, letters: 'ëïéèöüç' }, // Dutch
  { encodings: ['windows-1252', 'ibm850', 'ibm861'], letters: 'íúóðáæöýéþ' }, // Icelandic
  { encodings: MIDDLE, letters: 'łńśżóąęźć' }, // Polish
  { encodings: MIDDLE, letters: 'áíšýéčěžřúóůďňť' }, // Czech
  { encodings: MIDDLE, letters: 'áčýšéíóžúľäňďťôĺŕ' }, // Slovak
  { encodings: MIDDLE, letters: 'áéöóíúüőű' }, // Hungarian
  { encodings: MIDDLE, letters: 'čšžćđ' }, // Croatian, Slovene
  { encodings: MIDDLE, letters: 'ăşâţî' }, // Romanian
  { encodings: ['windows-1254', 'ibm857'], letters: 'ıçşüöğâî' }, // Turkish
  { encodings: BALTIC, letters: 'ėščųžūįąę' }, // Lithuanian
  { encodings: BALTIC, letters: 'āšīēņūžčļģķ' }, // Latvian
  { encodings: BALTIC, letters: 'äõüöšž' }, // Estonian
  { encodings: CYRILLIC, letters: 'аинксреойлтвядумгбьпфзышжчюхцэщёъ№' }, // Russian
  { encodings: ['windows-1251', 'koi8-u', 'ibm866'], letters: 'анксіроеьилтвдйумягбпзфчцшхжєїющґ№' }, // Ukrainian
  { encodings: CYRILLIC, letters: 'аинкрсоетлвдмубгяпйзъфжхчшюцщь№' }, // Bulgarian
  { encodings: ['windows-1251', 'ibm855'], letters: 'аикнсреотлујвмдбгпзфчшхцљџжњћђ' }, // Serbian
  { encodings: ['windows-1253', 'ibm737'], letters: 'αοινρκάτυμλείσπγςβδέηόήζύφωχϊθξψώϋΐ' }, // Greek
  { encodings: ['windows-1255', 'ibm862'], letters: 'יוראנהלבמקסתטדגפשםןזצחכעךףץ' }, // Hebrew
  { encodings: ['windows-1256'], letters: 'ايلونربمسةتكدجفأغزشهقإطخحصعىئؤءآضظثذپچژگ' }, // Arabic
  {
    encodings: ['windows-874'],
    letters: 'านเรีอกิล์มยัวดตซโบสคูแปทงห่จชุะฟพฮไฤธถศภษ้ขำึืผญฐณฝใฉฯฬๆฎฏ',
  }, // Thai
];

/** What every language writes besides letters, the frequent ones first: quotes, dashes, a blank that does not break, signs of currencies. */
const MARKS = '’–€£\u00a0“”„§°…«»‘‚—•®©™²³µ±×¥½¼¾';
const SUM_OF_MARKS = Array.from(MARKS).reduce((total, _, rank) => total + 1 / (rank + 2), 0);
const SHARE_OF_MARKS = 0.1;
/** Of the letters: in sentences and names, and where all is written in capitals. */
const SHARES_OF_CAPITALS = [0.2, 0.9];
/** Letters that only names from elsewhere have, in a language written in Latin letters. */
const FOREIGN = 'áàâäãåæçéèêëíìîïñóòôöõøúùûüýÿßœšž';
const SHARE_OF_FOREIGN = 0.01;

const RARE = Math.log(0.01 / 10_000);
const NOT_ALLOWED = 2 * RARE;

interface Model {
  readonly encoding: string;
  readonly isLatin: boolean;
  /** For each byte from 0x80 on: the logarithm of how likely it is among them, and what it is. */
  readonly logs: Float64Array;
  readonly kinds: readonly Kind[];
}

type Kind = 'small' | 'capital' | 'caseless' | 'mark';

let models: readonly Model[] | undefined;

/** Mean logarithm of likelihood for a byte that is not ASCII, by encoding: of the language that explains the bytes best. */
export function singleByteLikelihoods(bytes: Buffer): Map<string, number> {
  models ??= LANGUAGES.flatMap(({ letters, encodings }) =>
    SHARES_OF_CAPITALS.flatMap((share) => encodings.map((name) => createModel(letters, name, share))),
  );
  const best = new Map<string, number>();
  for (const model of models) {
    const mean = meanLogLikelihood(bytes, model);
    if (mean > (best.get(model.encoding) ?? -Infinity)) best.set(model.encoding, mean);
  }
  return best;
}

function createModel(letters: string, encoding: string, shareOfCapitals: number): Model {
  const { loose } = createDecoder(findEncoding(encoding)!);
  const characters = Array.from({ length: 128 }, (_, at) => loose(Buffer.of(0x80 + at)));
  const likelihoods = likelihoodOf(letters, shareOfCapitals);
  return {
    encoding,
    isLatin: /\p{Script=Latin}/u.test(letters),
    logs: Float64Array.from(characters, (character) => {
      const likelihood = likelihoods.get(character);
      if (likelihood !== undefined) return Math.log(likelihood);
      return character === '\ufffd' || /\p{Cc}/u.test(character) ? NOT_ALLOWED : RARE;
    }),
    kinds: characters.map(kindOf),
  };
}

/** Of each character that the language writes. Letters follow Zipf's law. */
function likelihoodOf(letters: string, shareOfCapitals: number): Map<string, number> {
  const likelihoods = new Map<string, number>();
  const add = (character: string, likelihood: number): void => {
    likelihoods.set(character, Math.max(likelihood, likelihoods.get(character) ?? 0));
  };
  const addLetter = (letter: string, likelihood: number): void => {
    const capital = letter.toUpperCase();
    const hasCapital = capital !== letter && capital.length === 1;
    add(letter, likelihood * (hasCapital ? 1 - shareOfCapitals : 1));
    if (hasCapital) add(capital, likelihood * shareOfCapitals);
  };
  const all = Array.from(letters);
  const sum = all.reduce((total, _, rank) => total + 1 / (rank + 2), 0);
  all.forEach((letter, rank) => addLetter(letter, (1 - SHARE_OF_MARKS) / (rank + 2) / sum));
  if (/\p{Script=Latin}/u.test(letters))
    for (const letter of FOREIGN) addLetter(letter, SHARE_OF_FOREIGN / FOREIGN.length);
  Array.from(MARKS).forEach((mark, rank) => add(mark, SHARE_OF_MARKS / (rank + 2) / SUM_OF_MARKS));
  return likelihoods;
}

function kindOf(character: string): Kind {
  if (/\p{Lu}/u.test(character)) return 'capital';
  if (/\p{Ll}/u.test(character)) return 'small';
  return /[\p{L}\p{M}]/u.test(character) ? 'caseless' : 'mark';
}

/** No capital follows a small letter, and letters of another script than Latin follow no Latin one. */
function meanLogLikelihood(bytes: Buffer, { logs, kinds, isLatin }: Model): number {
  let sum = 0;
  let count = 0;
  let before: Kind | 'latin' = 'mark';
  for (const byte of bytes) {
    if (byte < 0x80) {
      before = isAsciiLetter(byte) ? (isLatin ? (byte >= 0x61 ? 'small' : 'capital') : 'latin') : 'mark';
      continue;
    }
    const kind = kinds[byte - 0x80]!;
    const isMisplaced = (kind === 'capital' && before === 'small') || (kind !== 'mark' && before === 'latin');
    sum += isMisplaced ? RARE : logs[byte - 0x80]!;
    count++;
    before = kind;
  }
  return sum / count;
}

function isAsciiLetter(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}
