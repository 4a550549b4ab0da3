"""Random numbers by key, and the values that stand at them in an interval.

A number depends only on the seed, the key and its place in the sequence: not on which other keys are asked for, in
which order, or how many draws. A value is the quantile of its interval at that number. So two cells with the same key
move together, each within its own interval.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from hashlib import sha256
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from govdata.errors import ArgumentError

__all__ = ["from_codes", "from_normal", "from_range", "from_whole", "key", "uniforms", "whole_number"]

FloatArray: TypeAlias = NDArray[np.float64]

_PART = "\x1f"  # ASCII's own mark between the parts of a record; no id or name holds it


def whole_number(value: object, what: str, least: int) -> int:
    """Take a whole number that a user gave, such as how many draws or which seed.

    Parameters
    ----------
    value
        Of any type; a bool, a float and a text are refused.
    what
        The name of the argument, for the message.
    least
        The smallest number allowed.

    Returns
    -------
    int
        The number.

    Raises
    ------
    ArgumentError
        If it is not a whole number of at least ``least``.

    Examples
    --------
    >>> from govdata.drawing import whole_number
    >>> whole_number(200, "draws", 2)
    200
    """
    found: int | None = None
    if not isinstance(value, (bool, np.bool_)):
        try:
            found = operator.index(value)  # type: ignore[arg-type]
        except TypeError:
            found = None
    if found is None or found < least:
        raise ArgumentError(f"{what}={repr(value)[:40]} is not a whole number of at least {least}")
    return found


def key(*parts: object) -> str:
    """Join the parts of a key, so that different parts never make the same key.

    Examples
    --------
    >>> from govdata.drawing import key
    >>> key("a", "bc") == key("ab", "c")
    False
    """
    return _PART.join(str(part) for part in parts)


def uniforms(seed: int, keys: Sequence[str], draws: int) -> FloatArray:
    """Give each key its own sequence of random numbers between 0 and 1.

    Parameters
    ----------
    seed
        A whole number from 0.
    keys
        K texts; equal ones give equal sequences. See `key`.
    draws
        How many numbers a key, at least 1. The first ones are the same however many are asked for.

    Returns
    -------
    numpy.ndarray
        float64 (K, draws), above 0 and below 1: neither end is ever reached.

    Raises
    ------
    ArgumentError
        If ``seed`` or ``draws`` is not a whole number, or too small.

    Notes
    -----
    The generator is Philox-4x64 (Salmon, Moraes, Dror and Shaw 2011), which turns a key and a counter into random bits.
    Its key is the first 128 bits of the SHA-256 of seed and key; its counter goes up with the draws, four at a time. A
    number is the upper 52 of 64 bits, plus one half, over 2**52. No distribution of a library is used: numpy keeps the
    bits of a generator from release to release, not the numbers it makes of them.

    Examples
    --------
    >>> from govdata.drawing import uniforms
    >>> uniforms(0, ["a", "b"], 3).round(4).tolist()
    [[0.3211, 0.9002, 0.8298], [0.5884, 0.4521, 0.6462]]
    """
    seed, draws = whole_number(seed, "seed", 0), whole_number(draws, "draws", 1)
    bits = np.empty((len(keys), draws), dtype=np.uint64)
    known: dict[str, int] = {}
    for row, one in enumerate(keys):
        first = known.setdefault(one, row)
        if first != row:
            bits[row] = bits[first]
            continue
        digest = sha256(key(seed, one).encode("utf-8", "surrogatepass")).digest()
        words = np.frombuffer(digest[:16], dtype="<u8").astype(np.uint64)
        bits[row] = np.random.Philox(key=words).random_raw(draws)
    return (np.right_shift(bits, np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


def from_codes(u: ArrayLike, codes: ArrayLike) -> FloatArray:
    """Give the code at each number: equally likely codes, from the lowest to the highest.

    Parameters
    ----------
    u
        Any shape; numbers between 0 and 1.
    codes
        float64 (C,), C at least 1; in any order, doubles counted once.

    Returns
    -------
    numpy.ndarray
        float64 in the shape of ``u``.

    Raises
    ------
    ArgumentError
        If there is no code, or one is not a number.

    Examples
    --------
    >>> from govdata.drawing import from_codes
    >>> from_codes([0.1, 0.6, 0.9], [0, 1, 3]).tolist()
    [0.0, 1.0, 3.0]
    """
    grid = np.unique(np.asarray(codes, dtype=np.float64))
    if grid.size == 0 or not np.isfinite(grid).all():
        raise ArgumentError("codes is empty or holds what is not a number; expected one or more codes")
    place = np.floor(np.asarray(u, dtype=np.float64) * grid.size).astype(np.intp)
    return grid[np.clip(place, 0, grid.size - 1)]


def from_whole(u: ArrayLike, low: ArrayLike, high: ArrayLike) -> FloatArray:
    """Give the whole number at each number: all from low to high equally likely.

    Parameters
    ----------
    u
        float64 (..., K, draws) or any shape that ``low`` and ``high`` fit; numbers between 0 and 1.
    low, high
        Scalars, or (K,) with one bound for each row of ``u``. A bound that is no whole number is moved inwards. NaN
        gives NaN.

    Returns
    -------
    numpy.ndarray
        float64 in the shape of ``u``.

    Raises
    ------
    ArgumentError
        If a low bound is above its high one, no whole number lies between, or the lengths do not fit.

    Examples
    --------
    >>> from govdata.drawing import from_whole
    >>> from_whole([[0.1, 0.6, 0.9]], [2], [3]).tolist()
    [[2.0, 3.0, 3.0]]
    """
    numbers, least, most = _rows(u, low, high)
    least, most = np.ceil(least), np.floor(most)
    if bool(np.any(least > most)):
        raise ArgumentError("no whole number lies between low and high; see from_range for other numbers")
    return np.minimum(least + np.floor(numbers * (most - least + 1.0)), most)


def from_range(u: ArrayLike, low: ArrayLike, high: ArrayLike) -> FloatArray:
    """Give the number at each number: all between low and high equally likely.

    Parameters
    ----------
    u
        float64 (..., K, draws) or any shape that ``low`` and ``high`` fit; numbers between 0 and 1.
    low, high
        Scalars, or (K,) with one bound for each row of ``u``. NaN gives NaN.

    Returns
    -------
    numpy.ndarray
        float64 in the shape of ``u``; exactly the bound where both are one.

    Raises
    ------
    ArgumentError
        If a low bound is above its high one, or the lengths do not fit.

    Examples
    --------
    >>> from govdata.drawing import from_range
    >>> from_range([[0.25, 0.5]], [10], [20]).tolist()
    [[12.5, 15.0]]
    """
    numbers, least, most = _rows(u, low, high)
    return np.clip(least + numbers * (most - least), least, most)


def from_normal(
    u: ArrayLike, mean: ArrayLike, sd: ArrayLike, least: float = -np.inf, most: float = np.inf
) -> FloatArray:
    """Give the quantile of a normal distribution, or of its part between two limits.

    Parameters
    ----------
    u
        float64 (..., K, draws) or any shape that ``mean`` and ``sd`` fit; numbers between 0 and 1.
    mean, sd
        Scalars, or (K,) with one for each row of ``u``: of the whole normal distribution, before it is cut. Where
        ``sd`` is 0 the value is the mean; NaN gives NaN.
    least, most
        The limits, the same for all.

    Returns
    -------
    numpy.ndarray
        float64 in the shape of ``u``, never outside the limits.

    Raises
    ------
    ArgumentError
        If a standard deviation is negative, the limits are in the wrong order, or the lengths do not fit.

    Notes
    -----
    A cut distribution is computed on the logarithms of the lower tail, after turning the axis so that the part that
    is left lies on its lower side: exact also where nearly all of the distribution is cut away.

    Examples
    --------
    >>> from govdata.drawing import from_normal
    >>> from_normal([[0.5, 0.975]], [1.0], [2.0]).round(3).tolist()
    [[1.0, 4.92]]
    >>> from_normal([[0.5]], [0.0], [1.0], least=0.0).round(4).tolist()
    [[0.6745]]
    """
    from scipy.special import ndtri

    numbers, centre, spread = _rows(u, mean, sd, ordered=False)
    if bool(np.any(spread < 0.0)):
        raise ArgumentError("a standard deviation is negative; expected 0 or more")
    if not least < most:
        raise ArgumentError(f"least={least!r} is not below most={most!r}")
    if np.isinf(least) and np.isinf(most):
        return np.asarray(centre + spread * ndtri(numbers), dtype=np.float64)
    steady = spread == 0.0
    scale = np.where(steady, 1.0, spread)
    standard = _cut((least - centre) / scale, (most - centre) / scale, numbers)
    return np.clip(np.where(steady, centre, centre + scale * standard), least, most)


def _cut(first: FloatArray, last: FloatArray, u: FloatArray) -> FloatArray:
    """Quantile of the standard normal between two limits."""
    from scipy.special import log_ndtr, ndtri_exp

    turned = first > -last  # more is cut below than above: mirror it, for the lower tail is the exact one
    lower, upper = np.where(turned, -last, first), np.where(turned, -first, last)
    share = np.where(turned, 1.0 - u, u)
    with np.errstate(invalid="ignore"):  # NaN stays NaN
        tail = np.logaddexp(log_ndtr(lower) + np.log1p(-share), log_ndtr(upper) + np.log(share))
    found = np.clip(ndtri_exp(np.minimum(tail, 0.0)), lower, upper)
    return np.asarray(np.where(turned, -found, found), dtype=np.float64)


def _rows(
    u: ArrayLike, first: ArrayLike, second: ArrayLike, *, ordered: bool = True
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Set one pair of numbers a row against the draws in the row."""
    numbers = np.asarray(u, dtype=np.float64)
    made = []
    for given in (first, second):
        array = np.asarray(given, dtype=np.float64)
        if array.ndim == 1 and numbers.ndim > 1:
            array = array[:, None]
        try:
            made.append(np.broadcast_to(array, np.broadcast_shapes(array.shape, numbers.shape)))
        except ValueError:
            made.append(np.empty(0))
        if made[-1].shape != numbers.shape:
            raise ArgumentError(
                f"bounds of shape {np.shape(given)} do not fit draws of shape {numbers.shape}; expected one a row"
            )
    if ordered and bool(np.any(made[0] > made[1])):
        raise ArgumentError("a low bound is above its high one")
    return numbers, made[0], made[1]
