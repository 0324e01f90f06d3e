/** The grid, and making it finer. */
export const refine = {
  grid: "Grid",
  gridHelp: "Intervals of every spline; a finer grid follows finer detail and has more parameters",
  gridNow: "Grid of {grid} intervals; refine it",
  refine: "Refine the grid",
  newGrid: "Intervals of the finer grid",
  timesAsFine: "{factor} times as fine",
  acceptGrid: "A whole number from {least} to {most} is needed.",
  measuring: "Measuring…",
  sameFunction: "The function stays the same.",
  sameMeasured:
    "The function stays the same: outputs change by at most {difference}, and reach {size} (measured on the training data).",
  parameters: "Parameters",
  passTime: "A pass over the data",
  tooLargeToTry: "too large to try",
  fromTo: "{from} → {to}",
  intervals: "The curve of edge ({edge}), with its grid now and the finer one",
  refineNow: "Refine",
};
