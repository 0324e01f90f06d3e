"""pykan's library of functions and what belongs to it, as a view of our own library."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

from torch import Tensor

from kanwidget import adding
from kanwidget.symbolic import library
from kanwidget.symbolic.affine_fit import affine_fit
from kanwidget.symbolic.complexity import complexities, set_complexity
from kanwidget.symbolic.function import own_function
from kanwidget.symbolic.softened import SOFTENED, softened


class Library(MutableMapping[str, tuple[Any, ...]]):
    """Our library with pykan's entries: (torch function, sympy function, complexity, softened function).

    What is written to it is in the library of all networks of this process.
    """

    def __getitem__(self, name: str) -> tuple[Any, ...]:
        function = library.get(name)
        complexity = complexities().get(function, function.complexity)
        return function.torch, function.sympy, complexity, softened(function)

    def __setitem__(self, name: str, entry: tuple[Any, ...]) -> None:
        if not isinstance(entry, tuple | list) or len(entry) < 3:
            raise TypeError(
                f"SYMBOLIC_LIB[{name!r}] is set to {entry!r:.60}; (torch function, sympy function, "
                "complexity) is needed, and a softened function may follow"
            )
        if name in library.BUILT_IN:
            if entry[0] is not library.get(name).torch:
                raise ValueError(
                    f"{name!r} came with the library; only its complexity can be changed"
                )
            set_complexity(name, entry[2])
            return
        if name in library.LIBRARY:
            library.remove_symbolic(name)
        adding.add_symbolic(name, *entry[:3])
        if len(entry) > 3 and callable(entry[3]):
            SOFTENED[name] = entry[3]

    def __delitem__(self, name: str) -> None:
        library.remove_symbolic(name)
        SOFTENED.pop(name, None)

    def __contains__(self, name: object) -> bool:
        return name in library.LIBRARY

    def __iter__(self) -> Iterator[str]:
        return iter(list(library.LIBRARY))

    def __len__(self) -> int:
        return len(library.LIBRARY)

    def __repr__(self) -> str:
        return f"SYMBOLIC_LIB({', '.join(self)})"


SYMBOLIC_LIB = Library()


def add_symbolic(
    name: str, fun: Callable[[Tensor], Tensor], c: float = 1, fun_singularity: Any = None
) -> None:
    """Add a function to the library; pykan's ``kan.utils.add_symbolic``.

    Parameters
    ----------
    name : str
        Letters, digits and _; pykan runs it as code.
    fun : callable
        Elementwise on a tensor of any shape.
    c : float
        Its complexity.
    fun_singularity : callable, optional
        From (x, y_th) to (threshold, values), for networks that avoid singularities.

    Raises
    ------
    TypeError, ValueError
        As for `kanwidget.add_symbolic`, which takes a sympy expression too.
    """
    adding.add_symbolic(name, fun, complexity=c)
    if fun_singularity is not None:
        SOFTENED[name] = fun_singularity


def fit_params(
    x: Tensor,
    y: Tensor,
    fun: Callable[[Tensor], Tensor],
    a_range: Any = (-10, 10),
    b_range: Any = (-10, 10),
    grid_number: int = 101,
    iteration: int = 3,
    verbose: bool = True,
    device: Any = "cpu",
) -> tuple[Tensor, Tensor]:
    """Fit y ≈ c·fun(a·x + b) + d; pykan's ``kan.utils.fit_params``.

    Parameters
    ----------
    x, y : Tensor, shape (N,)
    fun : callable
        One of torch's functions, of the library, or one of one's own.
    a_range, b_range, grid_number, iteration :
        Of pykan's search on a grid, which is as coarse as it and misses sin(20x).  Ours needs none of
        them: it starts from the data, and is exact to rounding.
    verbose : bool
        Print R².
    device :
        Of the result.

    Returns
    -------
    params : Tensor, shape (4,)
        a, b, c, d; of those that give the same curve, a canonical one: a > 0 where the function can.
    r2 : Tensor, shape ()

    Raises
    ------
    TypeError, ValueError
        If x and y are no tensors of one shape with finite values, or no fit is finite.
    """
    known = (f for f in library.LIBRARY.values() if f.torch is fun or f is fun)
    function = next(known, None) or own_function("f", fun)
    fits = affine_fit(x, y, [function])
    if not bool(fits.params.isfinite().all()):
        raise ValueError(f"no a, b, c, d make {function.name}(a·x + b) finite on all of x")
    r2 = fits.r2[0, 0].to(device, y.dtype)
    if verbose:
        print(f"r2 is {float(r2):.10g}")
        if float(r2) < 0.9:
            print("r2 is low: is this the right function?")
    return fits.params[0, 0].to(device, y.dtype), r2
