/** What is said of the whole network, and of the widget itself. */
export const summary = {
  edgesAlive: "{alive} of {edges} edges",
  symbolic: "{count} symbolic",
  valLoss: "validation {loss}",
  testLoss: "test {loss}",
  silent: "The kernel does not answer. The picture shows its last state; run the notebook again to go on.",
  dismiss: "Dismiss",
  failed: "The widget met an error: {reason}",
};
