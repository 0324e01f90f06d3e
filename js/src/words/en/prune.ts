/** The prune slider. */
export const prune = {
  prune: "Prune",
  pruneHelp:
    "Drag to see which weak edges would go and what it would cost; release, or press Enter, to prune",
  pruneRest: "Drag to see which edges would go, and what it would cost.",
  pruneNone: "No edge would go.",
  pruneWould: "Would remove {removed} of {alive} edges",
  pruneCost: "validation loss {from} → {to}",
  pruneAt: "at {threshold}: −{removed} edges, loss {to}",
  pruneThreshold: "Prune threshold",
  pruneUnmeasured: "The cost is not measured in a network of more than {most} edges.",
  pruneLater: "The cost is measured when the training ends.",
  pruneAxis: "validation loss after pruning",
};
