/** What edges and nodes are called. */
export const edge = {
  edge: "Edge ({index})",
  node: "Node ({index})",
  range: "in [{xLo}, {xHi}]  out [{yLo}, {yHi}]",
  nodeRange: "values in [{lo}, {hi}]",
  nodeProduct: "product of {count} sums",
  factor: "factor {factor} of {of}",
  score: "score {score}",
  r2: "R² {r2}",
  extrapolates: "extrapolates: data lie outside its grid",
  dloss: "Δloss if removed {dloss}",
  kindRemoved: "removed",
  kindNumeric: "spline",
  kindSymbolic: "symbolic",
  kindBoth: "spline + {name}",
  kindLocked: "locked",
};
