"""The network as one matplotlib figure: nodes, and the curve of every edge in a frame of its own.

All frames, curves and rods are a handful of collections in one axes, so that hundreds of edges are
drawn at once and print as vectors.  Nothing is written to disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from kanwidget import checks, picture
from kanwidget.network import Network

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot(
    network: Network,
    beta: float = 3.0,
    metric: str = "backward",
    mask: bool = False,
    in_vars: Sequence[Any] | None = None,
    out_vars: Sequence[Any] | None = None,
    title: str | None = None,
    scale: float = 1.0,
    varscale: float = 1.0,
    sample: bool = False,
    tick: bool = False,
    folder: str | None = None,
) -> Figure:
    """Draw the network on the data it was trained on.

    Symbolic edges are red and carry the name of their function, those that are a spline too are purple,
    locked ones have a padlock.  A node that multiplies is a circle with ×, and the dots below it are
    the sums that it multiplies.

    Parameters
    ----------
    network : Network
    beta : float
        An edge's opacity is tanh(beta · score): large values show weak edges too.
    metric : {'backward', 'forward_n', 'forward_u'}
        What the score is.
    mask : bool
        Leave removed edges out; otherwise they are dashed frames.
    in_vars, out_vars : sequence of str or sympy expression, optional
        Names of inputs and outputs, the data's own where not given.  Names too long to stand side by
        side stand upright; where nodes are too close even for that they are left out.
    title : str, optional
    scale : float
        Size of the figure and of everything in it.
    varscale : float
        Size of the names of inputs and outputs.
    sample : bool
        Show the data on the curves, at most 100 points on each.
    tick : bool
        Write the ranges of input and output at every frame.
    folder : str, optional
        For pykan's users.  Nothing is written unasked: ``Figure.savefig`` does it.

    Returns
    -------
    matplotlib.figure.Figure
        It is pyplot's current figure, and a notebook shows it once.

    Raises
    ------
    ValueError
        If the network has seen no data, the names are too few or too many, beta is negative, or scale
        or varscale not above 0.
    """
    beta = checks.number("beta", beta, least=0)
    scale = checks.number("scale", scale, above=0)
    varscale = checks.number("varscale", varscale, above=0)
    inputs = _names("in_vars", in_vars, network.input_names)
    outputs = _names("out_vars", out_vars, network.output_names)
    x = network.training_inputs()
    drawn = picture.draw(network, x, metric)

    # only now: matplotlib takes longer to load than all of kanwidget
    from kanwidget.plotting.figure import new_figure
    from kanwidget.plotting.layout import layout_of
    from kanwidget.plotting.marks import Marks
    from kanwidget.plotting.names import Row

    layout = layout_of(drawn)
    below = Row(inputs, 10 * varscale, layout.spacing(0))
    above = Row(outputs, 10 * varscale, layout.spacing(-1))
    figure, axes = new_figure(layout, below.height, above.height, scale, title)
    marks = Marks(axes, drawn, layout, beta, mask, scale)
    marks.edges()
    marks.nodes()
    marks.omitted()
    if tick:
        marks.ticks()
    if sample:
        marks.samples(network, x)
    below.write(axes, layout.nodes[0], -1, scale)
    above.write(axes, layout.nodes[-1], 1, scale)
    return figure


def _names(argument: str, given: Sequence[Any] | None, usual: Sequence[str]) -> Sequence[Any]:
    if given is None:
        return usual
    names = [given] if isinstance(given, str) or not isinstance(given, Iterable) else list(given)
    if len(names) != len(usual):
        raise ValueError(f"{argument} has {len(names)} names; the network needs {len(usual)}")
    return names
