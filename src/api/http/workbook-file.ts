import { Type } from '@fastify/type-provider-typebox';
import { WORKBOOK_TYPE } from '../../core/excel/write-workbook.ts';

/** The answer of a route that gives a workbook. @param what ends the sentence "The workbook; …" */
export function workbookFile(what: string) {
  return {
    description: `The workbook; ${what}.`,
    content: { [WORKBOOK_TYPE]: { schema: Type.Unsafe<unknown>({ type: 'string', format: 'binary' }) } },
  };
}
