import { integer } from 'drizzle-orm/pg-core';
import { sluice } from './columns.ts';

/** What a migration says of the schema it makes: which older code can work with it. Read in db/schema-version.ts. */
export const schemaInfo = sluice.table('schema_info', {
  version: integer().primaryKey(),
  compatibleFrom: integer('compatible_from').notNull(),
});
