"""explain, compare_modes, gradient_flow, doctor, profile and the commands of notebooks: what they say is what is so."""

from __future__ import annotations

import re
import types

import numpy as np
import pytest

import fgrad
from fgrad import errors, explore
from fgrad.explore.page import document

RNG = np.random.default_rng(0)


def network(params, x):
    for i, w in enumerate(params):
        with fgrad.name(f"layer{i}"):
            x = np.tanh(x @ w)
    return np.mean(x**2)


PARAMS = [RNG.normal(size=(6, 6)) for _ in range(3)]
X = RNG.normal(size=(4, 6))


# -- explain


@pytest.mark.parametrize("transform", ["jit", "grad", "jvp", "vmap"])
def test_stages(transform):
    found = explore.explain(lambda x: np.sum(np.sin(x) ** 2), transform)(np.ones((2, 3)))
    names = [s.name for s in found.stages]
    assert names[0] == "jaxpr"
    assert names[-3:] == ["simplified", "loops", "source"]
    want = {"jit": [], "grad": ["linearized", "transposed"], "jvp": ["with tangents"], "vmap": ["batched"]}
    assert names[1:-3] == want[transform]
    assert "native part 0" in found["source"].text
    assert all(s.name in repr(found) and s.text in repr(found) for s in found.stages)
    assert found._repr_html_().count('class="fg-stage"') == len(names)
    with pytest.raises(KeyError, match="none of the stages"):
        found["magic"]
    with pytest.raises(errors.ArgumentError, match="transform is one of"):
        explore.explain(np.sin, "magic")


def test_what_a_stage_changed():
    found = explore.explain(lambda x: np.sin(x) * np.sin(x), "jit")(1.0)
    assert found["simplified"].changed == "3 equations → 2 equations (−1 sin)"


# -- compare_modes


def test_modes_are_measured_and_agree():
    wide = explore.compare_modes(lambda x: np.sum(x**2), np.ones(300))
    assert [m.cost.passes for m in wide.modes if m.cost.mode in ("forward", "reverse")] == [300, 1]
    assert wide.agree
    assert wide.recommendation.startswith("Use grad(f)")
    tall = explore.compare_modes(lambda t: np.sin(np.arange(400.0) * t), 0.3)
    assert (tall.inputs, tall.outputs, tall.fastest) == (1, 400, "forward")
    band = explore.compare_modes(lambda x: x[1:] * x[:-1], np.ones(500))
    compressed = next(m for m in band.modes if m.cost.mode == "compressed")
    assert compressed.cost.passes == 2
    assert band.agree
    for m in band.modes:
        assert m.peak_bytes >= 8 * 499 * 500 * 0.9  # the dense result is in it
    assert "compressed" in repr(band)
    assert "<table>" in band._repr_html_()
    axes = band.plot().axes[0]
    assert {t.get_text().split(":")[0] for t in axes.get_legend().get_texts()} == {m.cost.mode for m in band.modes}


# -- gradient_flow


def test_flow_of_layers():
    flow = explore.gradient_flow(network, PARAMS, X)
    gradients = fgrad.grad(network)(PARAMS, X)
    assert [p.name for p in flow.parameters] == ["params[0]", "params[1]", "params[2]"]
    np.testing.assert_allclose([p.gradient for p in flow.parameters], [np.linalg.norm(g) for g in gradients], rtol=1e-12)
    np.testing.assert_allclose([p.norm for p in flow.parameters], [np.linalg.norm(w) for w in PARAMS], rtol=1e-12)
    h = X
    for w, layer in zip(PARAMS, flow.layers, strict=True):
        jacobians = [np.diag(1 - np.tanh(row @ w) ** 2) @ w.T for row in h]
        np.testing.assert_allclose(layer.spectral, max(np.linalg.norm(j, 2) for j in jacobians), rtol=2e-3)
        h = np.tanh(h @ w)
        np.testing.assert_allclose(layer.activation, np.sqrt(np.mean(h**2)), rtol=1e-12)
    assert [x.name for x in flow.layers] == ["layer0", "layer1", "layer2"]
    assert len(flow.plot().axes) == 2
    assert "spectral norm" in repr(flow)
    plain = explore.gradient_flow(lambda p: np.sum(p["w"] ** 2), {"w": np.ones(3)})
    assert "Name the layers" in repr(plain)
    with pytest.raises(errors.ArgumentError, match="must return one number"):
        explore.gradient_flow(lambda w: w * 2, np.ones(3))


# -- doctor


def wrong_cube():
    @fgrad.custom_vjp
    def cube(x):
        return x**3

    cube.defvjp(lambda x: (x**3, x), lambda x, ct: (2 * x**2 * ct,))
    return cube


@pytest.mark.parametrize(
    ("f", "args", "kinds", "where"),
    [
        (network, (PARAMS, X), [], None),
        (lambda x: np.sum(np.log(x)), (np.array([1.0, -1.0]),), ["nan"], "log"),
        (lambda x: np.exp(x * 1e3), (1.0,), ["overflow", "overflow of the gradient"], "exp"),
        (lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0.0)), (np.array([1.0, 0.0]),), ["nan gradient"], "sqrt"),
        (lambda x, y: x * np.floor(y), (2.0, 1.5), ["disconnected"], "y"),
        (lambda x: np.sum(np.maximum(x, 0.0)), (np.array([-1.0, -2.0]),), ["zero gradient"], "x"),
        (lambda x: 1e-12 * np.sin(x), (1.0,), ["vanishing"], "x"),
        (lambda x: 1e12 * np.sin(x), (1.0,), ["exploding"], "x"),
        (lambda x: np.sin(wrong_cube()(x)), (0.7,), ["wrong rule"], "custom_vjp of cube"),
        (lambda x: fgrad.scan(lambda c, _: (wrong_cube()(c), None), x, None, length=3)[0], (0.7,), ["wrong rule"], "custom_vjp of cube"),
        (
            lambda x: fgrad.scan(lambda c, _: (np.exp(c), None), x, None, length=9)[0],
            (1.0,),
            ["overflow", "overflow of the gradient"],
            "exp",
        ),
    ],
)
def test_doctor(f, args, kinds, where):
    found = explore.doctor(f)(*args)
    assert list(dict.fromkeys(found.kinds)) == kinds
    assert bool(found) == bool(kinds)
    if kinds:
        assert found.findings[0].what == where
        assert where in repr(found)
        assert "<table>" in found._repr_html_()
    else:
        assert "nothing is wrong" in repr(found)
        assert found.checked > 5


def test_every_elementwise_rule_passes_the_doctor():
    def many(x):
        y = np.exp(x) + np.tanh(x) * np.sqrt(x) - np.log(x) / (1 + x**2) + np.arctan2(x, 2.0) + np.abs(x) + np.maximum(x, 0.5)
        return np.sum(y[::2]) + np.prod(y) + np.sort(y)[0] + np.linalg.norm(y) + np.cumsum(y)[-1]

    for dtype in (np.float64, np.float32):
        assert explore.doctor(many)(np.array([0.3, 0.7, 1.2], dtype)).kinds == []


# -- profile


def test_profile_of_equations_and_kernels():
    f = lambda x: np.sum(np.exp(x @ x))
    found = explore.profile(f)(np.ones((200, 200)))
    assert [t.what for t in found.timings] == ["contract", "exp", "reduce_sum"]
    assert all(t.seconds > 0 for t in found.timings)
    assert found.timings[0].bytes == 200 * 200 * 8
    assert found.whole < 100 * found.measured
    assert found.lines()[0][0].startswith("test")
    kernels = explore.profile(fgrad.grad(network), compiled=True)(PARAMS, X)
    assert kernels.compiled
    assert any("contract" in t.what for t in kernels.timings)
    assert any("loop over 4×6" in t.what for t in kernels.timings)
    assert "kernels" in repr(kernels)
    assert "fg-share" in kernels._repr_html_()
    assert "time" in found._repr_html_()


# -- commands of notebooks


class Shell:
    """What a magic needs of IPython."""

    def __init__(self):
        self.user_ns = {"f": lambda x, k=1.0: np.sum(np.sin(k * x)), "x": np.ones(3), "np": np}
        self.user_global_ns = self.user_ns
        self.magics = {}

    def register_magic_function(self, function, kind, name):
        self.magics[name] = function

    def run_cell(self, text):
        exec(text, self.user_ns)
        return types.SimpleNamespace(raise_error=lambda: None)


def test_commands():
    shell = Shell()
    fgrad.load_ipython_extension(shell)
    assert "sin" in repr(shell.magics["jaxpr"]("f(x, k=2.0)"))
    figure = shell.magics["graph"]("", "y = 2.0 * x\n\nf(y)")
    assert isinstance(figure, explore.Figure)
    text = repr(shell.magics["timegrad"]("f(x)"))
    assert re.search(r"jit\(grad\(f\)\)\s+[\d.]+ (ns|µs|ms)", text)
    for bad in ("f", "f(*x)", "f(x"):
        with pytest.raises(errors.ArgumentError, match="%jaxpr"):
            shell.magics["jaxpr"](bad)


def test_names_of_the_user_are_escaped():
    hostile = {"<script>alert(1)</script>": np.ones(3)}
    for shown in (
        explore.gradient_flow(lambda p: np.sum(p["<script>alert(1)</script>"] ** 2), hostile),
        explore.doctor(lambda p: 0 * np.sum(p["<script>alert(1)</script>"]))(hostile),
    ):
        assert "<script>alert" not in shown._repr_html_()


def test_reports_in_a_browser(browser):
    """They are shown without an error, in both themes, and what is too long for its place is cut and does not run over."""
    reports = [
        explore.explain(network)(PARAMS, X), explore.compare_modes(lambda x: x[1:] * x[:-1], np.ones(40)), explore.gradient_flow(network, PARAMS, X),
        explore.profile(network)(PARAMS, X), explore.doctor(lambda x: np.sum(np.log(x)))(np.array([1.0, -1.0])),
    ]  # fmt: skip
    page = document("".join(r._repr_html_() for r in reports), "reports")
    inks = []
    for dark in (False, True):
        browser.open(page, dark=dark)
        assert browser.run("return document.querySelectorAll('.fg-stage').length") == len(reports[0].stages)
        assert browser.run("return document.querySelectorAll('.fg-report').length") == len(reports)
        assert browser.run("return document.documentElement.scrollWidth <= window.innerWidth")
        inks.append(browser.run("return getComputedStyle(document.querySelector('.fg-report td')).color"))
        boxes = "[...document.querySelectorAll('.fg-report > .fg-flame > div')]"
        widths = browser.run(f"return {boxes}.map(e => [e.querySelector('b').textContent, e.getBoundingClientRect().width])")
        names = [name for name, _ in widths]
        assert names[:3] == ["layer0", "layer1", "layer2"]
        times = [sum(t.seconds for t in reports[3].timings if t.source.scope and t.source.scope.path == name) for name in names[:3]]
        np.testing.assert_allclose(np.array([w for _, w in widths[:3]]) / widths[0][1], np.array(times) / times[0], rtol=0.05)
    assert inks[0] != inks[1]
