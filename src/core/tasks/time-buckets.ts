/** Bounds of the histograms of waits and runs, in seconds; a time belongs to the first bound that is not less. */
export const TIME_BUCKETS_S = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 43_200,
] as const;
