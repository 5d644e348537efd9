// Rounds in which contestants take turns, and what is made of their figures.

export const quantile = (numbers, q) =>
  numbers.toSorted((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * q))];
export const median = (numbers) => quantile(numbers, 0.5);

/**
 * Runs every contestant once in each round, in the other direction every other round; one round before them warms up.
 * @param contestants name → a function that gives a figure, or an object of figures
 * @returns the rounds, each name → what its contestant gave
 */
export async function alternate(rounds, contestants, print = () => {}) {
  const found = [];
  for (let round = 0; round <= rounds; round++) {
    const names = Object.keys(contestants);
    const given = {};
    for (const name of round % 2 === 0 ? names : names.toReversed()) given[name] = await contestants[name]();
    if (round === 0) continue;
    found.push(given);
    print(round, given);
  }
  return found;
}

/** The median of what is told of each round. */
export const medianOf = (rounds, tell) => median(rounds.map(tell));
