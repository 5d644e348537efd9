/** Migrated once by the global set-up and never connected to afterwards: Postgres copies it only while nobody is. */
export const TEMPLATE_DATABASE = 'sluice_template';
