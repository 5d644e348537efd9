/** What a dataset may have kept for another time than the settings say. */
export const RETAINED = ['files', 'rowErrors', 'imports', 'exports'] as const;
export type Retained = (typeof RETAINED)[number];

/** Kept for good. */
export const FOREVER = 'forever';

/** How long what is known of a dataset's imports is kept: ISO 8601 durations, or `forever`. */
export type Retention = Readonly<Partial<Record<Retained, string>>>;
