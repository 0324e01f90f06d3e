"""pykan's multilayer perceptron, which its tutorials look at in the way of KANs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from kanwidget import checks
from kanwidget.compat.pykan.optimizer import flat, put, slope_of
from kanwidget.fitting import optimizers

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "silu": nn.SiLU,
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "identity": nn.Identity,
}
METRICS = ("w", "act", "fa", "a")


class MLP(nn.Module):
    """Linear layers with an activation between them; pykan's ``kan.MLP.MLP``.

    Parameters
    ----------
    width : sequence of int
    act : {'silu', 'relu', 'tanh', 'identity'} or callable
        pykan takes any and uses silu.
    save_act : bool
        Keep what scores and penalties need in every pass.
    seed : int
        Gives pykan's weights; no global seed is changed.
    device : str or torch.device

    Attributes
    ----------
    acts : list of Tensor or None
        Inputs of every layer in the last pass.
    acts_scale : list of Tensor
        Their standard deviations but the first's, and the outputs'.
    wa_forward : list of Tensor, shapes (n_out, n_in)
        Weights times the standard deviations of their inputs.
    node_scores, edge_scores, wa_backward : list of Tensor
        Made by `attribute`.
    """

    def __init__(
        self,
        width: Sequence[int],
        act: str | Callable[[Tensor], Tensor] = "silu",
        save_act: bool = True,
        seed: int = 0,
        device: Any = "cpu",
    ) -> None:
        super().__init__()
        self.width = [checks.whole(f"width[{n}]", each, 1) for n, each in enumerate(width)]
        if len(self.width) < 2:
            raise ValueError(f"width is {width!r}; a list of at least two numbers is needed")
        if not callable(act) and act not in ACTIVATIONS:
            raise ValueError(
                f"act is {act!r}; one of {', '.join(ACTIVATIONS)} or a function is needed"
            )
        self.depth = len(self.width) - 1
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(checks.whole("seed", seed, 0))
            pairs = zip(self.width[:-1], self.width[1:], strict=True)
            self.linears = nn.ModuleList(nn.Linear(below, above) for below, above in pairs)
        self.act_fun = act if callable(act) else ACTIVATIONS[act]()
        self.save_act = save_act
        self.acts: list[Tensor] | None = None
        self.cache_data: Tensor | None = None
        self.to(device)

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.w[0].device

    @property
    def w(self) -> list[Tensor]:
        """Weights of every layer, (n_out, n_in)."""
        weights: list[Any] = [linear.weight for linear in self.linears]
        return weights

    def forward(self, x: Tensor) -> Tensor:
        """Outputs (N, width[-1]) of inputs (N, width[0])."""
        self.cache_data = x
        acts, scales, weighted = [], [], []
        for l, linear in enumerate(self.linears):
            if self.save_act:
                acts.append(x)
                scales.append(x.std(0))
                weighted.append(scales[-1] * self.w[l])
            x = linear(x)
            x = self.act_fun(x) if l < self.depth - 1 else x
        if self.save_act:
            self.acts, self.acts_scale, self.wa_forward = acts, [*scales[1:], x.std(0)], weighted
        return x

    def get_act(self, x: Mapping[str, Tensor] | Tensor | None = None) -> None:
        """Keep what scores need of a dataset's training inputs, of inputs, or of the last ones."""
        data = x["train_input"] if isinstance(x, Mapping) else self.cache_data if x is None else x
        if data is None:
            raise ValueError("x is not given and the network has seen no data yet")
        kept, self.save_act = self.save_act, True
        try:
            self(data)
        finally:
            self.save_act = kept

    def attribute(self) -> None:
        """Scores of edges and nodes, from the outputs back to the inputs."""
        if self.acts is None:
            self.get_act()
        score = torch.ones(self.width[-1], device=self.device, dtype=self.w[0].dtype)
        nodes, edges = [score], []
        for l in reversed(range(self.depth)):
            share = score / (self.acts_scale[l] + 1e-4)
            edges.append(self.wa_forward[l].abs() * share[:, None])
            score = edges[-1].sum(0) / self.width[l] ** 0.5
            nodes.append(score)
        self.node_scores, self.edge_scores = nodes[::-1], edges[::-1]
        self.wa_backward = self.edge_scores

    # ------------------------------------------------------------------ training

    def reg(self, reg_metric: str, lamb_l1: float, lamb_entropy: float) -> Tensor:
        """Size and entropy of weights ('w'), of 'act', 'fa' or 'a', as penalties of KANs have them."""
        if reg_metric not in METRICS:
            raise ValueError(f"reg_metric is {reg_metric!r}; one of {', '.join(METRICS)} is needed")
        name = {"w": "w", "act": "wa_forward", "fa": "wa_backward", "a": "acts_scale"}[reg_metric]
        total = torch.zeros((), device=self.device, dtype=self.w[0].dtype)
        for values in getattr(self, name):
            size = values.abs()
            total = total + lamb_l1 * size.sum()
            for dim in range(size.ndim):
                share = size / (size.sum(dim, keepdim=True) + 1)
                entropy = -(share * torch.log2(share + 1e-4)).sum(dim).mean()
                total = total + lamb_entropy * entropy
        return total

    get_reg = reg

    def fit(
        self,
        dataset: Mapping[str, Tensor],
        opt: str = "LBFGS",
        steps: int = 100,
        log: int = 1,
        lamb: float = 0.0,
        lamb_l1: float = 1.0,
        lamb_entropy: float = 2.0,
        loss_fn: Callable[[Tensor, Tensor], Tensor] | None = None,
        lr: float = 1.0,
        batch: int = -1,
        metrics: Sequence[Callable[[], Tensor]] | None = None,
        in_vars: Any = None,
        out_vars: Any = None,
        beta: float = 3,
        device: Any = None,
        reg_metric: str = "w",
        display_metrics: Sequence[str] | None = None,
        seed: int = 0,
    ) -> dict[str, Any]:
        """Train it; the arguments are those of pykan's ``MLP.fit``, and ``seed`` is that of the batches.

        Gives a dictionary of arrays: ``train_loss`` and ``test_loss``, square roots of the loss, ``reg``,
        and one for each of the metrics, functions without arguments.  ValueError for another optimizer
        than 'LBFGS' and 'Adam', with which pykan fails in the first step.
        """
        import numpy as np
        from tqdm.auto import tqdm

        if opt not in ("LBFGS", "Adam"):
            raise ValueError(f"opt is {opt!r}; 'LBFGS' or 'Adam' is needed")
        loss = loss_fn or (lambda x, y: (x - y).square().mean())
        parts = {key: value.to(self.w[0]) for key, value in dataset.items() if key[:3] != "val"}
        count = len(parts["train_input"])
        size = count if batch == -1 or batch > count else checks.whole("batch", batch, 1)
        generator = torch.Generator().manual_seed(seed)
        engine: Any = optimizers.LBFGS(lr) if opt == "LBFGS" else optimizers.Adam(lr)
        own = list(metrics or [])
        names = ["train_loss", "test_loss", "reg", *(metric.__name__ for metric in own)]
        results: dict[str, Any] = {name: [] for name in names}
        kept, self.save_act = self.save_act, self.save_act and lamb > 0
        last: dict[str, Tensor] = {}
        rows = torch.arange(count)

        parameters = list(self.parameters())

        def objective(point: Tensor) -> tuple[float, Tensor]:
            put(parameters, point)
            self.zero_grad()
            error = loss(self(parts["train_input"][rows]), parts["train_label"][rows])
            penalty = torch.zeros_like(error)
            if self.save_act:
                if reg_metric == "fa":
                    self.attribute()
                penalty = self.get_reg(reg_metric, lamb_l1, lamb_entropy)
            value = error + lamb * penalty
            value.backward()
            last.update(train_loss=error.detach().sqrt(), reg=penalty.detach())
            return float(value), flat(slope_of(each) for each in parameters)

        try:
            bar = tqdm(range(checks.whole("steps", steps, 0)), leave=False)
            for step in bar:
                if size < count:
                    rows = torch.randperm(count, generator=generator)[:size]
                at = flat(each.detach() for each in parameters)
                for point in islice(engine.iterate(objective, at), engine.iterations):
                    at = point.x
                put(parameters, at)
                with torch.no_grad():
                    predicted = self(parts["test_input"])
                    last["test_loss"] = loss(predicted, parts["test_label"]).sqrt()
                for name, value in last.items():
                    results[name].append(float(value))
                for metric in own:
                    results[metric.__name__].append(float(metric()))
                if step % log == 0:
                    shown = display_metrics or ("train_loss", "test_loss", "reg")
                    bar.set_description(" | ".join(f"{n} {results[n][-1]:.2e}" for n in shown))
        finally:
            self.save_act = kept
        self.get_act(parts["train_input"])
        return {name: np.array(values) for name, values in results.items()}

    # ------------------------------------------------------------------ order of nodes

    @property
    def connection_cost(self) -> Tensor:
        """How far apart nodes are that large weights connect."""
        cost = torch.zeros((), device=self.device, dtype=self.w[0].dtype)
        for weight in self.w:
            above, below = (
                (torch.arange(n, device=self.device, dtype=weight.dtype) + 0.5) / n
                for n in weight.shape
            )
            cost += ((above[:, None] - below).abs() * weight.detach().abs()).sum()
        return cost

    @torch.no_grad()
    def swap(self, l: int, i1: int, i2: int) -> None:
        """Exchange two nodes of a hidden layer; the outputs stay."""
        if not 0 < l < self.depth:
            raise ValueError(f"l is {l!r}; a hidden layer from 1 to {self.depth - 1} is needed")
        order = list(range(self.width[l]))
        order[i1], order[i2] = order[i2], order[i1]
        below: Any = self.linears[l - 1]
        below.weight.copy_(below.weight[order])
        below.bias.copy_(below.bias[order])
        self.w[l].copy_(self.w[l][:, order])

    def auto_swap_l(self, l: int) -> None:
        """Exchange nodes of a hidden layer where that makes the `connection_cost` smaller."""
        for i in range(self.width[l]):
            costs = []
            for j in range(self.width[l]):
                self.swap(l, i, j)
                costs.append(float(self.connection_cost))
                self.swap(l, i, j)
            self.swap(l, i, costs.index(min(costs)))

    def auto_swap(self) -> None:
        """`auto_swap_l` of all hidden layers."""
        for l in range(1, self.depth):
            self.auto_swap_l(l)

    # ------------------------------------------------------------------ pictures

    def plot(self, beta: float = 3, scale: float = 1.0, metric: str = "w") -> Figure:
        """Draw it, each weight as visible as its metric says: 'w', 'act' or 'fa'; red where negative."""
        from kanwidget.compat.pykan.mlp_figure import draw

        if metric not in METRICS[:3]:
            raise ValueError(f"metric is {metric!r}; one of {', '.join(METRICS[:3])} is needed")
        if metric == "act" and self.acts is None:
            self.get_act()
        if metric == "fa":
            self.attribute()
        name = {"w": "w", "act": "wa_forward", "fa": "wa_backward"}[metric]
        return draw(self.width, [each.detach().cpu() for each in getattr(self, name)], beta, scale)

    def tree(self, x: Tensor | None = None, **options: Any) -> Figure:
        """Draw how it combines its inputs; see `kanwidget.compat.pykan.plot_tree`."""
        from kanwidget.trees import plot_tree

        data = self.cache_data if x is None else x
        if data is None:
            raise ValueError("x is not given and the network has seen no data yet")
        return plot_tree(self, data, **options)
