"""Rows of the functions that move entries, join, split, repeat and make arrays."""

from __future__ import annotations

import numpy as np

from cases.table import FLOATING, REAL, booleans, distinct, integers, normal, positive, row

COMPLEX = {"grad": ("float64", "float32", "complex128")}
NO_GRAD = {"grad": ()}

# -- reshaping and moving axes

for _args in (
    (normal(2, 6), (3, 4)),
    (normal(2, 6), -1),
    (normal(2, 6), (4, -1)),
    (normal(), (1, 1)),
    (normal(0, 3), (3, 0)),
    (normal(1), ()),
):
    row("reshape", *_args, options=COMPLEX)
row("reshape", normal(2, 6), (3, 4), order="F")
row("ravel", normal(2, 3))
row("ravel", normal(2, 3), order="F")
row("squeeze", normal(1, 3, 1))
row("squeeze", normal(1, 3, 1), axis=-1)
row("squeeze", normal(1, 3, 1), axis=(0, 2))
for _axis in (0, -1, 1, (0, 2), (-1, 0)):
    row("expand_dims", normal(2, 3), axis=_axis)
for _shape in ((4, 2, 3), (2, 3)):
    row("broadcast_to", normal(2, 1), _shape)
row("broadcast_to", normal(), (2, 3), options=COMPLEX)
row("broadcast_arrays", normal(2, 1), normal(3))
row("transpose", normal(2, 3, 4), options=COMPLEX)
row("transpose", normal(2, 3, 4), (1, 2, 0))
row("transpose", normal(2, 3, 4), (-1, 0, 1))
row("matrix_transpose", normal(2, 3, 4))
row("moveaxis", normal(2, 3, 4), 0, -1)
row("moveaxis", normal(2, 3, 4), (0, 1), (-1, 0))
row("rollaxis", normal(2, 3, 4), 2)
row("rollaxis", normal(2, 3, 4), 0, 2)
row("swapaxes", normal(2, 3, 4), 0, -1)
for _axis in (None, 0, -1, (0, 2)):
    row("flip", normal(2, 3, 2), axis=_axis)
row("fliplr", normal(2, 3))
row("flipud", normal(2, 3))
for _k in (0, 1, 2, 3, -1):
    row("rot90", normal(2, 3), _k)
row("rot90", normal(2, 3, 4), axes=(1, 2))
row("roll", normal(2, 3), 1)
row("roll", normal(2, 3), -4, axis=1)
row("roll", normal(2, 3), (1, 2), axis=(0, 1))
for _name in ("atleast_1d", "atleast_2d", "atleast_3d"):
    for _shape in ((), (2,), (2, 3), (2, 1, 3)):
        row(_name, normal(*_shape))
    row(_name, normal(), normal(3))

# -- joining and splitting

row("concatenate", [normal(2, 3), normal(1, 3)], options=COMPLEX)
row("concatenate", [normal(2, 3), normal(2, 1), np.ones((2, 1))], axis=-1)
row("concatenate", [normal(2, 3), normal(4)], axis=None)
row("concatenate", (normal(2), normal(0)), dtype=np.float64, options={"values": FLOATING, "grad": ("float64",)})
row("concatenate", [normal(2), integers(0, 5, 3)], options={"values": FLOATING, "grad": ("float64",)})
for _axis in (0, 1, -1):
    row("stack", [normal(2, 3), normal(2, 3)], axis=_axis)
row("stack", [normal(), normal()])
for _name in ("vstack", "hstack", "dstack", "column_stack"):
    row(_name, [normal(3), normal(3)])
    row(_name, [normal(2, 3), normal(2, 3)])
row("hstack", [normal(), normal(2)])
row("block", [[normal(2, 2), normal(2, 1)], [normal(1, 2), normal(1, 1)]])
row("block", [normal(2), normal(3)])
row("append", normal(2, 3), normal(2))
row("append", normal(2, 3), normal(2, 1), axis=1)
row("insert", normal(4), 1, normal())
row("insert", normal(3, 4), [0, 2], normal(3, 2), axis=1)
row("delete", normal(4), 1)
row("delete", normal(3, 4), [0, 2], axis=1)
row("delete", normal(6), slice(1, 4))
row("split", normal(6, 2), 3)
row("split", normal(6, 2), [1, 4])
row("split", normal(2, 6), 2, axis=-1)
row("array_split", normal(7), 3)
row("array_split", normal(2, 7), [2, 9], axis=1)
row("hsplit", normal(2, 4), 2)
row("vsplit", normal(4, 2), 2)
row("dsplit", normal(2, 1, 4), [1])
row("unstack", normal(3, 2))
row("unstack", normal(3, 2), axis=1)

# -- repeating and padding

row("tile", normal(2, 3), 2)
row("tile", normal(3), (2, 1, 2))
row("repeat", normal(2, 3), 2)
row("repeat", normal(2, 3), 3, axis=1)
row("repeat", normal(2, 3), [1, 2], axis=0)
row("resize", normal(2, 3), (4, 2))
row("resize", normal(2, 3), (2, 1))
for _mode in ("constant", "edge", "wrap", "reflect", "symmetric"):
    row("pad", normal(3, 4), ((1, 2), (0, 1)), mode=_mode)
for _mode in ("linear_ramp", "mean"):
    row("pad", normal(3, 4), 2, mode=_mode, options={"values": FLOATING})
for _mode in ("maximum", "minimum"):
    row("pad", distinct(3, 4), 2, mode=_mode, options={"values": FLOATING})
row("pad", normal(3), (2, 1), constant_values=(1.0, 2.0), options={"values": FLOATING})
row("pad", normal(3), 2, mode="mean", stat_length=2, options={"values": FLOATING})

# -- making arrays

row("array", normal(2), dtype=np.float64, options={"spellings": ("fnp",), "values": FLOATING, "grad": ("float64",)})
row("array", [normal(), normal(), 1.0], options={"spellings": ("fnp",), "values": FLOATING, "grad": ("float64",)})
row("array", [[normal(), 1.0], [normal(), 2]], options={"spellings": ("fnp",), "values": FLOATING, "grad": ("float64",)})
row("array", normal(2), ndmin=3, options={"spellings": ("fnp",)})
for _name in ("asarray", "asanyarray", "ascontiguousarray", "asfortranarray"):
    row(_name, normal(2, 3), options={"spellings": ("fnp",)})
row("asarray", [normal(2), normal(2)], options={"spellings": ("fnp",)})
row("copy", normal(2, 3))
row("astype", normal(2, 3), np.float64, options={"grad": ("float64",)})
row("astype", normal(2, 3), np.complex128, options={"grad": ("float64",)})
row("astype", normal(2, 3), np.int32, options=NO_GRAD | {"values": REAL[:4]})
for _name in ("zeros_like", "ones_like"):
    row(_name, normal(2, 3), options=NO_GRAD)
    row(_name, normal(2, 3), dtype=np.int32, shape=(2,), options=NO_GRAD)
row("empty_like", normal(0, 3), options=NO_GRAD)
row("full", (2, 3), normal(), options={"spellings": ("fnp",)})
row("full", (2, 3), normal(3), dtype=np.float64, options={"spellings": ("fnp",), "values": FLOATING, "grad": ("float64",)})
row("full_like", normal(2, 3), 1.5)
row("full_like", np.ones((2, 3)), normal(3), options={"spellings": ("fnp",), "values": FLOATING, "grad": ("float64",)})
row("linspace", normal(), normal(), 5, options={"values": REAL})
row("linspace", normal(3), normal(3), 4, endpoint=False, axis=-1, options={"values": REAL})
row("linspace", normal(), 2.0, 3, retstep=True, options={"values": FLOATING})
row("linspace", normal(), 2.0, 1, options={"values": FLOATING})
row("logspace", normal(), normal(), 4, options={"values": FLOATING})
row("logspace", 0.0, normal(), 4, base=2.0, options={"values": FLOATING})
row("geomspace", positive(), positive(), 5, options={"values": FLOATING})
row("geomspace", positive(2), positive(2), 3, axis=1, endpoint=False, options={"values": FLOATING})
row("vander", normal(3))
row("vander", normal(3), 5, increasing=True)
row("meshgrid", normal(2), normal(3))
row("meshgrid", normal(2), normal(3), indexing="ij", sparse=True)
row("tril", normal(3, 4), options=COMPLEX)
row("tril", normal(2, 3, 3), -1)
row("triu", normal(3, 4), 1)
row("diag", normal(3))
row("diag", normal(3), k=-1)
row("diag", normal(3, 4), k=1)
row("diagflat", normal(2, 2), k=1)
row("diagonal", normal(3, 4))
row("diagonal", normal(2, 3, 4), offset=1, axis1=2, axis2=0)
row("trace", normal(3, 4))
row("trace", normal(2, 3, 4), offset=-1, axis1=1, axis2=2)

# -- the methods of arrays

row(
    lambda np, x: (
        x.T, x.mT, x.ravel(), x.flatten(), x.reshape(3, 2), x.reshape((6,)), x.transpose(), x.transpose(1, 0), x.swapaxes(0, 1),
        x.astype("complex128"), x.real, x.imag, x.copy(), x.conj(), x.squeeze(), x.repeat(2),
    ),
    normal(2, 3), name="shape methods", options={"grad": ("float64", "complex128"), "values": (*FLOATING, "complex128")},
)  # fmt: skip
row(
    lambda np, x, m: np.where(m, x.flat, 0.0),
    normal(3),
    booleans(3),
    name="flat",
    options={"values": FLOATING, "spellings": ("fnp",), "reference": lambda x, m: np.where(m, x, 0.0)},
)
