"""The pages as people see them: read from the DOM of a real browser, and used by clicks."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

import fgrad
from fgrad.explore import graph
from fgrad.explore.grouping import Group
from fgrad.explore.scene import Scene
from tests.explore.programs import CASES, DATA, IDS, NEURON, PARAMS, lecture, many, nested, network, neuron, newton, recurrent

# elements inside what is not displayed have no size
SEEN = "const seen = e => e.getBoundingClientRect().width > 0;"
READ = (
    SEEN
    + """
return [...document.querySelectorAll('.fg-shape')].filter(seen).flatMap(e =>
  [...e.querySelectorAll(':scope > .fg-label')].filter(seen).map(l => ({
    key: e.dataset.key, variable: l.dataset.var, name: e.dataset.name ?? '', sign: e.querySelector(':scope > .fg-sign')?.textContent ?? '',
    value: l.querySelector('.fg-value text').textContent, exact: l.querySelector('.fg-value text').dataset.exact,
    gradient: l.querySelector('.fg-gradient text').textContent, slope: l.querySelector('.fg-gradient text').dataset.exact,
    seen: [getComputedStyle(l.querySelector('.fg-value')).visibility, getComputedStyle(l.querySelector('.fg-gradient')).visibility],
    high: l.querySelector('.fg-value text').getBoundingClientRect().bottom, low: l.querySelector('.fg-gradient text').getBoundingClientRect().top,
  })));
"""
)
TEXTS = (
    SEEN
    + """
return [...document.querySelectorAll('.fg-svg text')].filter(t => seen(t) && getComputedStyle(t).visibility === 'visible').map(t => {
  const r = t.getBoundingClientRect(), s = t.getCTM().a;  // a line box is higher than its letters
  return [r.left, r.top + 3 * s, r.right, r.bottom - 3 * s, t.textContent];
});
"""
)
GLYPHS = (
    SEEN
    + """
return [...document.querySelectorAll('.fg-op')].filter(seen).map(e => {
  const g = e.querySelector('.fg-glyph').getBoundingClientRect(), t = e.querySelector('.fg-sign').getBoundingClientRect();
  return [t.left - g.left, g.right - t.right, e.querySelector('.fg-sign').textContent];
});
"""
)


def read(browser: Any) -> list[dict]:
    return browser.run(READ)


def check_texts(browser: Any) -> int:
    """No text lies over another, and every sign is inside its node."""
    texts = sorted(browser.run(TEXTS))
    active: list[list] = []
    for t in texts:
        active = [a for a in active if a[2] > t[0] + 0.5]
        for a in active:
            assert not (a[1] < t[3] - 0.5 and t[1] < a[3] - 0.5), f"{a[4]!r} and {t[4]!r} overlap"
        active.append(t)
    for left, right, sign in browser.run(GLYPHS):
        assert left >= 0 and right >= 0, f"{sign!r} is wider than its node"
    return len(texts)


def check_numbers(browser: Any, figure: Any) -> int:
    """Every value and gradient of the top level that is seen is the computed one."""
    run, jaxpr = figure.circuit.run, figure.circuit.jaxpr
    names = figure.scene.level.names
    found = 0
    for label in read(browser):
        if label["key"].isdigit():
            (v,) = [v for v in jaxpr.eqns[int(label["key"])].outvars if names[v] == label["variable"]]
        elif label["key"].startswith("in") and "/" not in label["key"]:
            k = int(label["key"][2:])
            v = [*figure.circuit.invars, *jaxpr.invars][k]  # the arguments, then the constants, which are first in a jaxpr
            assert label["name"] == [*figure.circuit.inputs, "const a"][k]
        else:
            continue
        for x, text in ((run.value(v), label["exact"]), (run.cotangent(v), label["slope"])):
            if x is None:
                assert text == ""
            elif np.ndim(x):
                np.testing.assert_allclose(float(text), np.linalg.norm(x), rtol=1e-12)
            else:
                assert complex(text) == x if not isinstance(x, np.bool_) else text == str(x)
        assert label["high"] < label["low"] + 4  # the value is above the gradient
        found += 1
    return found


@pytest.mark.parametrize(("f", "args"), CASES, ids=IDS)
def test_figures(browser, f, args):
    """Folded and unfolded: numbers equal the computed ones, no text over another."""
    figure = graph(f)(*args)
    browser.open(figure)
    assert check_numbers(browser, figure) == sum(len(s.labels) for k, s in figure.scene.shapes.items() if s.kind != "group" or k.isdigit())
    folded = check_texts(browser)
    if browser.run("return Boolean(document.querySelector('.fg-unfold'))"):
        browser.click(".fg-unfold")
        assert check_texts(browser) > folded
        browser.click(".fg-foldall")
        assert check_texts(browser) <= folded  # a jitted function that was open is folded too


def test_lecture(browser):
    browser.open(graph(lecture)(-2.0, 5.0, -4.0))
    found = {x["name"] or x["sign"]: (x["value"], x["gradient"]) for x in read(browser)}
    assert found == {"x": ("−2", "−4"), "y": ("5", "−4"), "z": ("−4", "3"), "+": ("3", "−4"), "×": ("−12", "1")}
    browser.open(graph(neuron, digits=2)(*NEURON))
    chain = [(x["sign"], x["value"], x["gradient"]) for x in read(browser)][-4:]
    assert chain == [("−x", "−1", "−0.2"), ("exp", "0.37", "−0.53"), ("+1", "1.4", "−0.53"), ("1/x", "0.73", "1")]
    assert [x["gradient"] for x in read(browser)][:5] == ["−0.2", "−0.39", "0.2", "0.39", "−0.59"]


@pytest.mark.parametrize(
    ("f", "args", "unfold"), [(network, (PARAMS, *DATA), False), (network, (PARAMS, *DATA), True), (nested, (0.7,), ["scan × 3"])]
)
def test_page_and_python_agree_on_coordinates(browser, f, args, unfold):
    """The page lays out with its own copy of `place`: a figure unfolded by clicks is the one that Python draws unfolded."""
    figure = graph(f, unfold=unfold)(*args)
    browser.open(figure)
    at = f"""{SEEN} return Object.fromEntries([...document.querySelectorAll('.fg-shape')].filter(seen).map(
                        e => [e.dataset.key, e.getAttribute('transform')]))"""
    drawn = browser.run(at)
    box = browser.run("return document.querySelector('.fg-svg').getAttribute('viewBox')")
    key = next(k for k, s in figure.scene.shapes.items() if s.kind == "group")
    handle = f'[data-key="{key}"] > .fg-card.fg-fold, [data-key="{key}"] > .fg-frame > .fg-fold'
    shown = browser.run(f"{SEEN} return [...document.querySelectorAll(arguments[0])].map(seen)", handle).index(True)
    browser.click(handle, shown)
    assert browser.run(at) != drawn
    browser.click(handle, 1 - shown)
    again = browser.run(at)
    assert again.keys() == drawn.keys()
    numbers = lambda d: np.array([list(map(float, t[10:-1].split())) for _, t in sorted(d.items())])
    np.testing.assert_allclose(numbers(again), numbers(drawn), atol=0.25)
    np.testing.assert_allclose(
        np.array(box.split(), float),
        np.array(browser.run("return document.querySelector('.fg-svg').getAttribute('viewBox')").split(), float),
        atol=0.25,
    )


def test_slider(browser):
    """Forward a value at a time, then the gradient of the output, then backward."""
    browser.open(graph(lecture)(-2.0, 5.0, -4.0))
    slider = browser.driver.find_element("css selector", ".fg-slider")
    states = []
    slider.send_keys("\ue011")  # Home
    for _ in range(6):
        states.append({x["name"] or x["sign"]: "".join("01"[s == "visible"] for s in x["seen"]) for x in read(browser)})
        slider.send_keys("\ue014")  # right
    inputs = lambda s: dict.fromkeys("xyz", s)
    assert states == [
        {**inputs("10"), "+": "00", "×": "00"},
        {**inputs("10"), "+": "10", "×": "00"},
        {**inputs("10"), "+": "10", "×": "10"},
        {**inputs("10"), "+": "10", "×": "11"},
        {"x": "10", "y": "10", "z": "11", "+": "11", "×": "11"},
        {**inputs("11"), "+": "11", "×": "11"},
    ]
    slider.send_keys("\ue011")
    slider.send_keys("\ue014")
    assert browser.run("return document.querySelector('.fg-now').textContent") == "forward 1 of 2"
    assert "∂q/∂x = 1" in browser.run("return document.querySelector('.fg-info').textContent")
    browser.click(".fg-play")
    deadline = time.monotonic() + 10
    while (at := browser.run("return document.querySelector('.fg-slider').value")) == "1" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert at == "2"


def test_hovering(browser):
    """A node's equation, local derivative and line; the row of the table and the line of the source that belong to it."""
    from selenium.webdriver import ActionChains

    browser.open(graph(neuron)(*NEURON))
    browser.run("document.querySelectorAll('details').forEach(d => d.open = true)")
    node = browser.driver.find_element("css selector", '.fg-op[data-op="exp"] .fg-glyph')
    ActionChains(browser.driver).move_to_element(node).perform()
    info = browser.run("return document.querySelector('.fg-info').innerText")
    assert "exp" in info and "= 0.3679" in info and "gradient −0.5344" in info and "−0.534 × 0.368 = −0.197" in info
    assert "programs.py" in info and "return 1 / (1 + np.exp(" in info
    hot = "return [...document.querySelectorAll('.fg-hot')].map(e => e.className.baseVal ?? e.className)"
    assert (
        any("fg-row" in c for c in browser.run(hot))
        and any("fg-code" in c for c in browser.run(hot))
        and any("fg-op" in c for c in browser.run(hot))
    )
    row = browser.driver.find_element("css selector", '.fg-row[data-eqn="0"] span')
    ActionChains(browser.driver).move_to_element(row).perform()
    assert browser.run("return [...document.querySelectorAll('.fg-op.fg-hot')].map(e => e.dataset.eqn)") == ["0"]
    line = browser.driver.find_element("css selector", ".fg-code.fg-used")
    ActionChains(browser.driver).move_to_element(line).perform()
    assert len(browser.run("return [...document.querySelectorAll('.fg-op.fg-hot')]")) == 8


def test_hovering_a_row_of_a_folded_group(browser):
    from selenium.webdriver import ActionChains

    browser.open(graph(recurrent)(0.5, np.array([0.1, -0.2, 0.3])))
    browser.run("document.querySelectorAll('details').forEach(d => d.open = true)")
    ActionChains(browser.driver).move_to_element(browser.driver.find_element("css selector", '.fg-row[data-eqn="1.2"] span')).perform()
    assert browser.run("return document.querySelector('.fg-group').classList.contains('fg-hot')")


def test_steps_of_a_loop(browser):
    """Each step's values and gradients, by clicks."""
    figure = graph(newton, unfold=True)(9.0)
    browser.open(figure)
    (body,) = figure.circuit.run.bodies.values()
    variables = {f"{next(iter(figure.circuit.run.bodies))}.{i}": v for i, e in enumerate(body.jaxpr.eqns) for v in e.outvars}
    for step in range(3):
        found = {x["key"]: x for x in read(browser)}
        for key, v in variables.items():
            assert float(found[key]["exact"]) == body.runs[step].value(v)
            assert float(found[key]["slope"]) == body.runs[step].cotangent(v)
        assert browser.run("return document.querySelector('.fg-at').textContent") == f"step {step + 1}"
        check_texts(browser)
        browser.click(".fg-step", 1)
    browser.click(".fg-step", 0)
    assert browser.run("return document.querySelector('.fg-at').textContent") == "step 3"


def test_steps_of_nested_loops(browser):
    figure = graph(nested, unfold=True)(0.7)
    browser.open(figure)

    def groups(scene: Scene) -> list[Group]:
        own = [s for s in scene.shapes.values() if s.inner is not None]
        return [s.item for s in own] + [g for s in own for g in groups(s.inner)]

    (scan, inner, _) = groups(figure.scene)
    assert (scan.kind, inner.kind) == ("loop", "loop") and len(inner.shown) == 3
    views = {v.steps: v.run for v in inner.level.views}
    assert set(views) == {(0, 0), (1, 0), (1, 1), (1, 2), (2, 0), (2, 1)}
    key = next(k for k in (f"{inner.key}.{i}" for i in range(9)) if k in {x["key"] for x in read(browser)})
    v = inner.level.jaxpr.eqns[int(key.rsplit(".", 1)[1])].outvars[0]
    for outer, at in ((0, 0), (1, 2), (2, 2)):  # the last is a step that the inner loop does not take
        browser.run(TO_FIRST_STEPS)
        for name, times in ((scan.key, outer), (inner.key, at)):
            for _ in range(times):
                browser.click(f'[data-loop="{name}"] .fg-step', 1)
        found = next(x for x in read(browser) if x["key"] == key)
        if (outer, at) in views:
            assert complex(found["exact"]) == views[outer, at].value(v)
        else:
            assert found["value"] == "–"


TO_FIRST_STEPS = """
for (const e of document.querySelectorAll('.fg-step[data-by="-1"]')) {
  for (let i = 0; i < 9; i++) e.dispatchEvent(new MouseEvent('click', {bubbles: true}));
}
"""


def test_dark_and_light(browser):
    """The system's theme, and before it the notebook's."""
    figure = graph(lecture)(-2.0, 5.0, -4.0)
    back = "return getComputedStyle(document.querySelector('.fgrad')).backgroundColor"
    light, dark = "rgb(255, 255, 255)", "rgb(13, 17, 23)"
    for system in (False, True):
        browser.open(figure, dark=system)
        assert browser.run(back) == (dark if system else light)
        for host, expected in (("true", light), ("false", dark)):
            browser.run("document.body.dataset.jpThemeLight = arguments[0]", host)
            assert browser.run(back) == expected
        browser.run("delete document.body.dataset.jpThemeLight; document.body.className = 'vscode-dark'")
        assert browser.run(back) == dark
        # text stands out: WCAG contrast of at least 4.5
        assert browser.run(CONTRAST) >= 4.5
        browser.run("document.body.className = 'vscode-light'")
        assert browser.run(back) == light and browser.run(CONTRAST) >= 4.5


CONTRAST = """
const channel = c => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
const luminance = s => { const [r, g, b] = s.match(/[\\d.]+/g).map(Number).map(channel); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const back = luminance(getComputedStyle(document.querySelector('.fgrad')).backgroundColor);
return Math.min(...[...document.querySelectorAll('.fg-svg text')].map(t => luminance(getComputedStyle(t).fill)).map(
  f => (Math.max(f, back) + 0.05) / (Math.min(f, back) + 0.05)));
"""


def test_without_scripts(browser):
    """The picture, the numbers, native tooltips, the table and the source are there; controls that would do nothing are not."""
    figure = graph(network)(PARAMS, *DATA)
    browser.open(figure, scripts=False)
    seen = SEEN + "return [...document.querySelectorAll(arguments[0])].filter(seen).length"
    assert browser.run(seen, ".fg-bar") == 0 and browser.run(seen, ".fg-info") == 0 and browser.run(seen, ".fg-svg") == 1
    assert browser.run("return document.querySelectorAll('.fg-svg title').length") > 5
    assert check_numbers(browser, figure) == 6
    check_texts(browser)
    browser.driver.find_element("css selector", "summary").click()
    assert browser.run(seen, ".fg-row") > 10


def test_several_in_one_notebook(browser):
    """As JupyterLab does it: outputs are set as innerHTML and their scripts run afterwards; one output may be shown twice."""
    a, b = graph(lecture)(-2.0, 5.0, -4.0).html, graph(network)(PARAMS, *DATA).html
    browser.open("<!DOCTYPE html><meta charset=utf-8><body></body>")
    browser.run(
        """for (const html of arguments[0]) {
             const cell = document.createElement('div');
             cell.innerHTML = html;
             document.body.append(cell);
             for (const old of cell.querySelectorAll('script:not([type])')) {
               const script = document.createElement('script');
               script.textContent = old.textContent;
               old.replaceWith(script);
             }
           }""",
        [a, b, a],
    )
    assert browser.run("return [...document.querySelectorAll('.fgrad')].map(e => e.dataset.ready)") == ["1", "1", "1"]
    browser.run("const s = document.querySelectorAll('.fg-slider')[2]; s.value = 0; s.dispatchEvent(new Event('input'))")
    hidden = "return [...document.querySelectorAll('.fgrad')].map(e => e.querySelectorAll('.fg-hide-gradient').length > 0)"
    assert browser.run(hidden) == [False, False, True]
    browser.click(".fg-unfold")
    assert browser.run("return document.querySelectorAll('.fg-open').length") == 3


def test_wide_fonts(browser):
    """Where the machine's font is wider than any we know, texts are narrowed into their place, in every step and when they unfold."""
    wide = "<style>.fg-label text { letter-spacing: 4px }</style>"
    browser.open(f"<!DOCTYPE html><meta charset=utf-8>{wide}<body>{graph(newton)(9.0).html}")
    check_texts(browser)
    browser.click(".fg-unfold")
    check_texts(browser)
    browser.click(".fg-step", 1)
    check_texts(browser)
    assert browser.run("return document.querySelectorAll('[textLength]').length") > 3


def test_keyboard(browser):
    browser.open(graph(network)(PARAMS, *DATA))
    group = browser.driver.find_element("css selector", ".fg-group")
    browser.run("arguments[0].focus()", group)
    group.send_keys("\ue007")  # Enter
    assert browser.run("return document.querySelectorAll('.fg-open').length") == 1


def test_jaxpr_page(browser):
    """A program without values: types on the wires, no slider."""
    browser.open(f"<!DOCTYPE html><meta charset=utf-8><body>{fgrad.make_jaxpr(recurrent)(0.5, np.ones(3))._repr_html_()}")
    assert browser.run("return document.querySelector('.fg-slider')") is None
    assert "f64[3]" in browser.run("return [...document.querySelectorAll('.fg-type')].map(e => e.textContent)")
    browser.click(".fg-unfold")
    check_texts(browser)


def test_names_are_text(browser):
    """What would be markup or a script in a name does nothing."""
    evil = "</script><script>document.title = 'broken'</script><img src=x onerror=\"document.title = 'broken'\">"

    def f(p):
        with fgrad.name(evil):
            return np.sin(p[evil])

    browser.open(graph(f, unfold=True)({evil: 0.5}))
    assert browser.run("return document.images.length") == 0 and "computation graph" in browser.driver.title


def test_long_function(browser):
    """Hundreds of operations: folded at first, and unfolded part by part."""
    browser.open(graph(many(400))(0.3, 1.1))
    seen = SEEN + "return [...document.querySelectorAll('.fg-shape')].filter(seen).length"
    assert 10 < browser.run(seen) < 110
    browser.click(".fg-card")
    check_texts(browser)
