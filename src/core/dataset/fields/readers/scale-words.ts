// Words and letters that multiply the number before them, and those that may make it negative.
// The words of the languages are those that CLDR's compact numbers have ("5 Mio.", "5 тыс.", "5 lakh"), in lower case.

/** By script; "min" and "de" are left out, which are minutes and a preposition far more often. */
const COMPACT = `
bhillean bhilliún bi bil bilhão bilhões bilijon bilijona bilijoni bilijonov bilijun bilijuna bilioi bilion biliona bilionaj
bilioni bilionow bilions bilionu biliony bilionów bilionů biliwn biliyan bilião bilió bilión bilióna biliónov bilióny biliões bilj
biljoen biljon biljoner biljoona biljoonaa bill billean billeanan billion billionar billionen billioner billions billioon
billioone billioun billiounen billiun billiuns billió billión billiónir billiún billjón billjónir billones billón billóns bilyan
bilyon bilíọ̀nù bin bio biu bió bln bn cr crore dausend dsd dtrilliún dubu duisend duizend elfu ezer hilj hiljada hiljade
inkulungwane isigidi isigidintathu jt juta kM ka kcr kun lakh lcr libo mM ma mbilliún md mhillean mhilliún mhìle mhíle mi mia mie
mii mijë mil mila miler milers milhão milhões miliad miliar miliard miliarda miliarde miliardi miliardo miliardow miliardy
miliardów miliardźe miliarźe milijard milijarda milijardai milijardas milijarde milijardi milijardo milijardų milijon milijona
milijonai milijonas milijoni milijono milijonov milijonų milijun milijuna milioane milioi milion miliona milionaj milione milioni
milionow milions milionu miliony milionów milionů miliwn miliyan miliárd milió milión milióna miliónov milióny milj miljard
miljarder miljardi miljardia miljardit miljards miljardu miljoen miljon miljoner miljoni miljonit miljons miljonu miljoona
miljoonaa mill millar millares mille millean milleanan milliard milliarda milliardar milliardas milliarde milliarden milliarder
milliardir milliardos milliards milliardu millier million millionar millione millionen millioner milliones millions millioon
millioone millioun milliounen milliun milliuns milliárd millió millión milliónir milliún milljarðar milljarður milljón milljónir
millones millón millóns milyan milyar milyard milyon ming mio miu mió mjd mld mljrd mln mlr mlrd mn mr mrd mìg mìgia mìle mìltean
míle mílíọ̀nù müň nghìn nt rb ribu sezigidi tausend thousand thrillean thrilliún tiriliọ̀nù tirilyan tis tisoč tisuća tisuće tisíc
tisíca tisíce tn tr tri tril trilhão trilhões trilijonai trilijonas trilijono trilijonų trilioane trilion trilioni triliun triliwn
triliyan trilj triljon triljoni triljonit triljons triljonu trillean trilleanan trillion trilliún trilyon trilyun triệu trln tsg
tuh tuhat tuhatta tusen tusind tuusig tys tysac tysiąc tysiąca tysiące tysięcy tús túsund tûzen tūkst tūkstantis tūkstančiai
tūkstančio tūkstančių tūkstotis tūkstoši tūkstošu tỷ viliad viliard vote yuta èwu þ þúsund ẹgbẹ̀rún
δισ δισεκατομμύρια δισεκατομμύριο εκ εκατομμύρια εκατομμύριο τρισ τρισεκατομμύρια τρισεκατομμύριο χιλ χιλιάδα χιλιάδες
М Т бил билион билиона билиони илј илјада илјади ин их м ми мил милиард милиарда милион милиона милиони милијарда милијарде
милијарди миллиард миллиарда миллиардов миллион миллиона миллионов милј миң млд млн млрд мың мян мянга мільйон мільйона мільйони
мільйонів мільярд мільярда мільярдаў мільярди мільярды мільярдів мільён мільёна мільёнаў мільёны наяд сая тис тисяч тисяча тисячі
трилион трилиона триллион триллиона триллионов трильйон трильйона трильйони трильйонів трлн трыльён трыльёна трыльёнаў трыльёны
тыс тысяч тысяча тысячи тысячы тэрбум хил хиляди хиљ хиљада хиљаде
հազար հզր միլիարդ միլիոն մլն մլրդ տրիլիոն տրլն
אלף טריליון מיליארד מיליון
آلاف ألف ارب بلين ترليون تریلیون لاکھ ملايين مليار ملين مليون میلیارد میلیون هزار هزارمیلیارد ٹریلین ٽرلين کروڑ کھرب ھزار ہزار
अ अब्ज अरब एम क करोड करोड़ के कोटी ख खरब खर्व ति त्रिलियन निख निखर्व निजुत नील पद्म बि बिलियन रोजा लाख शंख ह हज हज़ार हजार কঃ কো
কোঃ কোটি নিঃ নিযুত পঃ পৰাৰ্দ্ধ লা লাখ শঃ শত হা হাজার হাজাৰ ਅਰਬ ਕਰੋੜ ਖਰਬ ਨੀਲ ਲੱਖ ਹਜ਼ਾਰ અબજ કરોડ જલધિ નિખર્વ મહાપદ્મ લાખ શંકુ હજાર
ଟ୍ରି ନି ନିୟୁତ ବି ଲକ୍ଷକୋଟି ଶହକୋଟି ହ ହଜାର ஆ ஆயிரம் டி டிரில்லியன் பி பில்லியன் மி மில்லியன் ట్రి ట్రిలియన్ ట్రిలియన్లు బి బిలియన్
బిలియన్లు మి మిలియన్ మిలియన్లు వే వేయి వేలు ಟ್ರಿ ಟ್ರಿಲಿಯನ್ ಬಿ ಬಿಲಿಯನ್ ಮಿ ಮಿಲಿಯನ್ ಸಾ ಸಾವಿರ ആയിരം ട്രില്യൺ ദശലക്ഷം ബില്യൺ ට් ද දහස
බි බිලියන මි මිලියන රි රිලියන ათ ათასი მილიარდი მილიონი მლნ მლრ მლრდ ტრილიონი ტრლ ሚ ሚሊዮን ሺ ቢ ቢሊዮን ት ትሪሊዮን ᱜᱮᱞᱥᱟᱭ ሽ ሽሕ ሚልዮን ቢልዮን ᎢᏯᎦᏴᎵ ᎢᏳᏆᏗᏅᏛ ᎢᏯᏔᎳᏗᏅᏛ लख مىڭ مىليون مىليارد
apem mpem ɔpepem ɔpepepem akpe miliɔn biliɔn milles hezar kuma miiliyoona biliyoona biiliyoona dt duhát duháhat afe mano piliona ɩkt bkl akl kotoku
ɩkotoku bʊkuli akulo milhãu dousend milljuhne milljarde hjar taúzan míliọn bíliọn migghiaru miliuna tuhháát мең эзар пин минг ҳзр ҳазор
тыһ мөл тыһыынча мөлүйүөн
`;

/** Others that people write. */
const INFORMAL = `
bln bns bio dozen dozens doz dutzend douzaine docena dozzina dz hundred hundreds hundert centaines cientos kk lac lacs
lakhs crores mia mds mdr mil mill mils mln mlns mio mios mld mlds mnkr mdkr mkr tkr kkr mrd mrds thousands thsd tsd tsnd tys trn trns tdm half halb demi بليون
thous bn mn zillion triliard
`;

/** One letter, in the case that it is written in: g is a gram and l a litre, G and L a factor. */
const LETTERS = 'k K m M b B t T G L N D E È J P Y a e v к К м М т Т';

/** In two cases: of mega and milli the second would be read as the first. */
const MIXED = 'kM mM MM';

const SIGNS = `
dr cr db dbt deb debit debits credit credits debet kredit débit crédit débito crédito debito credito soll haben debe haber dare avere
minus moins menos meno miinus mínus mínusz мінус минус минуса минусом eksi âm negative negativ negativo negativa négatif neg overdrawn
loss verlust perte дебет кредит дт кт
dbit crdt withdrawal withdrawals withdrawn deposit lastschrift gutschrift prelievo versamento retiro ingreso uttag insättning
`;

/** Debit and credit of bank files, in upper case: "5 s" are seconds. */
const SIGN_LETTERS = 'D C S H DT Dt CT OD';

/** Words that are bent otherwise than above: of a million, with two billions. */
const STEMS =
  /^(?:millions|milli[oóaá]r|milli[oóuaá][nr]|milij[oaá]|miljo|miljar|mili[oóaá]|billi[oóuaá]|bili[joóaá]|biljo|tril{1,2}[ijoóaá]|tis[ií]c|tysi[ąa]|tausend|thousand|hundred|мил{1,2}и[оа]|милиј|мільй|мільё|мільяр|бил{1,2}ио|більй|трил{1,2}ио|трильй|трыль|тысяч|тисяч|хиляд|хиљад|екатомм)/u;

const split = (text: string): string[] => text.trim().split(/\s+/);

const FACTORS = new Set([...split(COMPACT), ...split(INFORMAL), ...split(LETTERS), ...split(MIXED)]);
const SIGN_WORDS = new Set([...split(SIGNS), ...split(SIGN_LETTERS)]);

/** Per mille is a tenth of per cent, as a cent is a hundredth. Scripts without blanks between words: the word stands anywhere in the text, or (where it is part of too many others) directly behind the number. */
const FACTORS_WITHIN =
  /[‰‱؉؊〇一二三四五六七八九十百千万萬億亿兆拾佰仟壱弐参两兩廿]|พัน|หมื่น|แสน|ล้าน|ພັນ|ລ້ານ|ແສນ|ລລ|ຕື້|ពាន់|លាន|ကုဋေ|ဋေ|ႁဵင်|မိုၼ်ႇ|လၢၼ်ႉ|སྟོང|ཁྲི|འབུམ|ས་ཡ|བྱེ་བ|དུང་ཕྱུར|ကောဋိ|ထောင်|သန်း|သိန်း|သောင်း|ダース/u;
const FACTOR_BEHIND = /^\s*[십백천만억조경京垓]/u;
/** ลบ. is the abbreviation of cubic. */
const SIGNS_WITHIN =
  /マイナス|ﾏｲﾅｽ|負|负|減|减|借|貸|贷|赤字|赤(?!\p{Script=Han})|損失|亏|虧|支出|出金|마이너스|차감|손실|ลบ(?!\.)|ขาดทุน|ناقص|سالب|ऋण|△/u;

/** A factor and a currency in one word: kEUR, TEUR, MUSD, USDm, EURbn. */
const JOINED =
  /^(?:[kKmMbBtT]|mn|Mn|MN|bn|Bn|BN|mln|mio|Mio)([A-Z]{3})$|^([A-Z]{3})(?:[kKmMbB]|mn|bn|tn|mln|mio)$/u;
const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/** A word as the sets have it: of several letters in lower case, but for those of units such as mA and kW. */
function fold(word: string): string {
  return word.length === 1 || /^\p{Ll}\p{Lu}/u.test(word) ? word : word.toLowerCase();
}

export function isFactor(word: string): boolean {
  const folded = fold(word);
  if (FACTORS.has(word) || FACTORS.has(folded) || STEMS.test(folded)) return true;
  const [, behind, before] = JOINED.exec(word) ?? [];
  return currencies.has(behind ?? before ?? '');
}

export function isSignWord(word: string): boolean {
  return SIGN_WORDS.has(word) || SIGN_WORDS.has(fold(word));
}

/** The factor in a text of a script without blanks, of which `after` stands behind the number. */
export function factorWithin(text: string, after: string): string | undefined {
  return FACTORS_WITHIN.exec(text)?.[0] ?? FACTOR_BEHIND.exec(after)?.[0].trim();
}

export function signWithin(text: string): string | undefined {
  return SIGNS_WITHIN.exec(text)?.[0];
}
