"""One layer of edges: every edge carries a function of its input, every output sums its edges.

What an edge is made of is told in `kanwidget.edges`, and what these sums become in `kanwidget.nodes`:
an output is a subnode.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from kanwidget.edges import EdgeFunction, Edges
from kanwidget.features import ALL, Features, covariance, plainly
from kanwidget.numeric import Masks, Sums, Weights, plain_weights
from kanwidget.spread import EdgeStatistics, root


class Layer(Edges):
    """Edges, and what they make of values: those of their nodes, and of each edge."""

    # ------------------------------------------------------------------ features and weights

    def features(self, x: Tensor, keep: bool = True, of: int | None = None) -> Tensor:
        """Basis functions and base function of every input: (N, n_in) to planes (G + k + 1, n_in, N).

        They may be kept, for x to be asked for again.  Those of one input alone take x (N, 1).
        """
        if self._plainly():
            basis = self.memory.basis(self.knots, self.k, self.extrapolation)
            return plainly(x, basis, self.base_fun, ALL if of is None else slice(of, of + 1))
        return self._look(x, keep, of).followed()

    def covariance(self, x: Tensor) -> Tensor:
        """Of each input's features over a batch: shape (n_in, G + k + 1, G + k + 1)."""
        if self._plainly() or x.requires_grad:
            return covariance(self.features(x))
        return self._look(x).covariance

    def _plainly(self) -> bool:
        """Whether torch is to follow every operation: to compile it, or to train the base function."""
        return torch.compiler.is_compiling() or isinstance(self.base_fun, nn.Module)

    def _look(self, x: Tensor, keep: bool = True, of: int | None = None) -> Features:
        return self.memory.look(x, self.knots, self.k, self.extrapolation, self.base_fun, keep, of)

    def weights(self, mask: Tensor | None = None) -> Tensor:
        """What the features are multiplied with, shape (n_out, G + k + 1, n_in); zero where not numeric."""
        masks = self._masks() if mask is None else (mask, mask)
        if self._plainly():
            return plain_weights(self.coef, self.scale_base, self.scale_sp, masks[0])
        return Weights.apply(self.coef, self.scale_base, self.scale_sp, masks)

    def _masks(self) -> Masks:
        def make() -> Masks:
            active, dtype = self.alive & self.numeric, self.coef.dtype
            free = active & ~self.locked
            return (
                None if bool(active.all()) else active.to(dtype),
                None if bool(free.all()) else free.to(dtype),
            )

        return self._derive("masks", make)

    # ------------------------------------------------------------------ sums

    def forward(self, x: Tensor) -> Tensor:
        """Values of the nodes above: (N, n_in) to (N, n_nodes)."""
        sums = self.sums(x)
        return sums if self.nodes.plain else self.nodes(sums)

    def sums(self, x: Tensor) -> Tensor:
        """Sum of the edges and constants: (N, n_in) to (N, n_out)."""
        if self.symbolic_only:
            y = self.constant().expand(len(x), -1)
        elif self._plainly():
            y = self._product(self.features(x), self.weights())
        else:
            y = self.numeric_sums(x)
        for values, j, _ in self._symbolic_outputs(x):
            y = y.index_add(1, j, values.T)
        return y

    def numeric_sums(self, x: Tensor) -> Tensor:
        """Sum of the numeric parts of edges, and constants: (N, n_in) to (N, n_out)."""
        constant, masks = self.constant(), self._masks()
        parameters = self.coef, self.scale_base, self.scale_sp
        return Sums.apply(x, *parameters, constant, masks, self._look(x))

    def _product(self, features: Tensor, weights: Tensor) -> Tensor:
        """Sums (N, n_out) of the numeric parts, and the constants."""
        constant = self.constant()[:, None]
        return torch.addmm(constant, weights.flatten(1), features.flatten(0, 1)).T

    def constant(self) -> Tensor:
        """What every output node gets from removed edges, shape (n_out,)."""
        return self._derive(
            "constant", lambda: self.bias + torch.where(self.alive, 0.0, self.left).sum(1)
        )

    @property
    def symbolic_only(self) -> bool:
        """Whether there are edges, all of them symbolic."""

        def make() -> bool:
            return bool(self.alive.any()) and not bool((self.alive & self.numeric).any())

        return self._derive("symbolic", make)

    def symbolic_groups(self, restored: bool = False) -> list[tuple[EdgeFunction, Tensor, Tensor]]:
        """Symbolic edges by function, so that each function is computed once for all of them."""

        def make() -> list[tuple[EdgeFunction, Tensor, Tensor]]:
            places: dict[EdgeFunction, list[tuple[int, int]]] = {}
            mask = self.symbolic if restored else self.alive & self.symbolic
            for j, i in mask.nonzero().tolist():
                places.setdefault(self.functions[i, j], []).append((j, i))
            return [
                (function, *torch.tensor(edges, device=mask.device).T)
                for function, edges in places.items()
            ]

        return self._derive(("groups", restored), make)

    def _symbolic_outputs(
        self, x: Tensor, restored: bool = False
    ) -> Iterable[tuple[Tensor, Tensor, Tensor]]:
        """Per function: the outputs (E, N) of its edges, and where they go, j (E,) and i (E,)."""
        for function, j, i in self.symbolic_groups(restored):
            affine = self.affine[j, i]
            if self._derive("locks", lambda: bool(self.bound.any())):
                kept = self.locked[j, i, None] | self.held[j, i]
                affine = torch.where(kept, affine.detach(), affine)
            a, b, c, d = affine.T[..., None]
            yield c * function(a * x.T[i] + b) + d, j, i

    def forward_with_statistics(self, x: Tensor) -> tuple[Tensor, EdgeStatistics]:
        """Nodes (N, n_nodes) and the spread of every edge, without a (N, n_out, n_in) tensor.

        The variance of w·F over the batch is wᵀ C w, with C the covariance of an input's features.
        """
        if self._plainly() or x.requires_grad:
            features = self.features(x)
            spread_of = covariance(features)
        else:
            seen = self._look(x)
            features, spread_of = seen.values, seen.covariance
        weights = self.weights()
        y = self._product(features, weights)
        by_input = weights.permute(2, 0, 1)
        spline = ((by_input @ spread_of) * by_input).sum(-1).T
        edge = spline
        for values, j, i in self._symbolic_outputs(x):
            y = y.index_add(1, j, values.T)
            whole = values + torch.einsum("pen,ep->en", features[:, i], weights[j, :, i])
            edge = edge.index_put((j, i), whole.var(1))
        of_spline = root(spline)
        of_edge = of_spline if edge is spline else root(edge)
        owner = None if self.nodes.plain else self.nodes.owner
        spread = EdgeStatistics(of_spline, of_edge, root(x.var(0)), root(y.var(0)), owner)
        return self.nodes(y), spread

    # ------------------------------------------------------------------ single edges

    @torch.no_grad()
    def edge_means(self, x: Tensor) -> Tensor:
        """Mean output of every live edge over inputs x (N, n_in), shape (n_out, n_in)."""
        means = (self.features(x).mean(-1) * self.weights()).sum(1)
        for values, j, i in self._symbolic_outputs(x):
            means[j, i] += values.mean(1)
        return means

    def live_outputs(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Every live edge's own output on x (N, n_in): values (N, E), and its j (E,) and i (E,)."""
        j, i = self.alive.nonzero(as_tuple=True)
        y = torch.einsum("pen,ep->en", self.features(x)[:, i], self.weights()[j, :, i])
        place = torch.zeros_like(self.alive, dtype=torch.long)
        place[j, i] = torch.arange(len(j), device=j.device)
        for values, to, source in self._symbolic_outputs(x):
            y = y.index_add(0, place[to, source], values)
        return y.T, j, i

    def outputs_of(self, j: Tensor, i: Tensor, x: Tensor) -> Tensor:
        """What these edges i → j, both (E,), make of x (N, n_in), or would if they were there: (E, N)."""
        weights = self.weights(self.numeric.to(self.coef.dtype))
        y = torch.einsum("pen,ep->en", self.features(x)[:, i], weights[j, :, i])
        place = torch.full_like(self.alive, -1, dtype=torch.long)
        place[j, i] = torch.arange(len(j), device=j.device)
        for values, to, source in self._symbolic_outputs(x, restored=True):
            at = place[to, source]
            y = y.index_add(0, at[at >= 0], values[at >= 0])
        return y

    def edge_outputs(self, x: Tensor, part: str = "whole", restored: bool = False) -> Tensor:
        """Every edge's own output: (N, n_in) to (N, n_out, n_in); removed edges give 0.

        Parameters
        ----------
        x : Tensor, shape (N, n_in)
        part : {'whole', 'spline'}
            What the edge does now, or what its spline would, be it numeric or not.
        restored : bool
            A removed edge gives what it would if it were there.
        """
        there = torch.ones_like(self.alive) if restored else self.alive
        mask = (there & self.numeric if part == "whole" else there).to(self.coef.dtype)
        y = torch.einsum("pin,opi->oin", self.features(x), self.weights(mask))
        if part == "whole":
            for values, j, i in self._symbolic_outputs(x, restored):
                y = y.index_put((j, i), values, accumulate=True)
        return y.permute(2, 0, 1)

    def spline_outputs(self, i: int, j: Tensor | list[int], x: Tensor) -> Tensor:
        """Outputs (E, N) of the splines of the edges i → j, (E,) of them, on values x (N,)."""
        features = self.features(x[:, None], of=i)[:, 0]
        curves = self.coef[j, i] @ features[:-1]
        return self.scale_base[j, i, None] * features[-1] + self.scale_sp[j, i, None] * curves

    def edge_output(
        self, i: int, j: int, x: Tensor, part: str = "whole", restored: bool = False
    ) -> Tensor:
        """Output of edge i → j on values x (N,), shape (N,); the rest is as in `edge_outputs`."""
        y = torch.zeros_like(x)
        if not (restored or bool(self.alive[j, i])):
            return y
        if bool(self.numeric[j, i]) or part == "spline":
            y = self.spline_outputs(i, [j], x)[0]
        if bool(self.symbolic[j, i]) and part == "whole":
            a, b, c, d = self.affine[j, i].unbind(-1)
            y = y + c * self.functions[i, j](a * x + b) + d
        return y
