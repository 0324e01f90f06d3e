"""Networks of pykan's and efficient-kan's as ours, and the other way round: methods of `kanwidget.KAN`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from kanwidget.saving import Saving

if TYPE_CHECKING:
    from typing_extensions import Self


class Opening(Saving):
    """A network that can be made of others', and given to their programs."""

    @classmethod
    def from_pykan(
        cls,
        source: Any,
        *,
        functions: Mapping[str, Any] | None = None,
        base_fun: Any = None,
        n_inputs: int | None = None,
        extrapolation: str = "zero",
        dtype: torch.dtype | None = None,
        device: str | torch.device | None = None,
    ) -> Self:
        """A network that does what one of pykan 0.2 does, with everything of its own.

        Outputs are equal wherever the inputs are, as ``extrapolation`` is 'zero': outside the grid
        pykan's splines decay to zero, where those of other networks here go on straight.  Symbolic
        edges, masks, multiplication nodes, scales and biases of nodes come along, and so does the
        data that it has seen last (``cache_data``); names of variables, which pykan has none of, are
        x_1, …, and pruned inputs are left out of the count.

        A checkpoint is read without running anything that it holds: plain values of its YAML, and
        tensors alone of the rest.  Pykan's own ``loadckpt`` makes whatever torch finds in the file.

        Parameters
        ----------
        source : pykan model, or str or path
            A live ``kan.KAN`` (``MultKAN``), or the path that was given to ``saveckpt``: that of
            ``x_config.yml``, ``x_state`` and ``x_cache_data`` is ``"x"``.
        functions : dict of str to callable or SymbolicFunction, optional
            Symbolic functions that our library lacks, by the names that the checkpoint has for them;
            those of a live model are taken over as they are.
        base_fun : str or callable, optional
            The base function, where a checkpoint has one of somebody's own.
        n_inputs : int, optional
            Columns of the data from before ``prune_input``, which are accepted too.
        extrapolation : {'zero', 'linear'}
            'linear' gives equal outputs on the grid only.
        dtype : torch.dtype, optional
            float64 where not given; float32 for more than 10,000 edges of a float32 model.
        device : str or torch.device, optional
            Where it computes; that of the live model where not given.

        Returns
        -------
        KAN

        Raises
        ------
        TypeError
            If source is neither.
        FileNotFoundError, ImportError, ValueError
            If a file is missing, damaged, or holds what is not read; if PyYAML is not installed; if
            there is a function that is not known, or a number that is NaN.
        """
        from kanwidget.interop import checkpoint, foreign, pykan
        from kanwidget.interop.functions import Functions

        known = Functions(functions)
        if isinstance(source, str | os.PathLike):
            found = checkpoint.read(source, known, base_fun)
        elif pykan.is_pykan(source):
            found = pykan.read(source, known, n_inputs)
            found.base_fun = found.base_fun if base_fun is None else base_fun
            device = found.layers[0].coef.device if device is None else device
        else:
            raise TypeError(
                f"source is a {type(source).__name__}; a model of pykan's, or the path of a checkpoint "
                "that its saveckpt wrote, is needed"
            )
        options = {"extrapolation": extrapolation, "device": "cpu" if device is None else device}
        return foreign.build(cls, found, dtype, **options)

    def to_pykan(self, dtype: torch.dtype | None = None) -> Any:
        """A model of pykan's with the same outputs.

        Outside the grids they are the same where ``extrapolation`` is 'zero'.  Constants that removed
        edges have left behind become biases of subnodes.  Names, locks and the scales of normalised
        data have no place there.  Symbolic functions that pykan's library lacks are in the model, but
        not in its library: its ``loadckpt`` asks for them by ``kan.utils.add_symbolic``.

        After `prune_input` it takes data with all columns, as pykan does.

        Parameters
        ----------
        dtype : torch.dtype, optional
            torch's default where not given, as pykan has it.

        Returns
        -------
        kan.KAN
            With ``auto_save=False``; no global random number is drawn.

        Raises
        ------
        ImportError
            If pykan is not installed.
        ValueError
            If some outputs are products and come before others that are sums.

        Warns
        -----
        UserWarning
            If training data lie outside the grids, where pykan's splines are others.
        """
        from kanwidget.interop.to_pykan import write

        return write(self, dtype or torch.get_default_dtype())

    @classmethod
    def from_efficient_kan(
        cls,
        state_dict: Any,
        *,
        base_fun: Any = None,
        extrapolation: str = "zero",
        dtype: torch.dtype | None = None,
        device: str | torch.device = "cpu",
    ) -> Self:
        """A network that does what one of efficient-kan does, with everything of its own.

        Outputs are equal wherever the inputs are, as ``extrapolation`` is 'zero'.  Grid, order and
        whether splines have factors of their own are read from names and shapes.

        Parameters
        ----------
        state_dict : dict of str to Tensor, or module
            That of an ``efficient_kan.KAN`` or ``KANLinear``, or one of these itself.
        base_fun : {'silu', 'identity', 'zero'} or callable, optional
            What it had as ``base_activation``, which is not in a state_dict; 'silu' where not given.
        extrapolation : {'zero', 'linear'}
            'linear' gives equal outputs on the grid only.
        dtype : torch.dtype, optional
            float64 where not given; float32 for more than 10,000 edges.
        device : str or torch.device
            Where it computes.

        Returns
        -------
        KAN

        Raises
        ------
        TypeError, ValueError
            If these are no such tensors, or they do not fit together.
        """
        from kanwidget.interop import efficient_kan, foreign

        found = efficient_kan.read(state_dict, base_fun)
        return foreign.build(cls, found, dtype, extrapolation=extrapolation, device=device)

    def to_efficient_kan(self, standalone_scale: bool = True) -> dict[str, Tensor]:
        """The state_dict of an efficient-kan network with the same outputs, to ``load_state_dict``.

        Outside the grids they are the same where ``extrapolation`` is 'zero'.  Removed edges have
        weights of zero there.  The base function is not in it: pass it as ``base_activation``.

        Parameters
        ----------
        standalone_scale : bool
            False multiplies ``spline_scaler`` into the coefficients, for layers without it.

        Returns
        -------
        dict of str to Tensor

        Raises
        ------
        ValueError
            If there are symbolic edges, multiplication nodes, scales or biases of nodes, constants
            that removed edges have left behind, or layers of different grids, orders or base functions.
        """
        from kanwidget.interop import efficient_kan

        return efficient_kan.write(self, standalone_scale)
