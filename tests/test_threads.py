"""Threads: the current trace is a context variable, so that each thread differentiates by itself."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import fgrad
import fgrad.numpy as fnp
from fgrad.core.trace import EVAL, current_trace

THREADS = 8
A = np.linspace(-1.0, 1.0, 16).reshape(4, 4)


def loss(x):
    h = np.tanh(A @ x)
    for _ in range(5):
        h = np.sin(h) * x + fnp.sum(h**2)
    return fnp.sum(h)


JOBS = {
    "grad": lambda x: fgrad.grad(loss)(x),
    "vmap(grad)": lambda x: fgrad.vmap(fgrad.grad(loss))(np.stack([x, 2 * x, x + 1])),
    "jacobian": lambda x: fgrad.jacobian(lambda x: np.tanh(A @ x) * x)(x),
    "hessian": lambda x: fgrad.hessian(loss)(x),
    "jvp of grad": lambda x: fgrad.jvp(fgrad.grad(loss), (x,), (x,))[1],
    "grad of jvp": lambda x: fgrad.grad(lambda y: fgrad.jvp(loss, (y,), (x,))[1])(x),
    "checkpoint": lambda x: fgrad.grad(fgrad.checkpoint(loss))(x),
    "make_jaxpr": lambda x: fgrad.make_jaxpr(fgrad.grad(loss))(x)(x)[0],
}


def run_together(functions):
    """Each function in a thread of its own; all start at once."""
    start = threading.Barrier(len(functions))

    def run(f):
        start.wait(timeout=60)
        return f()

    with ThreadPoolExecutor(len(functions)) as pool:
        return list(pool.map(run, functions))


@pytest.mark.parametrize("name", JOBS)
def test_one_job_in_many_threads(name):
    xs = [np.linspace(0.1, 1.0, 4) * (i + 1) / THREADS for i in range(THREADS)]
    job = JOBS[name]
    expected = [job(x) for x in xs]
    repeated = lambda x: lambda: [job(x) for _ in range(5)]
    for found, e in zip(run_together([repeated(x) for x in xs]), expected, strict=True):
        for value in found:
            np.testing.assert_array_equal(value, e)


def test_different_jobs_at_once():
    x = np.linspace(0.1, 1.0, 4)
    expected = [job(x) for job in JOBS.values()]
    for _ in range(5):
        for found, e in zip(run_together([lambda job=job: job(x) for job in JOBS.values()]), expected, strict=True):
            np.testing.assert_array_equal(found, e)


def test_each_thread_has_its_own_current_trace():
    inside, checked = threading.Event(), threading.Event()
    seen = []

    def f(x):
        inside.set()
        assert checked.wait(timeout=60)
        return np.sin(x)

    def other():
        assert inside.wait(timeout=60)
        seen.append(current_trace())
        seen.append(fgrad.grad(lambda x: x**2)(3.0))
        checked.set()

    worker = threading.Thread(target=other)
    worker.start()
    assert float(fgrad.grad(f)(0.0)) == 1.0
    worker.join()
    assert seen[0] is EVAL
    assert seen[1] == 6.0


def test_a_tracer_does_not_cross_into_another_thread():
    caught = []

    def elsewhere(x):
        try:
            np.sin(x)
        except fgrad.errors.LeakedTracerError as e:
            caught.append(str(e))

    def f(x):
        worker = threading.Thread(target=elsewhere, args=(x,))
        worker.start()
        worker.join()
        return x * 2.0

    assert float(fgrad.grad(f)(1.0)) == 2.0
    (message,) = caught
    assert "was traced in `f`" in message
    assert "another thread" in message


def test_a_copied_context_carries_the_trace():
    """Whoever hands work to a thread with its context (as asyncio.to_thread does) may use the tracers there."""

    def f(x):
        context = contextvars.copy_context()
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(context.run, lambda: np.sin(x) * x).result()

    np.testing.assert_allclose(fgrad.grad(f)(0.7), np.sin(0.7) + 0.7 * np.cos(0.7))


def test_tasks_are_separate():
    async def one(x):
        value = fgrad.grad(lambda x: x**3)(x)
        await asyncio.sleep(0)
        return value

    async def main():
        return await asyncio.gather(*[one(float(i)) for i in range(5)])

    assert [float(v) for v in asyncio.run(main())] == [3.0 * i**2 for i in range(5)]


def test_an_error_in_one_thread_leaves_the_others_alone():
    def bad():
        with pytest.raises(ZeroDivisionError):
            fgrad.grad(lambda x: x * (1 / 0))(1.0)
        return float(fgrad.grad(np.sin)(0.0))

    good = lambda: float(fgrad.grad(np.sin)(0.0))
    assert run_together([bad, good] * 4) == [1.0] * 8


def test_dataclasses_are_registered_once_by_many_threads():
    from dataclasses import dataclass

    for _ in range(10):

        @dataclass
        class Fresh:
            x: float

        found = run_together([lambda cls=Fresh: float(fgrad.grad(lambda p: p.x**2)(cls(3.0)).x)] * THREADS)
        assert found == [6.0] * THREADS
