// V8's space for new objects. It is kept small while modules are loaded (lean-start.ts), and has 1 MB then; with answers of many records under
// way, V8 would collect it for each of them, which takes a third of the time of a list.
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Of both halves. */
const WANTED_BYTES = 16 * 1024 * 1024;
/** Objects of one step, some hundred KB, and how many steps there are at most. */
const OBJECTS = 10_000;
const MOST_STEPS = 40;

/** Lets the space of this thread grow once, now. Threads that begin later keep theirs small. @returns the bytes of both halves */
export function growNewSpace(): number {
  const before = newSpaceBytes();
  const times = Math.floor(WANTED_BYTES / before);
  if (times < 2) return before;
  setFlagsFromString(`--semi-space-growth-factor=${times}`);
  // It grows when as much as it holds has outlived it.
  const kept: object[][] = [];
  for (let step = 0; step < MOST_STEPS && newSpaceBytes() === before; step++)
    kept.push(Array.from({ length: OBJECTS }, (_, at) => ({ at })));
  setFlagsFromString('--semi-space-growth-factor=1');
  return newSpaceBytes();
}

function newSpaceBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')!.space_size;
}
