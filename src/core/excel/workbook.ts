// What a workbook says of itself: which parts it has (relationships) and which sheets (xl/workbook.xml).
import type { DateSystem } from './serial-date.ts';
import { XmlReader } from './xml-reader.ts';

export interface Relationship {
  readonly id: string;
  /** The last word of its type: `worksheet`, `sharedStrings`. So strict and transitional workbooks are read alike. */
  readonly type: string;
  readonly target: string;
}

export interface SheetEntry {
  readonly name: string;
  readonly isHidden: boolean;
  readonly relationship: string;
}

export interface WorkbookEntry {
  readonly dateSystem: DateSystem;
  /** Results of formulas are to be calculated when the workbook is opened: a program wrote it that calculates none. */
  readonly isUncalculated: boolean;
  readonly sheets: readonly SheetEntry[];
}

/** @throws XmlProblem */
export function readRelationships(part: Buffer): Relationship[] {
  const found: Relationship[] = [];
  eachElement(part, (xml) => {
    if (xml.name !== 'Relationship' || xml.attribute('TargetMode') === 'External') return;
    found.push({
      id: xml.attribute('Id') ?? '',
      type: (xml.attribute('Type') ?? '').split('/').at(-1)!,
      target: xml.attribute('Target') ?? '',
    });
  });
  return found;
}

/** @throws XmlProblem */
export function readWorkbook(part: Buffer): WorkbookEntry {
  const sheets: SheetEntry[] = [];
  let dateSystem: DateSystem = 1900;
  let isUncalculated = false;
  eachElement(part, (xml) => {
    if (xml.name === 'workbookPr' && /^(1|true|on)$/i.test(xml.attribute('date1904') ?? ''))
      dateSystem = 1904;
    if (xml.name === 'calcPr') isUncalculated = /^(1|true|on)$/i.test(xml.attribute('fullCalcOnLoad') ?? '');
    if (xml.name !== 'sheet') return;
    sheets.push({
      name: xml.attribute('name') ?? '',
      isHidden: /hidden$/i.test(xml.attribute('state') ?? ''),
      relationship: xml.attributeNamed('id') ?? '',
    });
  });
  return { dateSystem, isUncalculated, sheets };
}

/** A target as a name in the archive: relative to the folder of the part that names it, or to the root. */
export function partName(target: string, folder: string): string {
  const parts: string[] = [];
  for (const part of (target.startsWith('/') ? target : `${folder}/${target}`).split('/'))
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  return parts.join('/');
}

function eachElement(part: Buffer, each: (xml: XmlReader) => void): void {
  const xml = new XmlReader();
  xml.push(part);
  xml.push(null);
  for (let event = xml.next(); event !== 'end'; event = xml.next()) if (event === 'open') each(xml);
}
