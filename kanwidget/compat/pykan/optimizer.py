"""pykan's L-BFGS as an optimizer of torch's, on the one that trains our networks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor

from kanwidget import checks
from kanwidget.fitting import optimizers


class LBFGS(torch.optim.Optimizer):
    """Limited-memory BFGS for training loops of one's own; pykan's ``kan.LBFGS``.

    Always searches along its lines for the strong Wolfe conditions, and takes a loss that is NaN or
    infinite as too far, where pykan's becomes NaN itself.

    Parameters
    ----------
    params : iterable of Tensor
        What to train, in one group.
    lr : float
        First step length to try.
    max_iter : int
        Iterations in one `step`.
    max_eval : int, optional
        Ends a step after so many calls of the closure; 1.25 · max_iter where not given, as in torch.
    tolerance_grad, tolerance_change : float
        End a step where no slope, or no change of a parameter, is above.
    tolerance_ys :
        Accepted for pykan's sake: pairs of steps without curvature are always left out.
    history_size : int
        Pairs of steps and changes of gradients that are kept.
    line_search_fn : {'strong_wolfe'}, optional
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        tolerance_ys: float = 1e-32,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        lr = checks.number("lr", lr, above=0)
        if line_search_fn not in (None, "strong_wolfe"):
            raise ValueError(
                f"line_search_fn is {line_search_fn!r}; 'strong_wolfe' or None is needed"
            )
        iterations = checks.whole("max_iter", max_iter, 1)
        super().__init__(
            params,
            {
                "lr": lr,
                "max_iter": iterations,
                "max_eval": iterations * 5 // 4 if max_eval is None else max_eval,
                "tolerance_grad": tolerance_grad,
                "tolerance_change": tolerance_change,
                "history_size": checks.whole("history_size", history_size, 1),
            },
        )
        if len(self.param_groups) != 1:
            raise ValueError(f"params has {len(self.param_groups)} groups; one is needed")
        self._engine = optimizers.LBFGS(lr, history_size)

    def step(self, closure: Callable[[], Any]) -> Any:  # type: ignore[override]
        """Take up to ``max_iter`` iterations; returns the loss before them, as the closure gives it.

        Parameters
        ----------
        closure : callable
            Clears the gradients, computes the loss, calls its ``backward`` and returns it.
        """
        group = self.param_groups[0]
        parameters = group["params"]
        losses: list[Any] = []

        def objective(point: Tensor) -> tuple[float, Tensor]:
            put(parameters, point)
            with torch.enable_grad():
                losses.append(closure())
            return float(losses[-1]), flat(slope_of(each) for each in parameters)

        self._engine.lr = group["lr"]
        at = flat(each.detach() for each in parameters)
        try:
            for taken, point in enumerate(self._engine.iterate(objective, at), 1):
                moved, at = float((point.x - at).abs().max()), point.x
                done = taken >= group["max_iter"] or len(losses) >= group["max_eval"]
                level = float(point.gradient.abs().max()) <= group["tolerance_grad"]
                if done or level or moved <= group["tolerance_change"]:
                    break
        finally:
            put(parameters, at)
        return losses[0]


def flat(tensors: Iterable[Tensor]) -> Tensor:
    """All numbers of some tensors in one vector of its own."""
    return torch.cat([each.reshape(-1) for each in tensors]).clone()


def slope_of(parameter: Tensor) -> Tensor:
    """Its gradient, zero where it has none."""
    return torch.zeros_like(parameter) if parameter.grad is None else parameter.grad.detach()


@torch.no_grad()
def put(parameters: Sequence[Tensor], point: Tensor) -> None:
    """Give parameters the numbers of such a vector."""
    for parameter, part in zip(
        parameters, point.split([each.numel() for each in parameters]), strict=True
    ):
        parameter.copy_(part.view_as(parameter))
