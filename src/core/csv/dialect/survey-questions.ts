// What survey programs write below the header: the questions of the columns, and a line of ids. In a survey without numbers no value
// tells these lines from answers.

const MOST_LINES = 3;
/** Signs of a question in a line; one may be a coincidence. */
const ENOUGH_SIGNS = 2;
/** Answers that show how long they are in a column. */
const ENOUGH_ANSWERS = 8;
/** A shorter text is no question without a question mark. */
const LONG_TEXT = 25;

const IMPORT_ID = /^\{"ImportId":/;
const QUESTION = /[?？]\s*$/;
/** What SurveyMonkey writes below the header. */
const RESPONSE = /^(?:Open-Ended )?Response$/;

/** Names of types, as some programs write them below the header. */
const TYPE =
  /^\s*(?:(?:n?var|n)?char2?|character varying|str(?:ing)?|text|clob|u?int(?:eger|[1-8]|16|32|64)?|(?:big|small|tiny|medium)int|(?:big)?serial|num(?:ber|eric)?|dec(?:imal)?|float(?:[48]|32|64)?|double(?: precision)?|real|money|bool(?:ean)?|logical|bit|date|datetime2?|time|timestamp(?:tz)?|uuid|guid|jsonb?|object|array|any|factor|category|categorical|continuous|discrete)\s*(?:\(\s*\d+\s*(?:,\s*\d+\s*)?\))?\s*$/i;

type Cells = readonly string[];

/**
 * How many lines below the header are no answers; undefined: none shows that.
 * @param isText whether a column feeds a field that takes any text
 */
export function surveyLines(
  header: Cells,
  records: readonly Cells[],
  isText: (column: number) => boolean,
): number | undefined {
  const [first, ...answers] = records;
  if (first === undefined || !mayBeQuestions(first, isText)) return undefined;
  const ids = records.slice(0, MOST_LINES).findIndex((cells) => areAll(cells, IMPORT_ID));
  if (ids !== -1) return ids + 1;
  const are = (what: RegExp): boolean =>
    areAll(first, what) && !answers.some((answer) => areAll(answer, what));
  return are(QUESTION) ||
    are(RESPONSE) ||
    are(TYPE) ||
    asks(header, first, answers) ||
    isLonger(first, answers)
    ? 1
    : undefined;
}

/** Whether the first record would land at all: else its texts are errors by themselves. */
export function mayBeQuestions(first: Cells, isText: (column: number) => boolean): boolean {
  return first.every((cell, column) => cell === '' || isText(column));
}

function areAll(cells: Cells, what: RegExp): boolean {
  const filled = cells.filter((cell) => cell !== '');
  return filled.length > 1 && filled.every((cell) => what.test(cell));
}

/** Some cells ask, or repeat the names of their columns (`Start Date` below `StartDate`), as no answer does. */
function asks(header: Cells, first: Cells, answers: readonly Cells[]): boolean {
  const signs = (cells: Cells): number =>
    cells.filter((cell, column) => QUESTION.test(cell) || isName(cell, header[column]!)).length;
  return answers.length > 1 && signs(first) >= ENOUGH_SIGNS && answers.every((answer) => signs(answer) === 0);
}

function isName(cell: string, name: string): boolean {
  const letters = lettersOf(cell);
  return letters !== '' && letters === lettersOf(name);
}

function lettersOf(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/** At least half of the columns, and two of them, have a text that is more than twice as long as each answer below it. */
function isLonger(first: Cells, answers: readonly Cells[]): boolean {
  const columns = first.flatMap((cell, column) => {
    const filled = answers.map((answer) => answer[column]!).filter((answer) => answer !== '');
    const isLong = cell.length >= LONG_TEXT && /\p{L}\s+\p{L}|\p{Lo}{8}/u.test(cell);
    return isLong &&
      filled.length >= ENOUGH_ANSWERS &&
      filled.every((answer) => answer.length * 2 < cell.length)
      ? column
      : [];
  });
  return columns.length > 1 && columns.length * 2 >= first.length;
}
