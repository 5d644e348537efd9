// The line that sqlcmd, SQL*Plus and Markdown draw below a header. In a table of texts no value tells it from a record.

const DRAWN = /^:?(?:-+|=+|_+|─+|═+):?$/;
/** A shorter name may have a shorter line below it. */
const USUAL_LENGTH = 3;

/** Whether each cell of the first record is a line as long as the name above it, or of three signs, and no record below is like that. */
export function isRuleLine(header: readonly string[], records: readonly (readonly string[])[]): boolean {
  const [first, ...below] = records;
  return first !== undefined && isDrawn(header, first) && !below.some((cells) => isDrawn(header, cells));
}

function isDrawn(header: readonly string[], cells: readonly string[]): boolean {
  const lines = cells.map((cell) => cell.trim());
  const names = header.map((name) => name.trim());
  return (
    lines.some((line) => line.length >= USUAL_LENGTH) &&
    lines.every((line, column) =>
      line === ''
        ? names[column] === ''
        : DRAWN.test(line) && line.length >= Math.min(USUAL_LENGTH, names[column]!.length),
    )
  );
}
