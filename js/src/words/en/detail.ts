/** What of the network is looked at, and how much of it is drawn. */
export const detail = {
  zoomIn: "Zoom in (+)",
  zoomOut: "Zoom out (−)",
  fitSelection: "Show the selected edges as large as they fit (F)",
  filter: "Show only… (/)",
  filterHelp:
    "Show only edges of a node (x_3, h_2 or (1, 4)), one edge (0, 3, 5), a function (sin), a kind (numeric, symbolic, both, removed, locked), a layer (layer 1) or above a value (score > 0.1). Several words must all hold.",
  filterClear: "Show all again",
  filterUnknown:
    "“{text}” is no node, function or kind of this network; try x_3, (0, 3, 5), symbolic or score > 0.1.",
  filterNoNode: "There is no node {node} in this network.",
  filterNoEdge: "There is no edge {edge} in this network.",
  filterNoNumber: "“{text}” needs a sign and a number, such as score > 0.1.",
  most: "Edges drawn at most",
  drawnAll: "all {total} edges",
  drawnSome: "{drawn} of {total} edges, the strongest of each layer",
  drawnRest: "{drawn} of {total} edges; the {omitted} weakest stay in the kernel",
  matchNone: "none of {total} edges",
  matchAll: "{drawn} of {total} edges",
  matchSome: "{drawn} of {found} found, strongest first",
  matchHere: "sought among the {here} strongest of {total}",
  fold: "{count} more nodes, none of whose edges are drawn",
  folded: "… {count} more",
  unfolded: "fold {count}",
};
