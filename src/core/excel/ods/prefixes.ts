import type { XmlReader } from '../xml-reader.ts';
import { XmlProblem } from '../xml-problem.ts';

const NAMESPACE = 'urn:oasis:names:tc:opendocument:xmlns:';
const PREFIXES = ['office', 'table', 'text'];

/**
 * Attributes are known by the prefixes that all programs write. Others would be passed over, and cells with them.
 * @param xml at the root
 */
export function refuseOwnPrefixes(xml: XmlReader): void {
  const own = PREFIXES.find((prefix) => xml.attribute(`xmlns:${prefix}`) !== `${NAMESPACE}${prefix}:1.0`);
  if (own !== undefined)
    throw new XmlProblem(`it does not call the namespace ${NAMESPACE}${own}:1.0 "${own}", as programs do`);
}
