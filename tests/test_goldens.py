"""What programs print as, against tests/goldens/: `pytest tests/test_goldens.py --regenerate-goldens` rewrites them, and the diff is read.

They show what a change of a rule or of a pass does to the programs people see.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fgrad
import fgrad.numpy as fnp

GOLDENS = Path(__file__).parent / "goldens"


def predict(params: dict[str, Any], x: Any) -> Any:
    return np.tanh(x @ params["w1"] + params["b1"]) @ params["w2"]


def loss(params: dict[str, Any], x: Any, y: Any) -> Any:
    return np.mean((predict(params, x) - y) ** 2)


def softmax_loss(logits: Any) -> Any:
    shifted = logits - np.max(logits, axis=-1, keepdims=True)
    return -np.sum((shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True)))[:, 0])


@fgrad.custom_jvp
def log1pexp(x: Any) -> Any:
    return np.log1p(np.exp(x))


log1pexp.defjvps(lambda t, out, x: t * (1 - 1 / (1 + np.exp(x))))


@fgrad.custom_vjp
def clipped_gradient(x: Any) -> Any:
    return x * 1.0


clipped_gradient.defvjp(lambda x: (x * 1.0, None), lambda _, ct: (np.clip(ct, -1.0, 1.0),))

PARAMS = {"w1": np.ones((3, 4)), "b1": np.ones(4), "w2": np.ones((4, 2))}
X, Y = np.ones((5, 3)), np.ones((5, 2))
V = np.arange(3.0)

PROGRAMS: dict[str, tuple[Callable, tuple]] = {
    "value": (loss, (PARAMS, X, Y)),
    "grad": (fgrad.grad(loss), (PARAMS, X, Y)),
    "jvp": (lambda x, t: fgrad.jvp(lambda x: np.sum(np.sin(x) * x), (x,), (t,)), (V, V)),
    "vmap": (fgrad.vmap(predict, in_axes=(None, 0)), (PARAMS, X)),
    "per_example_grad": (fgrad.vmap(fgrad.grad(loss), in_axes=(None, 0, 0)), (PARAMS, X, Y)),
    "hvp": (lambda x, v: fgrad.hvp(lambda x: np.sum(np.tanh(x) ** 2), (x,), (v,)), (V, V)),
    "jacobian": (fgrad.jacrev(lambda x: np.cumsum(x**3)), (V,)),
    "softmax_grad": (fgrad.grad(softmax_loss), (np.ones((2, 3)),)),
    "indexing_grad": (fgrad.grad(lambda x: np.sum(x[1:] * x[:-1]) + x[fnp.array([0, 0, 2])].sum()), (V,)),
    "custom_jvp": (log1pexp, (1.0,)),
    "custom_jvp_grad": (fgrad.vmap(fgrad.grad(log1pexp)), (V,)),
    "custom_vjp_grad": (fgrad.grad(lambda x: clipped_gradient(x) * 10.0), (1.0,)),
    "checkpoint_grad": (fgrad.grad(fgrad.checkpoint(lambda x: np.sin(np.sin(x)))), (1.0,)),
    "promotion": (lambda x, n: (x + n, x * 2, x + 1.5, np.float64(2.0) * x, n / 2, x > n), (np.ones(3, np.float32), np.arange(3))),
}


def rnn(w: Any, xs: Any) -> Any:
    def step(h: Any, x: Any) -> tuple:
        h = np.tanh(w @ h + x)
        return h, np.sum(h * h)

    return np.mean(fgrad.scan(step, np.zeros(3), xs)[1])


def root(a: Any) -> Any:
    return fgrad.while_loop(lambda x: np.abs(x * x - a) > 1e-10, lambda x: 0.5 * (x + a / x), a)


COMPILED: dict[str, tuple[Callable, tuple]] = {
    "elementwise": (fgrad.value_and_grad(lambda x: np.sum(np.sin(x) * x)), (V,)),
    "network": (fgrad.grad(loss), (PARAMS, X, Y)),
    "softmax": (fgrad.grad(softmax_loss), (np.ones((2, 3)),)),
    "views": (lambda x: x[::-1, 1:].T * 2.0, (np.ones((4, 3)),)),
    "differences": (fgrad.grad(lambda x: np.sum((x[1:] - x[:-1]) ** 2)), (V,)),
    "gather": (fgrad.grad(lambda x, i: np.sum(fnp.take(x, i) ** 2)), (V, np.array([0, 0, 2]))),
    "batched_product": (lambda a, b: np.einsum("bij,bkj->bik", a, b), (np.ones((2, 3, 4)), np.ones((2, 5, 4)))),
    "scan": (fgrad.grad(rnn), (np.ones((3, 3)), np.ones((6, 3)))),
    "while": (fgrad.grad(root), (2.0,)),
    "branch": (fgrad.grad(lambda x: fgrad.cond(x > 0.0, np.sin, lambda x: x * x, x)), (1.0,)),
    "between_parts": (lambda x: np.sort(np.sin(x)) * 2.0, (V,)),
}
"""Programs of which the listing and the loop nests are kept."""


@pytest.mark.parametrize("name", COMPILED)
def test_compiled_program(name, regenerate):
    program, args = COMPILED[name]
    lowered = fgrad.jit(program).lower(*args)
    loops = "\n".join(map(str, lowered.loops))
    check(GOLDENS / "compiled" / f"{name}.txt", f"{lowered.source}\n\n{lowered.cost}\n\n{loops}\n", regenerate)


def test_llvm_is_shown():
    assert "define" in fgrad.jit(lambda x: np.sin(x)).lower(V).llvm


@pytest.mark.parametrize("name", PROGRAMS)
def test_printed_program(name, regenerate):
    program, args = PROGRAMS[name]
    text = f"{fgrad.make_jaxpr(program)(*args).pretty(source=False)}\n"
    check(GOLDENS / f"{name}.txt", text, regenerate)


def check(path: Path, text: str, regenerate: bool) -> None:
    if regenerate:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert path.read_text() == text, "the program prints otherwise than before; read it, then run pytest with --regenerate-goldens"


def test_no_golden_is_left_over():
    assert {p.stem for p in GOLDENS.glob("*.txt")} == set(PROGRAMS)
    assert {p.stem for p in (GOLDENS / "compiled").glob("*.txt")} == set(COMPILED)
