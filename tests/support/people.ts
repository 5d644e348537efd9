// Seeded files of customer-like records (bench/people.json), with what must become of them.
export const PEOPLE_HEADER =
  'name,kana,birthday,email,phone_no,prefecture,municipalities,house_no,post_no,points';

export interface PeopleFile {
  readonly text: string;
  readonly records: number;
  /** Rows that must not land, ascending. */
  readonly badRows: readonly number[];
  /** Sum of `points` over the rows that must land. */
  readonly points: number;
}

/** Every `badEvery`th record has an impossible birthday; every 10th has a quoted cell with a line break. */
export function peopleFile(records: number, badEvery = 0): PeopleFile {
  const lines = [PEOPLE_HEADER];
  const badRows: number[] = [];
  let points = 0;
  for (let row = 1; row <= records; row++) {
    const bad = badEvery > 0 && row % badEvery === 0;
    const house = row % 10 === 0 ? `"1-2,\n${row}号室"` : `${row}番地`;
    lines.push(
      `佐藤 花子${row},サトウ ハナコ,${bad ? '1990-02-31' : '1990-02-28'},user${row}@example.com,${String(row).padStart(11, '0')},東京都,新宿区,${house},1600022,${row}`,
    );
    if (bad) badRows.push(row);
    else points += row;
  }
  return { text: `${lines.join('\n')}\n`, records, badRows, points };
}
