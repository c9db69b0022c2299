"""What `jacobian(mode="sparse")`, `hessian(mode="sparse")` and `sparsity` call: a function's sparse derivatives, kept by the types of its arguments."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from fgrad.api.modes import Plan, mode_cost, plan_jacobian
from fgrad.core import tree
from fgrad.core.avals import typeof
from fgrad.sparse.derivative import SparseDerivative
from fgrad.sparse.pattern import differentiated
from fgrad.sparse.staged import Arguments, Staged
from fgrad.transforms.autodiff import linearize_flat
from fgrad.transforms.cost import linear_cost

_MOST = 32  # programs of one function that are kept


class Sparse:
    """The sparse Jacobian, or Hessian, of a function of pytrees."""

    def __init__(self, name: str, fun: Callable, argnums: int | Sequence[int], has_aux: bool, holomorphic: bool, hessian: bool):
        self.name, self.fun, self.argnums, self.has_aux, self.holomorphic, self.hessian = name, fun, argnums, has_aux, holomorphic, hessian
        self.known: dict[Any, SparseDerivative] = {}

    def of(self, args: tuple, kwargs: dict[str, Any]) -> tuple[SparseDerivative, Arguments]:
        """What is known of the derivative for such arguments, found now if it is not."""
        given = Arguments(self.name, self.fun, self.argnums, self.holomorphic, args, kwargs)
        found = self.known.get(given.key)
        if found is None:
            found = SparseDerivative(self.name, Staged(self.fun, given, self.has_aux), self.hessian, self.holomorphic)
            while len(self.known) >= _MOST:
                self.known.pop(next(iter(self.known)), None)
            self.known[given.key] = found
        return found, given

    def arranged(self, found: SparseDerivative, blocks: Sequence[Sequence[Any]]) -> Any:
        """Blocks by output leaf and input leaf as the tree of the output, with at each leaf the tree of the arguments."""
        single = isinstance(self.argnums, int)
        staged = found.staged
        across = [tree.unflatten(staged.wrt_tree, list(row)) for row in blocks]
        across = [row[0] if single else row for row in across]
        if not self.hessian:
            return tree.unflatten(staged.flat.out_tree, across)
        down = tree.unflatten(staged.wrt_tree, across)
        return down[0] if single else down

    def plan(self, *args: Any, **kwargs: Any) -> Plan:
        """The mode, and what the passes cost, beside those of the dense modes."""
        found, given = self.of(args, kwargs)
        known = [*found.staged.consts, *given.others]
        outs, program = linearize_flat(differentiated(found.staged, known, self.hessian), given.wrt, [True] * len(given.wrt))
        program.outvars = program.outvars[: len(found.rows)]
        ins, outs = found.staged.ins, [typeof(o) for o in outs[: len(found.rows)]]
        dense = plan_jacobian(program, ins, outs, self.holomorphic, "sparse")
        m, n = found.pattern.shape
        c = found.coloring
        mine = mode_cost(
            "sparse", linear_cost(program.eqns, program.invars, program.outvars), n, m, c.forward, c.reverse, found.pattern.nnz
        )
        return Plan("sparse", (*dense.costs, mine), c)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        found, given = self.of(args, kwargs)
        blocks, aux = found(given)
        result = self.arranged(found, blocks)
        if not self.has_aux:
            return result
        return result, found.staged.flat.take_aux([None] * found.staged.flat.outs + aux)


def sparsity(fun: Callable, argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable:
    """Which entries of the Jacobian can be different from zero, for some values of the arguments.

    Args:
        fun: a function of arrays or pytrees.
        argnums: the argument(s) to differentiate with respect to.
        has_aux: `fun` returns (output, aux).

    Returns:
        A function of the same arguments (arrays, or fgrad.ShapeDtypeStruct: of floating point arguments only the types matter). For an output leaf
        of m entries and an input leaf of n it returns a scipy.sparse.csr_array bool[m, n], in the trees that `jacobian` returns.

    Raises:
        ShapeError: the pattern has so many entries that they do not fit in memory.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.sparsity(lambda x: x[1:] - x[:-1])(np.zeros(4)).toarray().astype(int)
        array([[1, 1, 0, 0],
               [0, 1, 1, 0],
               [0, 0, 1, 1]])
    """
    derivative = Sparse("sparsity", fun, argnums, has_aux, False, False)

    @functools.wraps(fun)
    def pattern_of(*args: Any, **kwargs: Any) -> Any:
        found, _ = derivative.of(args, kwargs)
        return derivative.arranged(found, found.patterns())

    return pattern_of
