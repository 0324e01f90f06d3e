import copy

import pytest
import torch

import kanwidget
from kanwidget.constants import number_of
from kanwidget.discovery import gauge
from tests.networks import hello_data, same, state

DATA = hello_data()


@pytest.fixture(scope="module")
def trained():
    model = kanwidget.KAN([2, 1, 1], seed=1)
    model.fit(DATA, steps=10)
    model.fix_symbolic(0, 0, 0, "sin")
    model.fix_symbolic(1, 0, 0, "exp")
    return model


@pytest.fixture
def model(trained):
    return trained.copy()


def constants(model, l=0, i=0, j=0):
    return model.layers[l].affine[j, i].tolist()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[("3.14", 3.14), ("pi/2", torch.pi / 2), ("1/3", 1 / 3), ("sqrt(2)", 2**0.5)],
        *[("-2e-3", -2e-3), ("\u22121", -1.0), (" 2 ", 2.0), (4, 4.0), ("2^3", 8.0)],
    ],
)
def test_a_constant_is_typed_as_a_person_writes_it(model, text, value):
    assert model.set_constant(0, 0, 0, "a", text) == pytest.approx(value, rel=1e-15)
    assert constants(model)[0] == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    "text",
    [
        *["", "x", "nan", "inf", "1e999", "1/0", "sqrt(-1)", "log(0)", "exp(exp(exp(10)))"],
        *["9**9**9", "__import__('os')", "1," * 5, "(" * 500, "1" * 5000],
    ],
)
def test_what_is_no_finite_number_is_refused_in_one_sentence(model, text):
    before = state(model)
    with pytest.raises(ValueError, match="pi/2, 1/3 or sqrt"):
        model.set_constant(0, 0, 0, "a", text)
    assert same(model, before)


def test_a_number_of_sympy_is_taken():
    import sympy

    assert number_of(sympy.pi / 3) == pytest.approx(torch.pi / 3, rel=1e-15)


@pytest.mark.parametrize("opt", ["LBFGS", "LM", "Adam", "AdamW", "SGD"])
@pytest.mark.parametrize("lamb", [0.0, 1e-3])
def test_no_optimizer_changes_a_locked_constant(model, opt, lamb):
    model.set_constant(0, 0, 0, "a", "pi")
    model.lock_constant(1, 0, 0, "d")
    before, above = constants(model), constants(model, 1)
    model.fit(DATA, opt=opt, steps=3, lamb=lamb, weight_decay=0.1 if opt == "AdamW" else None)
    after = constants(model)
    assert after[0] == before[0] == torch.pi
    assert all(a != b for a, b in zip(before[1:], after[1:], strict=True))
    assert constants(model, 1)[3] == above[3]


def test_autograd_leaves_it_too(model):
    model.set_constant(0, 0, 0, "a", 3)
    model(DATA.train_input).sum().backward()
    gradient = model.layers[0].affine.grad[0, 0]
    assert gradient[0] == 0
    assert gradient[1] != 0


def test_without_a_lock_it_is_trained_on(model):
    model.set_constant(0, 0, 0, "a", 3.0, lock=False)
    model.fit(DATA, steps=2)
    assert constants(model)[0] != 3.0
    model.set_constant(0, 0, 0, "a", 3.0)
    model.unlock_constant(0, 0, 0, "a")
    model.fit(DATA, steps=2)
    assert constants(model)[0] != 3.0


def test_a_lock_goes_with_copies_states_and_shapes(model):
    model.set_constant(0, 0, 0, "a", "pi")
    other = kanwidget.KAN([1, 1])
    other.load_state_dict(model.state_dict())
    for each in (model.copy(), copy.deepcopy(model), other):
        assert each.layers[0].held[0, 0].tolist() == [True, False, False, False]
    model.refine(8)
    model.expand_width(1, 1)
    model.swap(1, 0, 1)
    assert model.layers[0].held[1, 0].tolist() == [True, False, False, False]
    model.prune()
    assert model.layers[0].held.sum() == 1
    model.fit(DATA, steps=2)
    assert constants(model)[0] == torch.pi


def test_states_from_before_there_were_locks_are_read(model):
    old = {name: each for name, each in model.state_dict().items() if "held" not in name}
    other = kanwidget.KAN([1, 1])
    other.load_state_dict(old)
    assert not other.layers[0].held.any()


def test_another_function_or_the_spline_ends_the_lock(model):
    model.set_constant(0, 0, 0, "a", 3)
    model.fix_symbolic(0, 0, 0, "tanh")
    assert not model.layers[0].held.any()
    model.lock_constant(0, 0, 0, "b")
    model.unfix_symbolic(0, 0, 0)
    assert not model.layers[0].held.any()


def test_a_removed_edge_comes_back_with_its_locks(model):
    model.set_constant(0, 0, 0, "a", 3)
    model.remove_edge(0, 0, 0)
    with pytest.raises(ValueError, match="removed"):
        model.set_constant(0, 0, 0, "a", 2)
    model.restore_edge(0, 0, 0)
    assert constants(model)[0] == 3
    assert model.layers[0].held[0, 0, 0]


def test_tidying_leaves_an_edge_with_a_locked_constant(model):
    model.fix_symbolic(0, 1, 0, "x^2")
    model.set_constant(0, 0, 0, "c", 0.25)
    before, outputs = constants(model), model(DATA.train_input)
    with model.action("test"):
        gauge.canonical(model)
    assert constants(model) == before
    torch.testing.assert_close(model(DATA.train_input), outputs)
    model.snap(DATA)
    assert constants(model)[2] == 0.25


def test_a_value_that_leaves_the_domain_is_refused(model):
    model.fix_symbolic(1, 0, 0, "log")
    before = state(model)
    with pytest.raises(ValueError, match="no finite value on the data"):
        model.set_constant(1, 0, 0, "b", -1e6)
    assert same(model, before)


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        ((0, 0, 9, "a", 1), KeyError, "does not exist"),
        ((0, 0, 0, "e", 1), ValueError, "constant is 'e'"),
        ((0, 1, 0, "a", 1), ValueError, "is a spline and has no constant a"),
        ((0, 0, 0, "a", None), ValueError, "value is None"),
        ((0, 0, 0, "a", True), ValueError, "value is True"),
        ((0, 0, 0, "a", 1, 1), TypeError, "lock is 1"),
    ],
)
def test_bad_arguments_change_nothing(model, arguments, error, sentence):
    before = state(model)
    with pytest.raises(error, match=sentence):
        model.set_constant(*arguments)
    assert same(model, before)


def test_a_locked_edge_keeps_its_constants(model):
    model.lock_edge(0, 0, 0)
    with pytest.raises(ValueError, match="locked"):
        model.set_constant(0, 0, 0, "a", 1)
