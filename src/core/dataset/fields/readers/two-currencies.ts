// Two currencies around one number (`$€5`, `USD 5 EUR`, `$5 EUR`): nobody knows which of them the number is of, nor what else the cell lost.

/** Signs that are of one currency, or of the currencies whose own sign holds them: of others nobody knows all currencies. */
const KNOWN_SIGNS = new Set('$€£¥₹');
const SIGN = /\p{Sc}/gu;
const CODE = /(?<![\p{L}\p{M}])[A-Z]{3}(?![\p{L}\p{M}])/gu;

let codes: ReadonlySet<string> | undefined;
const signs = new Map<string, string>();

/** The two, as a message names them; undefined: there is one at most, as far as is known. */
export function twoCurrencies(around: string): string | undefined {
  const [sign, otherSign] = new Set(Array.from(around.matchAll(SIGN), ([found]) => found.normalize('NFKC')));
  if (otherSign !== undefined) return `"${sign}" and "${otherSign}"`;
  const [code, otherCode] = new Set(
    Array.from(around.matchAll(CODE), ([found]) => found).filter((found) => isCode(found)),
  );
  if (otherCode !== undefined) return `"${code}" and "${otherCode}"`;
  if (sign === undefined || code === undefined || !KNOWN_SIGNS.has(sign)) return undefined;
  return signOf(code).includes(sign) ? undefined : `"${sign}" and "${code}"`;
}

function isCode(text: string): boolean {
  codes ??= new Set(Intl.supportedValuesOf('currency'));
  return codes.has(text);
}

/** As it is written where no other currency is near: `$` of USD, CAD and MXN. */
function signOf(code: string): string {
  let sign = signs.get(code);
  if (sign === undefined) {
    const parts = new Intl.NumberFormat('en', {
      style: 'currency',
      currency: code,
      currencyDisplay: 'narrowSymbol',
    }).formatToParts(0);
    sign = (parts.find(({ type }) => type === 'currency')?.value ?? '').normalize('NFKC');
    signs.set(code, sign);
  }
  return sign;
}
