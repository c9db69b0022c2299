"""Figures as text, SVG, HTML and the formats of other programs; nothing that comes from the user's code is markup in them."""

from __future__ import annotations

import functools
import json
import re
import struct
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import fgrad
from fgrad.core.errors import ArgumentError
from fgrad.explore import graph
from fgrad.explore.jaxpr_table import table
from fgrad.explore.runs import named_bodies
from fgrad.explore.svg import escape
from fgrad.explore.text import entries, number, summary, width
from tests.explore.programs import CASES, DATA, IDS, NEURON, PARAMS, branches, lecture, many, network, neuron, newton, recurrent

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (-0.534446, "−0.534"), (0.0, "0"), (-0.0, "0"), (-1e-7, "−1e−7"), (1234.0, "1234"), (1.5e20, "1.5e20"), (np.nan, "nan"), (-np.inf, "−inf"),
        (3, "3"), (True, "True"), (1 - 2j, "1−2j"), (2.0, "2"), (100.0, "100"), (99999.4, "99999"), (np.float32(0.1), "0.1"),
    ],
)  # fmt: skip
def test_numbers(x, text):
    assert number(x) == text


def test_summaries():
    s = summary(np.array([[3.0, 4.0]]))
    assert (s.text, s.kind, float(s.exact)) == ("‖5‖", "f64[1,2]", 5.0)
    assert summary(np.array([1.0, np.nan, np.inf])).text == "1 nan"
    assert summary(np.array([1.0, np.inf])).text == "1 inf"
    assert summary(np.array([True, False])).text == "50% true"
    assert summary(np.zeros((0, 3))).text == "empty"
    assert summary(np.full(9, 2.0)).bars.count(1.0) == 1
    assert summary(np.array([-1e308, 1e308])).bars  # a range that overflows
    assert entries(np.full(10, 2.5)) == "all 2.5" and entries(np.arange(3)) == "[0, 1, 2]"


def test_text():
    lines = repr(graph(lecture)(-2.0, 5.0, -4.0)).splitlines()
    cells = [line.split("  ") for line in lines[2:]]
    assert [[c for c in map(str.strip, row) if c][:3] for row in cells] == [
        ["x: f64[]", "−2", "−4"],
        ["y: f64[]", "5", "−4"],
        ["z: f64[]", "−4", "3"],
        ["q: f64[] = x + y", "3", "−4"],
        ["e: f64[] = q·z", "−12", "1"],
    ]
    assert "programs.py" in lines[-1]


@pytest.mark.parametrize(("f", "args"), CASES, ids=IDS)
def test_svg_is_well_formed(f, args):
    """A file of its own: XML, no script, nothing loaded, colours that programs without CSS variables understand."""
    for theme in ("light", "dark"):
        text = graph(f)(*args).svg(theme)
        root = ET.fromstring(text)
        assert root.tag == f"{SVG}svg"
        assert "var(" not in text and "<script" not in text
        assert not re.search(r"(href|src|url)\s*[=(]", text)


def test_html_loads_nothing():
    text = graph(network)(PARAMS, *DATA).html
    assert not re.search(r"(href|src)\s*=|url\(|@import|https?://(?!www\.w3\.org/2000/svg)", text)


def test_sizes():
    """What a page of a long function weighs, folded or not."""
    for x in (0.3, np.linspace(0.0, 1.0, 50)):
        assert len(graph(many(200))(x, 1.1).html) < 500_000
    body = many(150)
    assert len(graph(lambda x: fgrad.scan(lambda c, t: (body(c, t), None), x, np.ones(40))[0])(0.3).html) < 1_500_000


@fgrad.custom_jvp
def own_jvp(x):
    return np.sin(x)


own_jvp.defjvp(lambda primals, tangents: (np.sin(primals[0]), tangents[0] * np.cos(primals[0])))
X = np.array([0.3, -0.5, 0.8])
EDGES = {
    "identity": (lambda x: x, 1.0),
    "constant": (lambda x: 3.0, 1.0),
    "no inputs": (lambda: np.sin(1.0),),
    "nothing": (lambda x: None, 1.0),
    "unused": (lambda x, y: x * 2, 1.0, 2.0),
    "one output twice": (lambda x: (np.sin(x),) * 2, 1.0),
    "integers": (lambda n: n + 1, 3),
    "empty": (lambda x: np.sum(x * 2), np.zeros(0)),
    "float32": (lambda x: np.sum(np.exp(x)), X.astype(np.float32)),
    "complex": (lambda z: np.sum(np.fft.fft(z)), X + 1j),
    "gradient": (fgrad.grad(newton), 9.0),
    "jitted gradient": (fgrad.jit(fgrad.grad(newton)), 9.0),
    "hessian": (fgrad.hessian(lambda x: np.sum(np.sin(x) * x[0])), X),
    "no steps": (lambda x: fgrad.while_loop(lambda c: c < 0, lambda c: c * 2, x), 1.0),
    "no entries": (lambda x, xs: fgrad.scan(lambda c, t: (c * t, c), x, xs), 1.0, np.zeros(0)),
    "steps unknown before": (lambda n, x: fgrad.fori_loop(0, n, lambda i, c: c * 1.1, x), 5, 1.0),
    "switch": (lambda i, x: fgrad.switch(i, [np.sin, np.cos, np.tan], x), 2, 1.0),
    "own rule": (lambda x: own_jvp(x) * 2, 1.0),
    "random": (lambda k: np.sum(fgrad.random.normal(fgrad.random.key(0), (3,)) * k), 2.0),
    "partial": (functools.partial(np.power, 2.0), 3.0),
    "NumPy's own": (np.sin, 1.0),
}


@pytest.mark.parametrize("case", EDGES)
def test_edges(case):
    """Programs of unusual form are shown, as pictures and as text, with and without values."""
    f, *args = EDGES[case]
    for unfold in (False, True):
        figure = graph(f, unfold=unfold)(*args)
        assert ET.fromstring(figure.svg()).tag == f"{SVG}svg" and figure.html and repr(figure)
    for v in figure.circuit.invars:
        ct = figure.circuit.run.cotangent(v)
        assert ct is None or (np.shape(ct), ct.dtype) == (v.aval.shape, v.aval.dtype)
    assert fgrad.make_jaxpr(f)(*args)._repr_html_()


EVIL = "</script><img src=x onerror=alert(1)>\"'&\x00\ud800"


def test_injection():
    """Names of functions, keys of arguments and names of scopes are text wherever they stand."""

    def f(p):
        with fgrad.name(EVIL):
            return np.sin(p[EVIL]) * 2

    f.__name__ = EVIL
    figure = graph(f)({EVIL: 0.5})
    page = figure.html
    assert "<img" not in page and page.count("<script") == page.count("</script") == 2
    assert "\x00" not in page
    ET.fromstring(figure.svg())
    data = re.search(r'class="fg-data">(.*?)</script>', page, re.DOTALL)
    assert data is not None and "<" not in data[1]
    json.loads(data[1])
    closed = fgrad.make_jaxpr(f)({EVIL: 0.5})
    assert "<img" not in closed._repr_html_()
    assert escape("<a b=\"c\" d='e'>&") == "&lt;a b=&quot;c&quot; d=&#x27;e&#x27;&gt;&amp;"


def test_save(tmp_path):
    figure = graph(recurrent)(0.5, np.array([0.1, -0.2, 0.3]))
    for ending in ("svg", "html", "png", "dot", "mmd"):
        path = figure.save(tmp_path / f"x.{ending}")
        assert path.stat().st_size > 300
    png = (tmp_path / "x.png").read_bytes()
    w, h = struct.unpack(">II", png[16:24])
    plane = figure.scene.plane
    assert png[:8] == b"\x89PNG\r\n\x1a\n" and abs(w - 2 * (plane.w + 24)) < 4 and abs(h - 2 * (plane.h + 24)) < 4
    dot = (tmp_path / "x.dot").read_text()
    assert dot.count("{") == dot.count("}") and 'label="scan × 3"' in dot
    edges = re.findall(r"^  (n\d+) -> (n\d+)", dot, re.MULTILINE)
    assert {n for e in edges for n in e} <= set(re.findall(r"^ *(n\d+) \[", dot, re.MULTILINE))
    mermaid = (tmp_path / "x.mmd").read_text()
    assert mermaid.startswith("flowchart LR") and mermaid.count(" --> ") + mermaid.count(" -->|") == len(edges)
    with pytest.raises(ArgumentError, match="ending"):
        figure.save(tmp_path / "x.pdf")
    with pytest.raises(ArgumentError, match="theme"):
        figure.save(tmp_path / "x.svg", theme="blue")
    assert not (tmp_path / "x.pdf").exists()


def test_png_without_its_package(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(ArgumentError, match="pip install resvg_py"):
        graph(lecture)(1.0, 2.0, 3.0).save(tmp_path / "x.png")
    assert not (tmp_path / "x.png").exists()


def test_jaxpr_shows_itself():
    """In a notebook, by a room that is loaded then; its plain repr stays the text."""
    program = (
        "import sys, fgrad, numpy as np; closed = fgrad.make_jaxpr(np.sin)(1.0); assert 'fgrad.explore' not in sys.modules;"
        "page = closed._repr_html_(); assert 'fgrad.explore' in sys.modules; print(repr(closed)); print('fg-table' in page, '<svg' in page)"
    )
    out = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert out.splitlines() == ["{ lambda a:f64[]. let", "    b:f64[] = sin a", "  in (b,) }", "True True"]
    page = fgrad.make_jaxpr(recurrent)(0.5, np.ones(3))._repr_html_()
    rows = re.findall(r'data-eqn="([\d.]+)" data-line="[^"]+"><span>([^<]*)</span>', page)
    assert [k for k, _ in rows] == ["0", "1", "1.0", "1.1", "1.2", "1.3", "2", "3"]
    assert rows[4][1].startswith("f = tanh")


def test_table():
    """Scopes and programs inside equations fold; costs and times add up; equations of the branch that was taken have the keys of the figure."""
    figure = graph(network)(PARAMS, *DATA)
    page = figure.html
    assert re.findall(r'fg-scoped"><span>(\w+)</span>', page) == ["layer1", "layer2", "loss"]
    assert page.count("<details") - page.count("</details") == 0
    text = table(figure.circuit.jaxpr, times={"0": 1e-3, "1": 2e-6})
    assert "1 ms" in text and "2 µs" in text and "<span>time</span>" in text
    for x, own in ((1.5, ["sin", "mul"]), (-1.5, ["neg"])):
        figure = graph(branches)(x)
        (key,) = [k for k, b in named_bodies(figure.circuit.run) if b.kind == "branch"]
        rows = dict(re.findall(r'data-eqn="([^"]+)" data-line="[^"]+"><span>\w+ = (\w+)', figure.html))
        assert [rows[k] for k in rows if k.startswith(f"{key}.")] == own
        assert sum("branches[" in k for k in rows) == 3 - len(own)


def test_long_programs_have_a_table():
    closed = fgrad.make_jaxpr(many(6000))(0.3, 1.1)
    page = closed._repr_html_()
    assert "<svg" not in page and "too many to draw" in page and "5,000 more equations" in page


def test_widths_are_generous():
    """No text is wider than what the layout allows it, in the widest font that figures use."""
    font_manager = pytest.importorskip("matplotlib.font_manager")
    ft2font = pytest.importorskip("matplotlib.ft2font")
    font = ft2font.FT2Font(font_manager.findfont("DejaVu Sans"))
    font.set_size(100, 72)
    for text in (
        "−0.535",
        "‖3.46‖",
        "f64[128,64]",
        "params['w'][0]",
        "broadcast",
        "logaddexp",
        "WWW",
        "×1e−9",
        "True",
        "66.7% true",
        "0123456789",
        "x²",
    ):
        font.set_text(text)
        assert width(text, 100) >= font.get_width_height()[0] / 64, text


def test_neuron_prints_like_the_lecture():
    assert graph(neuron, digits=2)(*NEURON).svg().count(">−0.53<") == 2
