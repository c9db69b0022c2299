"""Commands for IPython and Jupyter, loaded by `%load_ext fgrad`: `%jaxpr f(x)`, `%%graph`, `%timegrad`."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from fgrad.api.derivatives import grad
from fgrad.api.jit import jit
from fgrad.api.staging import make_jaxpr
from fgrad.core.errors import ArgumentError
from fgrad.explore.costs import short_time
from fgrad.explore.graph import graph
from fgrad.explore.timings import least


def _call(shell: Any, line: str, magic: str) -> tuple[Callable, list, dict[str, Any]]:
    """The function and the arguments of a call that is written out, evaluated in the user's names; the call itself is not made."""
    try:
        parsed = ast.parse(line.strip(), mode="eval").body
    except SyntaxError as err:
        raise ArgumentError(f"{magic}: {line.strip()!r} is not an expression: {err.msg}", f"Write {magic} f(x).") from None
    if not isinstance(parsed, ast.Call):
        raise ArgumentError(f"{magic} takes a call, not {line.strip()!r}", f"Write {magic} f(x).")
    value = lambda node: eval(compile(ast.Expression(node), "<input>", "eval"), shell.user_global_ns, shell.user_ns)
    if any(isinstance(a, ast.Starred) for a in parsed.args) or any(k.arg is None for k in parsed.keywords):
        raise ArgumentError(f"{magic}: * and ** in the arguments are not taken", "Write the arguments out.")
    return value(parsed.func), [value(a) for a in parsed.args], {k.arg: value(k.value) for k in parsed.keywords if k.arg}


def jaxpr_magic(shell: Any, line: str) -> Any:
    """%jaxpr f(x): the program that f is traced to."""
    f, args, kwargs = _call(shell, line, "%jaxpr")
    return make_jaxpr(lambda *xs: f(*xs, **kwargs))(*args)


def graph_magic(shell: Any, line: str, cell: str) -> Any:
    """%%graph: the cell's last line is a call f(x); its graph is shown, with values and gradients. What is before it runs first."""
    body = ast.parse(cell)
    if not body.body or not isinstance(body.body[-1], ast.Expr):
        raise ArgumentError("%%graph: the last line of the cell is a call, f(x)")
    last = ast.get_source_segment(cell, body.body[-1]) or ""
    before = "\n".join(cell.splitlines()[: body.body[-1].lineno - 1])
    if before.strip():
        shell.run_cell(before).raise_error()
    f, args, kwargs = _call(shell, last, "%%graph")
    return graph(f)(*args, **kwargs)


def timegrad_magic(shell: Any, line: str) -> str:
    """%timegrad f(x): the time of f, of its gradient, and of both under jit."""
    f, args, kwargs = _call(shell, line, "%timegrad")
    fun = (lambda *xs: f(*xs, **kwargs)) if kwargs else f
    slope, fast, fast_slope = grad(fun), jit(fun), jit(grad(fun))
    rows = [("f", fun), ("grad(f)", slope), ("jit(f)", fast), ("jit(grad(f))", fast_slope)]
    times = {name: least(lambda c=call: c(*args)) for name, call in rows}
    return _Lines(
        [f"{name:13} {short_time(t):>9}" + (f"   {t / times['f']:.2f} × f" if name == "grad(f)" else "") for name, t in times.items()]
        + [f"{'':13} {'':>9}   {times['jit(grad(f))'] / times['jit(f)']:.2f} × jit(f)"]
    )


class _Lines(str):
    """Text that shows itself without quotes."""

    __slots__ = ()

    def __new__(cls, lines: list[str]) -> _Lines:
        return super().__new__(cls, "\n".join(lines))

    def __repr__(self) -> str:
        return str(self)


def load(shell: Any) -> None:
    """Registers the commands with a shell of IPython."""
    for kind, name, magic in (("line", "jaxpr", jaxpr_magic), ("cell", "graph", graph_magic), ("line", "timegrad", timegrad_magic)):
        shell.register_magic_function(_bound(magic, shell), kind, name)


def _bound(magic: Callable, shell: Any) -> Callable:
    def run(*xs: str) -> Any:
        return magic(shell, *xs)

    run.__doc__ = magic.__doc__
    return run
