/** The Pareto plot of states. */
export const pareto = {
  pareto: "Pareto",
  paretoLabel:
    "States by complexity and validation loss. Arrow keys walk those that no other beats and show each, Enter goes there.",
  paretoState: "Step {step}: {label}, validation loss {loss}, complexity {complexity}",
  paretoHint:
    "Simple ones are at the left, good ones at the bottom. The line joins those that no other beats.",
  paretoEmpty: "Every state whose loss is known will be a point here.",
  paretoTable: "States that no other beats in both complexity and validation loss, the simplest first",
  paretoStep: "state",
};
