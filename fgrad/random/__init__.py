"""Random numbers as functions of a key: `fgrad.random.normal(key, shape)`.

A key is made from a seed, `key = fgrad.random.key(0)`, and used once: `key, subkey = fgrad.random.split(key)` makes new ones. There is no hidden
state, so what is drawn is the same under jit, vmap (over keys: a loop over them), scan and grad, and parameters of distributions are
differentiable by reparameterization. Names and signatures are JAX's, and so are the bits, in its 64-bit mode: a key gives the same random bits,
new keys and uniform numbers in both. Gamma variates and what is made of them, and Poisson counts, are drawn by other methods.
"""

from fgrad.random.continuous import (
    cauchy,
    exponential,
    gumbel,
    laplace,
    logistic,
    lognormal,
    normal,
    pareto,
    rayleigh,
    truncated_normal,
    weibull_min,
)
from fgrad.random.discrete import categorical, choice, permutation, poisson
from fgrad.random.gammas import beta, chisquare, dirichlet, gamma, loggamma, t
from fgrad.random.key_array import KeyArray
from fgrad.random.keys import PRNGKey, fold_in, key, key_data, split, wrap_key_data
from fgrad.random.multivariate import multivariate_normal, orthogonal
from fgrad.random.reuse import KeyReuseError, debug_key_reuse
from fgrad.random.uniforms import bernoulli, bits, rademacher, randint, uniform

__all__ = [
    "KeyArray", "KeyReuseError", "PRNGKey", "bernoulli", "beta", "bits", "categorical", "cauchy", "chisquare", "choice", "debug_key_reuse",
    "dirichlet", "exponential", "fold_in", "gamma", "gumbel", "key", "key_data", "laplace", "loggamma", "logistic", "lognormal",
    "multivariate_normal", "normal", "orthogonal", "pareto", "permutation", "poisson", "rademacher", "randint", "rayleigh", "split", "t",
    "truncated_normal", "uniform", "weibull_min", "wrap_key_data",
]  # fmt: skip
