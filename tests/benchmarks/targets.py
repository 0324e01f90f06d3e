"""Functions to find again: those that the goals are about, and others like them.

Tiers are of the smallest KAN that is the function: 0 one layer, a sum of functions of single variables;
1 [n, 1, 1], a function of such a sum; 2 two layers with a few hidden nodes, or a steep function; 3 deeper
or wider than that.  Every expression is exact, and no range is chosen for what works here.
"""

from dataclasses import dataclass
from functools import cached_property

import sympy
from sympy import (
    Rational,
    Symbol,
    asin,
    asinh,
    besselj,
    cos,
    exp,
    log,
    pi,
    sin,
    sinh,
    sqrt,
    tanh,
)  # fmt: skip

from kanwidget.formula.verdict import values_at


@dataclass(frozen=True)
class Target:
    """A function, where it is looked at, and where it comes from."""

    id: str
    tier: int
    source: str
    expression: sympy.Expr
    ranges: dict[str, tuple[float, float]]

    @cached_property
    def names(self):
        return list(self.ranges)

    def __call__(self, x):
        """Values at x, shape (N, n) → (N, 1)."""
        return values_at(self.expression, self.names, x)[:, None]


def target(id, tier, source, expression, names, *ranges):
    """A target; one range stands for all variables."""
    names = names.split()
    ranges = ranges * len(names) if len(ranges) == 1 else ranges
    pairs = {
        name: (float(low), float(high)) for name, (low, high) in zip(names, ranges, strict=True)
    }
    return Target(id, tier, source, expression, pairs)


U = (-1, 1)
a, b, c, d, f, g, h, k, m, n, p, q, r, t, u, v, w, x, y, z = map(Symbol, "abcdfghkmnpqrtuvwxyz")
x1, x2, x3, x4, y1, y2, y3 = sympy.symbols("x_1 x_2 x_3 x_4 y_1 y_2 y_3")
px, py, theta, omega = sympy.symbols("p_x p_y theta omega")
hundred = sympy.symbols("x_1:101")

PUBLIC = [
    target("sine", 0, "classroom", sin(pi * x), "x", U),
    target("gauss1", 0, "Feynman I.6.20a", exp(-(theta**2) / 2) / sqrt(2 * pi), "theta", (-3, 3)),
    target("nguyen8", 0, "Nguyen-8", sqrt(x), "x", (0, 4)),
    target("bessel", 0, "KAN 1.0 toy 1", besselj(0, 20 * x), "x", U),
    target("nguyen9", 1, "Nguyen-9", sin(x) + sin(y**2), "x y", (0, 1)),
    target(
        "pendulumL", 0, "KAN 2.0, Lagrangian", omega**2 / 2 + cos(theta),
        "theta omega", (-3, 3), (-2, 2),
    ),
    target("attrib", 0, "pykan Interp_4", x1**2 + 3 * x2 / 10 + x3**3 / 10, "x_1 x_2 x_3 x_4", U),
    target("hellokan", 1, "KAN 1.0 toy 2", exp(sin(pi * x) + y**2), "x y", U),
    target("divide", 1, "Feynman I.25.13", x / y, "x y", (0.5, 2)),
    target("relvel", 1, "Feynman I.16.6", (u + v) / (1 + u * v), "u v", (-0.9, 0.9)),
    target("radius", 1, "pykan Example_9", sqrt(x**2 + y**2), "x y", U),
    target("logsin", 1, "pykan Example_9", sin(2 * (log(x) + log(y))), "x y", (0.2, 5)),
    target("expbessel", 2, "KAN 1.0 fig 4.1d", exp(besselj(0, 20 * x) + y**2), "x y", U),
    target("phase", 2, "KAN 1.0 fig 4.1e", tanh(5 * (x1**4 + x2**4 + x3**4 - 1)), "x_1 x_2 x_3", U),
    target(
        "kepler", 1, "Goldstein 3.74", 2 * pi * d ** Rational(3, 2) / sqrt(g * m),
        "d g m", (0.2, 1), (0.5, 2), (0.5, 2),
    ),
    target(
        "mean100", 3, "KAN 1.0 toy 4",
        exp(sum(sin(pi * each / 2) ** 2 for each in hundred) / 100),
        " ".join(each.name for each in hundred), U,
    ),
    target("product", 2, "KAN 1.0 toy 3", x * y, "x y", U),
    target("nguyen10", 2, "Nguyen-10", 2 * sin(x) * cos(y), "x y", (0, 1)),
    target("nguyen1", 2, "Nguyen-1", x**3 + x**2 + x, "x", U),
    target("nguyen12", 2, "Nguyen-12", x**4 - x**3 + y**2 / 2 - y, "x y", (0, 1)),
    target("angmom", 3, "KAN 2.0 Physics_2B", x * py - y * px, "x y p_x p_y", U),
    target(
        "dot3", 3, "Feynman I.11.19", x1 * y1 + x2 * y2 + x3 * y3, "x_1 y_1 x_2 y_2 x_3 y_3", U
    ),
    target(
        "deep4", 3, "KAN 1.0 toy 5",
        exp((sin(pi * (x1**2 + x2**2)) + sin(pi * (x3**2 + x4**2))) / 2), "x_1 x_2 x_3 x_4", U,
    ),
    target(
        "distance", 3, "Feynman I.8.14", sqrt((x2 - x1) ** 2 + (y2 - y1) ** 2),
        "x_1 x_2 y_1 y_2", U,
    ),
]  # fmt: skip
"""What the goals name."""

OTHERS = [
    # one layer
    target("keijzer7", 0, "Keijzer-7", log(x), "x", (1, 100)),
    target("keijzer9", 0, "Keijzer-9", asinh(x), "x", (0, 100)),
    target("livermore7", 0, "Livermore-7", sinh(x), "x", U),
    target("fall", 0, "free fall in metres and seconds", h - Rational(981, 200) * t**2,
           "h t", (0, 10), (0, 1)),
    target("saturation", 0, "Michaelis and Menten", x / (1 + x), "x", (0, 4)),
    target("oscillator", 0, "energy of a spring", v**2 / 2 + 2 * x**2, "x v", U, (-2, 2)),
    # a function of a sum
    target("keijzer14", 1, "Keijzer-14", 8 / (2 + x**2 + y**2), "x y", (-3, 3)),
    target("lens", 1, "thin lens, Feynman I.27.6 with n = 1", 1 / (1 / p + 1 / q), "p q", (1, 5)),
    target("doppler", 1, "relativistic Doppler shift", sqrt((1 + v) / (1 - v)), "v", (-0.8, 0.8)),
    target("barometric", 1, "barometric formula", p * exp(-h / 8), "p h", (0.5, 2), (0, 10)),
    target("coulomb", 1, "Feynman I.12.2", a * b / (4 * pi * c * r**2), "a b c r", (1, 5)),
    target("sound", 1, "Feynman I.47.23", sqrt(g * p / r), "g p r", (1, 5)),
    target("flux", 1, "Feynman II.3.24", p / (4 * pi * r**2), "p r", (1, 5)),
    target("wave", 1, "travelling wave", sin(2 * x - 3 * t), "x t", (0, 3), (0, 2)),
    target("gauss2", 1, "Gaussian in the plane", exp(-(x**2) - y**2), "x y", (-1.5, 1.5)),
    target("logsumexp", 1, "two energy levels", log(exp(x) + exp(y)), "x y", (-2, 2)),
    target("lorentz", 1, "Lorentz line", 1 / (1 + x**2), "x", (-3, 3)),
    target("massive", 1, "energy and momentum, c = 1", sqrt(p**2 + m**2), "p m", (0, 3), (0.5, 2)),
    # a few hidden nodes
    target("nguyen2", 2, "Nguyen-2", x**4 + x**3 + x**2 + x, "x", U),
    target("nguyen5", 2, "Nguyen-5", sin(x**2) * cos(x) - 1, "x", U),
    target("nguyen6", 2, "Nguyen-6", sin(x) + sin(x + x**2), "x", U),
    target("nguyen7", 2, "Nguyen-7", log(x + 1) + log(x**2 + 1), "x", (0, 2)),
    target("livermore5", 2, "Livermore-5", x**4 - x**3 + x**2 - y, "x y", (0, 1)),
    target("keijzer15", 2, "Keijzer-15", x**3 / 5 + y**3 / 2 - y - x, "x y", (-3, 3)),
    target("standing", 2, "standing wave", sin(pi * x) * cos(2 * t), "x t", U, (0, 2)),
    target("square_times", 2, "product with a square", x**2 * y, "x y", U),
    target("lennard_jones", 2, "Lennard-Jones potential", 4 * (r**-12 - r**-6), "r", (0.9, 2)),
    target("quadratic", 2, "quadratic form", x**2 + x * y + y**2, "x y", U),
    # deeper
    target("nguyen11", 3, "Nguyen-11", x**y, "x y", (0, 1)),
    target("arrhenius", 3, "Arrhenius", k * exp(-w / t), "k w t", (0.5, 2), (0.5, 2), (0.5, 2)),
    target("mass", 3, "Feynman I.10.7", m / sqrt(1 - v**2 / c**2), "m v c", (1, 5), (1, 2), (3, 10)),
    target("damped", 3, "damped oscillation", exp(-t / 2) * cos(4 * t), "t", (0, 4)),
    target("grating", 3, "Feynman I.30.5", asin(u / (n * d)), "u d n", (1, 2), (2, 5), (1, 5)),
    target("cosine_law", 3, "Feynman III.17.37", b * (1 + a * cos(theta)), "b a theta", (1, 5)),
]  # fmt: skip
"""Others like them, from the same collections and from textbooks; nothing is tuned to them."""

LISTS = {"public": PUBLIC, "others": OTHERS, "all": PUBLIC + OTHERS}
EVERY = {each.id: each for each in LISTS["all"]}
assert len(EVERY) == len(LISTS["all"])
