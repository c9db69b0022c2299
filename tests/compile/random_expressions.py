"""The expressions that random programs are made of. Read `random_source.py` first.

Most are templates, filled with the names of values and with numbers that fit them; loops, branches and transformations inside programs are at the end.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from .random_source import DTYPES, Nothing, Writer, expression


def table(text: str) -> list[str]:
    """Templates apart by semicolons and lines; a number in front says how often one is to be chosen."""
    found = []
    for part in text.replace("\n", ";").split(";"):
        times, _, template = part.strip().rpartition(" :: ")
        found += [template] * int(times or bool(template))
    return found


# -- elementwise

UNARY = {
    "f": table("""
        np.sin({x}); np.cos({x}); np.tan({x}); 2 :: np.tanh({x}); np.sinh({x}); np.cosh({x}); np.arctan({x}); np.arcsinh({x}); np.exp({x})
        np.expm1({x}); np.exp2({x}); np.cbrt({x}); np.log1p(np.abs({x})); np.sqrt(np.abs({x})); np.log(np.abs({x}) + 0.5)
        np.log2(np.square({x}) + 1); np.log10(np.abs({x}) + 2); np.arcsin(np.tanh({x})); np.arccos(np.tanh({x}))
        np.arctanh(0.9 * np.tanh({x})); np.arccosh(1 + np.square({x})); special.erf({x}); special.erfc({x}); special.expit({x})
        special.gammaln(np.abs({x}) + 0.5); special.digamma(np.abs({x}) + 0.5); np.floor({x}); np.ceil({x}); np.trunc({x}); np.rint({x})
        np.round({x}, 1); np.modf({x})[0]; np.frexp({x})[0]; np.ldexp({x}, 2); np.spacing({x}); np.sign({x}); np.abs({x})
        np.copysign(1.5, {x}); np.heaviside({x}, 0.5); np.reciprocal({x}); 1 / {x}; {x} ** 2; {x} ** 3; {x} ** -1; {x} ** 0.5; 2.0 ** {x}
        np.isnan({x}); np.isinf({x}); np.isfinite({x}); np.signbit({x}); np.nan_to_num({x}); np.sinc({x}); np.deg2rad({x})
        np.clip({x}, -0.5, 0.75); np.where({x} > 0, {x}, 0); np.where({x} > 0, np.log({x}), {x}); np.logaddexp({x}, 0.0)
        np.interp({x}, np.array([-1.0, 0.0, 0.5]), np.array([0.0, 2.0, 1.0])); np.polyval([0.5, -1.0, 0.25], {x})
    """),
    "c": table("""
        np.abs({x}); 2 :: np.conj({x}); 2 :: np.real({x}); 2 :: np.imag({x}); 2 :: {x} * {x}; np.square({x}); {x} ** 2; {x} ** 3
        1 / ({x} + 3); np.reciprocal({x} + 2); np.exp({x}); np.sin({x}); np.cos({x}); np.sinh({x}); np.tanh({x}); np.sqrt({x})
        np.log({x} + 5); np.angle({x}); np.sign({x}); np.isnan({x})
    """),
    "i": table("""
        ~{x}; np.abs({x}); np.square({x}); np.sign({x}); np.bitwise_count({x}); {x} ** 2; {x} ** 3; {x} ** 4; {x} * 3; {x} // 2; {x} % 3
        {x} << 1; {x} >> 1; {x} + 100; {x} / 2; {x} == 2; np.negative({x}); np.invert({x}); np.floor({x}); np.clip({x}, 1, 4)
    """),
    "b": table("""
        ~{x}; np.logical_not({x}); {x} * 2; {x} + 1; np.where({x}, 1.5, -0.5); {x} & True; {x} | ~{x}; np.abs({x})
    """),
}


@expression(5)
def unary(w: Writer) -> str | None:
    x = w.pick()
    kind = w.values[x].dtype.kind.replace("u", "i")
    if kind in "ib" and w.r.random() < 0.2:
        x, kind = w.floating(), "f"
    return w.choose(UNARY[kind], x=x)


PLAIN = ["{x} + {y}", "{x} - {y}", "{x} * {y}", "{x} / {y}"]
BINARY = table("""
    {x} / (2 + np.abs({y})); {x} // {y}; {x} % {y}; np.fmod({x}, {y}); np.divmod({x}, {y})[0]; np.divmod({x}, {y})[1]
    np.maximum({x}, {y}); np.minimum({x}, {y}); np.fmax({x}, {y}); np.fmin({x}, {y}); np.hypot({x}, {y}); np.arctan2({x}, {y})
    np.logaddexp({x}, {y}); np.copysign({x}, {y}); np.nextafter({x}, {y}); np.heaviside({x}, {y}); np.power(np.abs({x}) + 0.5, {y})
    np.float_power(np.abs({x}) + 1, {y}); {x} < {y}; {x} <= {y}; {x} == {y}; {x} != {y}; {x} > {y}; {x} >= {y}; np.isclose({x}, {y})
    {x} & {y}; {x} | {y}; {x} ^ {y}; {x} << {y}; {x} >> {y}; np.gcd({x}, {y}); np.lcm({x}, {y}); np.logical_and({x}, {y})
    np.logical_or({x}, {y}); np.logical_xor({x}, {y}); np.subtract({x}, {y}); {x} * {y} + 1; fnp.where({x} > {y}, {x}, {y})
    2 :: np.where({z} > 0, {x}, {y}); 2 :: np.where({z}, {x}, {y}); np.clip({x}, {y}, 1)
""")


@expression(6)
def binary(w: Writer) -> str | None:
    x = w.pick()
    y = x if w.r.random() < 0.05 else w.fitting(w.values[x])
    z = w.fitting(w.values[x])
    if w.r.random() < 0.3:
        x, y = y, x
    return w.choose(PLAIN if w.r.random() < 0.4 else BINARY, x=x, y=y, z=z)


@expression(1.5)
def conversion(w: Writer) -> str | None:
    x = w.pick()
    v, to = w.values[x], np.dtype(w.r.choice(DTYPES))
    if v.dtype.kind == "c" and to.kind != "c":
        x = f"np.real({x})"
    if v.dtype.kind in "fc" and to.kind in "iu":  # of what does not fit the value is not defined
        x = f"np.clip(np.nan_to_num({x}), {0 if to.kind == 'u' else -100}, 100)"
    return w.add(f"{x}.astype({to.str[1:]!r})")


# -- views

VIEWS = table("""
    4 :: {x}[{index}]; {x}.T; np.transpose({x}, {order}); np.flip({x}, {k}); np.roll({x}, {shift}, {k}); 2 :: np.pad({x}, {widths})
    np.pad({x}[{index}], 1); np.pad({x}, 1)[{index}]; np.pad({x}, {widths}, mode={mode!r}); np.reshape({x}, {shape}); np.ravel({x})
    np.expand_dims({x}, {k}); np.squeeze({x}); np.broadcast_to({x}, {more}); np.repeat({x}, 2, {k}); np.tile({x}, 2)
    np.swapaxes({x}, 0, {k}); np.moveaxis({x}, {k}, 0); np.moveaxis({x}, {k}, 0)[{start}:{stop}]; np.diff({x}, axis={k})
    np.gradient({x}, axis={k}); np.tril({x}); np.triu({x}, 1); np.diag({x}); np.diagonal({x}); np.rot90({x})
    {x}[{at}]; {x}[..., -1]; 2 :: np.concatenate({parts}, {k}); np.stack({parts}, {k}); np.hstack({parts}); np.vstack({parts})
""")


@expression(8)
def view(w: Writer) -> str | None:
    x = w.array()
    v, r = w.values[x], w.r
    k = r.randrange(-v.ndim, v.ndim)
    n = v.shape[k]

    def part(n: int) -> str:
        a, b = sorted(r.randrange(-n, n + 1) if n else 0 for _ in range(2))
        return r.choice([":", "::-1", "::2", "1:", ":-1", "::-2", f"{a}:{b}", f"{b}:{a}:-1", "None, :", "..."])

    start, stop = sorted(r.randrange(n + 1) for _ in range(2))
    joins = lambda u: u.ndim == v.ndim and all(i == k % v.ndim or a == b for i, (a, b) in enumerate(zip(u.shape, v.shape, strict=True)))
    parts = [x, w.pick(joins), *r.choice([[], [f"np.ones_like({x})"], [x]])]
    r.shuffle(parts)
    return w.choose(
        VIEWS, x=x, k=k, start=start, stop=stop, parts=f"({', '.join(parts)})",
        index=", ".join(dict.fromkeys(part(n) for n in v.shape[: r.randint(1, v.ndim)])) if r.random() < 0.5 else part(n),
        order=r.sample(range(v.ndim), v.ndim), shift=r.randrange(-2, 4), widths=[(r.randrange(3), r.randrange(3)) for _ in range(v.ndim)],
        mode=r.choice(["edge", "reflect", "wrap", "symmetric"]), more=(r.randint(0, 3), *v.shape), at=r.randrange(-v.shape[0], v.shape[0] or 1),
        shape=r.choice([(-1,), (1, *v.shape), (*v.shape, 1), (v.size,), v.shape[::-1], *[(-1, d) for d in v.shape if v.size]]),
    )  # fmt: skip


# -- reductions and running reductions

REDUCTIONS = table("""
    3 :: np.sum({x}, axis={axes}, keepdims={keep}); np.sum({x}, axis={axes}, where={where})
    np.prod({bounded}, axis={axes}, keepdims={keep}); np.prod({x}, axis={axes}, where={where})
    2 :: np.max({x}, axis={axes}, keepdims={keep}); 2 :: np.min({x}, axis={axes}, keepdims={keep})
    np.mean({x}, axis={axes}, keepdims={keep}); np.any({x}, axis={axes}, keepdims={keep}); np.all({x}, axis={axes}, keepdims={keep})
    np.var({x}, axis={axes}, keepdims={keep}); np.std({x}, axis={axes}, keepdims={keep}); np.ptp({x}, axis={axes}, keepdims={keep})
    np.nansum({x}, axis={axes}, keepdims={keep}); np.nanmax({x}, axis={axes}, keepdims={keep}); np.average({x}, axis={axes})
    np.median({x}, axis={axes}); np.count_nonzero({x}, axis={axes}); np.linalg.norm({x}, axis={k}); np.trapezoid({x}, axis={k})
    np.log(np.sum(np.exp({x} - np.max({x}, {axes}, keepdims=True)), {axes})); 2 :: np.argmax({x}, axis={k}, keepdims={keep})
    2 :: np.argmin({x}, axis={k}, keepdims={keep}); 2 :: np.cumsum({x}, axis={k}); np.cumprod({bounded}, axis={k})
    np.cumprod({x}, axis={k}); np.maximum.accumulate({x}, axis={one}); np.minimum.accumulate({x}, axis={one})
    np.cumsum({x}[::-1], axis={one})[::-1]; np.sort({x}, axis={k}); np.argsort({x}, axis={k}, kind='stable')
    np.searchsorted(np.sort({x}, axis=None), {other})
""")


@expression(8)
def reduction(w: Writer) -> str | None:
    x = w.array()
    v, r = w.values[x], w.r
    axes = tuple(sorted(r.sample(range(v.ndim), r.randint(0, v.ndim))))
    k = r.randrange(-v.ndim, v.ndim)
    return w.choose(
        REDUCTIONS, x=x, axes=r.choice([None, axes, axes, k]), k=r.choice([None, k, k]), one=k, keep=r.random() < 0.3, other=w.pick(),
        bounded=f"np.tanh({x})" if v.dtype.kind in "fc" else x, where=f"({w.pick(lambda u: u.shape == v.shape)} > 0)",
    )  # fmt: skip


# -- products

PRODUCTS = table("""
    3 :: {x} @ {y}; np.dot({x}, {y}); {x}.T @ {y}; {x} @ {y}.T; np.outer({x}, {y}); np.inner({x}, {y}); np.tensordot({x}, {y}, 1)
    np.tensordot({x}, {y}, 0); np.kron({x}, {y}); np.vdot({x}, {y}); np.matmul(np.transpose({x}), {y}); np.convolve({x}, {y})
""")


@expression(2)
def product(w: Writer) -> str | None:
    x = w.array()
    return w.choose(PRODUCTS, x=x, y=x if w.r.random() < 0.1 else w.array())


@expression(4)
def contraction(w: Writer) -> str | None:
    r = w.r
    x = w.pick(lambda v: v.ndim <= 3)
    v = w.values[x]
    y = w.pick(lambda u: u.ndim <= 3 and (r.random() < 0.2 or bool(set(u.shape) & set(v.shape))))
    letters = r.sample("abcdefgh", 8)
    of_x, free = letters[: v.ndim], letters[v.ndim :]
    of_y: list[str] = []
    for n in w.values[y].shape:
        same = [c for c, m in zip(of_x, v.shape, strict=True) if m == n and c not in of_y]
        of_y.append(r.choice(same) if same and r.random() < 0.75 else free.pop())
    out = [c for c in dict.fromkeys(of_x + of_y) if r.random() < (0.35 if c in of_x and c in of_y else 0.85)]
    r.shuffle(out)
    return w.add(f"np.einsum('{''.join(of_x)},{''.join(of_y)}->{''.join(out)}', {x}, {y})")


ALGEBRA = table("""
    np.linalg.inv({square}); np.linalg.det({square}); np.linalg.slogdet({square})[1]; np.linalg.solve({square}, {x})
    2 :: np.linalg.cholesky({square})
""")


@expression(0.6)
def algebra(w: Writer) -> str | None:
    x = w.pick(lambda v: v.ndim == 2 and 0 < v.shape[0] <= 7 and v.dtype.str[1:] in ("f8", "f4"))
    n, dtype = w.values[x].shape[0], w.values[x].dtype.str[1:]
    return None if w.special else w.choose(ALGEBRA, x=x, square=f"({x} @ {x}.T + 3 * np.eye({n}, dtype={dtype!r}))")


# -- reading and writing at places


def _index(w: Writer, n: int) -> str:
    """An integer array or number in -n ... n - 1: a constant, or a value of the program."""
    r = w.r
    if not 0 < n <= 127:
        raise Nothing
    if r.random() < 0.4:
        shape = r.choice([(2,), (3,), (1,), (), (2, 2), (0,), (5,)])
        flat = [r.randrange(-n, n) for _ in range(int(np.prod(shape)))]
        return f"np.array({np.reshape(flat, shape).tolist()}, {r.choice(['i8', 'i8', 'i4', 'i1'])!r})" if shape else str(flat[0])
    i = w.pick(lambda v: v.dtype.kind in "iu" and v.ndim <= 2)
    return f"({i} % {n})" if w.values[i].dtype.kind == "u" or r.random() < 0.5 else f"({i} % {n} - {n})"


READS = table("""
    fnp.take({x}, {i}, axis={k}); np.moveaxis({x}, {k}, 0)[{i}]; {x}[{first}]; {x}[{first}, {second}]; {x}[{first}, {part}]
    {x}[:, {second}]; np.take_along_axis({x}, np.argsort({x}, axis={k}, kind='stable'), axis={k})
""")


@expression(3)
def gather(w: Writer) -> str | None:
    x = w.array()
    v = w.values[x]
    k = w.r.randrange(-v.ndim, v.ndim)
    second = _index(w, v.shape[1]) if v.ndim > 1 else "0"
    return w.choose(
        READS, x=x, k=k, i=_index(w, v.shape[k]), first=_index(w, v.shape[0]), second=second, part=w.r.choice([":", "0:1", "None"])
    )


@expression(3)
def scatter(w: Writer) -> str | None:
    x = w.array()
    v, r = w.values[x], w.r
    index = r.choice([_index(w, v.shape[0]), f"{r.randrange(v.shape[0] + 1)}:", "::-1", "::2", "..., 0"])
    if v.ndim > 1 and r.random() < 0.4:
        index = f"{_index(w, v.shape[0])}, {r.choice([_index(w, v.shape[1]), ':', '1:', '::-1'])}"
    try:
        target = w.run(f"{x}[{index}]")
    except IndexError:
        return None
    value = r.choice([f"{x}[{index}]", w.number(v.dtype), x])
    if r.random() < 0.6:
        value = w.pick(lambda u: np.can_cast(u.dtype, v.dtype, "same_kind") and u.shape == target.shape[target.ndim - u.ndim :])
    return w.add(f"at({x})[{index}].{r.choice(['set', 'add', 'add', 'multiply', 'min', 'max', 'subtract'])}({value})")


CONSTANTS = table("""
    np.arange({n}, dtype={dtype!r}); np.full({shape}, 2, {dtype!r}); np.zeros_like({x}); np.ones_like({x}); np.eye({n}, dtype={dtype!r})
    np.array({numbers}, {dtype!r}); np.float64({n}); np.linspace(0, 1, {n})
""")


@expression(1)
def constant(w: Writer) -> str | None:
    x, n = w.pick(), w.r.randint(0, 5)
    dtype = w.r.choice(["f8", "f8", "f4", "i8", "u1", "c16", "?"])
    return w.choose(CONSTANTS, x=x, n=n, dtype=dtype, shape=w.values[x].shape, numbers=[w.r.randrange(9) for _ in range(n)])


# -- control flow


def _tuple(parts: Iterable[str]) -> str:
    return f"({''.join(p + ', ' for p in parts)})"


@expression(3.5)
def loop(w: Writer) -> Any:
    """scan, fori_loop, while_loop: the carry is passed through, swapped, shared, or computed."""
    if w.depth > 1 and w.r.random() < 0.7:
        raise Nothing
    r = w.r
    kind = r.choice(["scan", "scan", "scan", "fori", "while"])
    kinds = "fc" if r.random() < 0.6 else "fciub"
    carry = [w.pick(lambda v: v.size <= 80 and v.dtype.kind in kinds) for _ in range(r.randint(0 if kind == "scan" else 1, 3))]
    values = [w.values[c] for c in carry]
    kept: list[str] = []

    def new(inner: Writer, names: list[str]) -> list[str]:
        last = [n for s in inner.statements for n in s.names]
        return [inner.like(v, last) for v in values]

    if kind == "scan":
        rows = [w.array(lambda v: v.shape[0] <= 5) for _ in range(r.randint(0, 2))]
        length = w.values[rows[0]].shape[0] if rows else r.randint(0, 4)
        rows = [x if w.values[x].shape[0] == length else rows[0] for x in rows]
        entries = [w.values[x][0] if length else np.zeros(w.values[x].shape[1:], w.values[x].dtype)[()] for x in rows]

        def result(inner: Writer, names: list[str]) -> str:
            carried = new(inner, names)
            ys = [inner.pick(lambda v: v.size <= 60) for _ in range(r.randint(0 if carried else 1, 3))]
            ys = [r.choice([y, y, *carried[:1]]) for y in ys]
            kept[:] = names
            return f"({_tuple(carried)}, {_tuple(ys)})"

        name, lines = w.function([*values, *entries], r.randint(1, 4), result)
        n = len(carry)
        step = f"lambda c, x: {name}(*c{', *x' if rows else ''})"
        xs = _tuple(rows) if rows else f"None, length={length}"
        return w.add_tuple(f"scan({step}, {_tuple(carry)}, {xs}, reverse={r.random() < 0.4})" if n or rows else "()", lines)
    if kind == "fori":
        name, lines = w.function([np.int64(1), *values], r.randint(1, 3), lambda inner, names: _tuple(new(inner, names)))
        bounds = r.choice([f"0, {r.randint(0, 4)}", "1, 3"])
        if r.random() < 0.5:
            i = (
                w.pick(lambda v: v.dtype.kind in "iu" and v.dtype.itemsize < 8 and v.ndim == 0)
                if r.random() < 0.5
                else f"np.sum({w.pick()} > 0)"
            )
            bounds = f"0, {i} % 4"
        return w.add_tuple(f"fori_loop({bounds}, lambda i, c: {name}(i, *c), {_tuple(carry)})", lines)
    limit = r.randint(0, 4)
    name, lines = w.function(values, r.randint(1, 3), lambda inner, names: _tuple(new(inner, names)))
    test = f"c[0] < {limit}"
    scalar = [k for k, v in enumerate(values) if v.dtype.kind in "fiu" and v.size]
    if scalar:
        test = f"(c[0] < {limit}) & (np.sum(c[{r.choice(scalar) + 1}]) < {r.choice([0, 1, 3, 10])})"
    counted = f"while_loop(lambda c: {test}, lambda c: (c[0] + 1, *{name}(*c[1:])), (0, *{_tuple(carry)}))[1:]"
    return w.add_tuple(counted, lines)


@expression(1.6)
def branch(w: Writer) -> Any:
    if w.depth > 1 and w.r.random() < 0.7:
        raise Nothing
    r = w.r
    operands = [w.pick() for _ in range(r.randint(0, 3))]
    kinds = [w.values[w.pick(lambda v: v.size <= 80)] for _ in range(r.randint(1, 3))]
    n = r.choice([2, 2, 3])
    lines, names = [], []
    for _ in range(n):
        name, more = w.function(
            [w.values[o] for o in operands],
            r.randint(0, 3),
            lambda inner, _: _tuple([inner.like(v, [n for s in inner.statements for n in s.names]) for v in kinds]),
        )
        names.append(name)
        lines += more
    scalar = w.pick(lambda v: v.dtype.kind in "fiu")
    arguments = "".join(f", {o}" for o in operands)
    if n == 2:
        return w.add_tuple(f"cond(np.sum({scalar}) > {r.choice(['0', '0.5', '-1'])}, {names[0]}, {names[1]}{arguments})", lines)
    return w.add_tuple(f"switch(np.sum({scalar} > 0), [{', '.join(names)}]{arguments})", lines)


@expression(1)
def inside(w: Writer) -> Any:
    """jit, checkpoint, vmap, grad of a function inside."""
    if w.depth > 1:
        raise Nothing
    r = w.r
    kind = r.choice(["jit", "checkpoint", "vmap", "vmap", "grad"])
    several = lambda inner, names: _tuple([inner.pick(lambda v: v.size <= 60) for _ in range(r.randint(1, 2))])
    if kind in ("jit", "checkpoint"):
        operands = [w.pick() for _ in range(r.randint(1, 2))]
        name, lines = w.function([w.values[o] for o in operands], r.randint(1, 4), several)
        return w.add_tuple(f"{kind}({name})({', '.join(operands)})", lines)
    if kind == "vmap":
        first = w.array(lambda v: 0 < v.shape[0] <= 5)
        size = w.values[first].shape[0]
        operands = [first, *[w.pick() for _ in range(r.randint(0, 1))]]
        axes = [0, *[w.values[o].shape.index(size) if size in w.values[o].shape and r.random() < 0.7 else None for o in operands[1:]]]
        entries = [w.values[o] if a is None else np.moveaxis(w.values[o], a, 0)[0] for o, a in zip(operands, axes, strict=True)]
        name, lines = w.function(entries, r.randint(1, 4), several)
        return w.add_tuple(f"vmap({name}, {_tuple(map(str, axes))})({', '.join(operands)})", lines)
    x = w.pick(lambda v: v.dtype.str[1:] in ("f8", "f4"))
    dtype = w.values[x].dtype.str[1:]

    def total(inner: Writer, names: list[str]) -> str:
        y = inner.pick(lambda v: v.dtype.kind in "fc")
        return f"np.sum(np.real({y})).astype({dtype!r}) + np.sum({names[0]})"

    name, lines = w.function([w.values[x]], r.randint(1, 3), total)
    return w.add_tuple(f"(grad({name})({x}),)", lines)
