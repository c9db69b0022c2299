"""VGG-16, one image, forward and backward in float32: `python -m benchmarks.vgg`, the time and the peak memory of each library in a process of
its own.

The network is configuration D of Simonyan and Zisserman, "Very deep convolutional networks" (2015), without dropout: value and gradient of
the cross entropy with respect to all 138 million parameters. The processes take turns; a time is the shortest of all calls, memory the
largest that a process had. `--size` takes smaller images.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from benchmarks import use_threads

BLOCKS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
LIBRARIES = ("fgrad", "torch", "JAX")


def parameters(size: int) -> dict[str, Any]:
    import numpy as np

    rng = np.random.default_rng(0)

    def normal(*shape: int) -> Any:
        return rng.standard_normal(shape, np.float32) * np.float32((2 / np.prod(shape[1:] if len(shape) == 4 else shape[:1])) ** 0.5)

    p, channels, k = {}, 3, 0
    for block in BLOCKS:
        for outputs in block:
            p[f"w{k}"], p[f"b{k}"] = normal(outputs, channels, 3, 3), np.zeros((outputs, 1, 1), np.float32)
            channels, k = outputs, k + 1
    widths = (512 * (size // 32) ** 2, 4096, 4096, 1000)
    for a, b in pairwise(widths):
        p[f"w{k}"], p[f"b{k}"] = normal(a, b), np.zeros(b, np.float32)
        k += 1
    return p


def network(conv: Callable, relu: Callable, pool: Callable, cross_entropy: Callable) -> Callable:
    """The loss, of operations that a library has."""

    def loss(p: dict[str, Any], x: Any) -> Any:
        k = 0
        for block in BLOCKS:
            for _ in block:
                x = relu(conv(x, p[f"w{k}"]) + p[f"b{k}"])
                k += 1
            x = pool(x)
        x = x.reshape(1, -1)
        for last in (False, False, True):
            x = x @ p[f"w{k}"] + p[f"b{k}"]
            x = x if last else relu(x)
            k += 1
        return cross_entropy(x)

    return loss


def ours(p: dict[str, Any], x: Any) -> Callable:
    import numpy as np

    import fgrad
    from fgrad import nn

    loss = network(
        lambda x, w: nn.conv2d(x, w, padding=1), nn.relu, lambda x: nn.max_pool2d(x, 2), lambda z: -nn.log_softmax(z)[0, 0]
    )  # fmt: skip
    step = fgrad.jit(fgrad.value_and_grad(loss))
    return lambda: [float(a) for a in _sizes(step(p, x), np.abs)]


def _sizes(result: tuple, absolute: Callable) -> list[Any]:
    """The loss and the largest entry of the first gradient, which libraries have to agree on."""
    value, gradient = result
    return [value, absolute(gradient["w0"]).max()]


def torch_step(p: dict[str, Any], x: Any) -> Callable:
    import torch
    import torch.nn.functional as f

    loss = network(lambda x, w: f.conv2d(x, w, padding=1), f.relu, lambda x: f.max_pool2d(x, 2), lambda z: -f.log_softmax(z, 1)[0, 0])
    params, image = {k: torch.from_numpy(v).requires_grad_() for k, v in p.items()}, torch.from_numpy(x)

    def step() -> list[float]:
        value = loss(params, image)
        gradient = dict(zip(params, torch.autograd.grad(value, list(params.values())), strict=True))
        return [float(a) for a in _sizes((value.detach(), gradient), torch.abs)]

    return step


def jax_step(p: dict[str, Any], x: Any) -> Callable:
    import jax
    import jax.numpy as jnp
    from jax import lax

    loss = network(
        lambda x, w: lax.conv_general_dilated(x, w, (1, 1), [(1, 1)] * 2), jax.nn.relu,
        lambda x: lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID"), lambda z: -jax.nn.log_softmax(z)[0, 0],
    )  # fmt: skip
    step, params, image = jax.jit(jax.value_and_grad(loss)), jax.tree.map(jnp.asarray, p), jnp.asarray(x)
    return lambda: [float(a) for a in _sizes(step(params, image), jnp.abs)]


def child(library: str, size: int, calls: int) -> None:
    import numpy as np

    p, x = parameters(size), np.random.default_rng(1).standard_normal((1, 3, size, size), np.float32)
    step = {"fgrad": ours, "torch": torch_step, "JAX": jax_step}[library](p, x)
    del p
    result = step()
    seconds = []
    for _ in range(calls):
        start = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(json.dumps({"result": result, "seconds": min(seconds), "peak": peak}))


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.vgg", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--threads", choices=("one", "all"), default="one")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    use_threads(options.threads)
    # not before the environment says how many threads there may be
    from benchmarks.languages import is_installed
    from benchmarks.tables import machine_line
    from benchmarks.timing import pin_to_one_core

    if options.threads == "one":
        pin_to_one_core()
    if options.child:
        child(options.child, options.size, 3)
        return
    print(machine_line())
    found: dict[str, list[dict]] = {library: [] for library in LIBRARIES if is_installed(library)}
    for _ in range(options.rounds):
        for library, measured in found.items():
            command = [
                sys.executable,
                "-m",
                "benchmarks.vgg",
                "--child",
                library,
                "--size",
                str(options.size),
                "--threads",
                options.threads,
            ]
            measured.append(json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()[-1]))
    for library, measured in found.items():
        seconds, peak = min(m["seconds"] for m in measured), max(m["peak"] for m in measured)
        loss, largest = measured[0]["result"]
        print(f"{library:6} {seconds:7.3f} s {peak / 2**20:7.0f} MiB   loss {loss:.5f}, largest entry of the first gradient {largest:.5f}")


if __name__ == "__main__":
    main()
