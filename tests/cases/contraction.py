"""Rows of products of arrays: matmul, dot, einsum and their kin; and of norms."""

from __future__ import annotations

import numpy as np

from cases.table import FLOATING, distinct, normal, row

COMPLEX = {"grad": ("float64", "float32", "complex128")}
FLOATS = {"values": FLOATING}

for _a, _b in (
    ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)), ((5, 2, 3), (5, 3, 4)),
    ((5, 1, 2, 3), (4, 3, 2)), ((5, 2, 3), (3,)), ((2, 0), (0, 3)), ((1, 1), (1, 1)),
):  # fmt: skip
    row("matmul", normal(*_a), normal(*_b), options=COMPLEX)
    if len(_a) > 1 and len(_b) > 1:
        row("linalg.matmul", normal(*_a), normal(*_b))
for _a, _b in (
    ((), ()),
    ((), (3,)),
    ((2, 3), ()),
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 2)),
    ((2, 3), (3, 4)),
    ((2, 3), (5, 3, 4)),
    ((5, 2, 3), (3,)),
):
    row("dot", normal(*_a), normal(*_b), options=COMPLEX if _a == (3,) else {})
for _a, _b in (((3,), (3,)), ((2, 3), (3,)), ((2, 3), (4, 3)), ((), (2, 3))):
    row("inner", normal(*_a), normal(*_b))
row("vdot", normal(2, 3), normal(2, 3), options=COMPLEX)
row("outer", normal(3), normal(2), options=COMPLEX)
row("outer", normal(2, 2), normal(3))
row("linalg.outer", normal(3), normal(2))
for _axes in (0, 1, 2, ([0, 1], [0, 1]), ([1], [1]), (-1, -1)):
    row("tensordot", normal(2, 3), normal(2, 3) if _axes != 1 else normal(3, 4), axes=_axes)
row("linalg.tensordot", normal(2, 3), normal(3, 4), axes=1)
row("vecdot", normal(2, 3), normal(3), options=COMPLEX)
row("vecdot", normal(2, 3), normal(2, 3), axis=0)
row("linalg.vecdot", normal(2, 3), normal(3))
row("matvec", normal(2, 3, 4), normal(4), options=COMPLEX)
row("vecmat", normal(3), normal(2, 3, 4), options=COMPLEX)
row("kron", normal(2, 3), normal(2))
row("kron", normal(2, 2), normal(3, 1))
row("cross", normal(3), normal(3))
row("cross", normal(2, 3), normal(3))
row("cross", normal(3, 2), normal(3, 2), axis=0)
row("linalg.cross", normal(2, 3), normal(2, 3))
row("linalg.trace", normal(2, 3, 3), offset=1)
row("linalg.diagonal", normal(2, 3, 3), offset=-1)
row("linalg.multi_dot", [normal(2, 3), normal(3, 4), normal(4)])
for _spec, _shapes in {
    "ij,jk->ik": ((2, 3), (3, 4)), "ij,jk": ((2, 3), (3, 4)), "ij->ji": ((2, 3),), "ii->": ((3, 3),), "ii->i": ((3, 3),),
    "ij->": ((2, 3),),
    "i,j->ij": ((2,), (3,)), "bij,bjk->bik": ((2, 2, 3), (2, 3, 4)), "...ij,...jk->...ik": ((5, 2, 3), (3, 4)),
    "i,i,i->i": ((3,), (3,), (3,)),
    "ij,jk,kl->il": ((2, 3), (3, 4), (4, 2)), "ij,ij->": ((2, 3), (2, 3)), "iij,j->i": ((2, 2, 3), (3,)), "ij,k->k": ((2, 3), (4,)),
    "...,...->...": ((2, 3), (3,)), "i->": ((3,),), ",i->i": ((), (3,)),
}.items():  # fmt: skip
    row("einsum", _spec, *[normal(*s) for s in _shapes], options=COMPLEX if _spec == "ij,jk->ik" else {})
row("einsum", normal(2, 3), [0, 1], normal(3, 4), [1, 2], [0, 2], options={"values": FLOATING})
row("einsum", "ij,jk,kl->il", normal(2, 3), normal(3, 4), normal(4, 2), optimize=True)
row(
    lambda np, x, y: (x @ y, y @ x, np.array([[1.0, 2.0, 0.5]]) @ x, x.dot(y)),
    normal(3, 3),
    normal(3, 3),
    name="matmul operators",
    options=FLOATS | {"alone": (0,)},
)

# -- norms

for _ord in (None, 1, 2, 3, np.inf, -np.inf, 0.5):
    row("linalg.norm", distinct(4), _ord, options=FLOATS)
for _ord in (None, "fro", 1, np.inf, -1):
    row("linalg.norm", distinct(2, 3), _ord, options=FLOATS)
row("linalg.norm", normal(2, 3), axis=1, options=FLOATS)
row("linalg.norm", normal(2, 3, 2), axis=(0, 2), keepdims=True, options=FLOATS)
row("linalg.vector_norm", normal(2, 3), axis=1, ord=3, options=FLOATS)
row("linalg.matrix_norm", normal(2, 3, 3), options=FLOATS)
