"""Both tails of Beta distributions, to 40 digits at least. Needs mpmath.

    python ln_beta.py > ln_beta.json

Every shape and place is taken as the 64-bit number that it reads as. The tails are sums of the power series of
the incomplete beta function, which has positive terms only.
"""

import json

from mpmath import betainc, exp, log, log1p, loggamma, mp, mpf

mp.dps = 60


def lower(a, b, x):
    """I_x(a, b) for x below the mean: x^a y^b / (a B(a, b)) times the sum of (a+b)_k / (a+1)_k x^k."""
    term = total = mpf(1)
    k = 0
    while term > total * mpf(10) ** (15 - mp.dps):
        term *= (a + b + k) / (a + 1 + k) * x
        total += term
        k += 1
    front = a * log(x) + b * log1p(-x) + loggamma(a + b) - loggamma(a) - loggamma(b) - log(a)
    return front + log(total)


def tails(a, b, x):
    """Logarithms of both tails, from the series that has the fewer terms; what is one minus it has digits to spare."""
    a, b, x = mpf(a), mpf(b), mpf(x)
    if x > a / (a + b):
        return tuple(reversed(tails(b, a, 1 - x)))
    if x < mpf(99) / 100:
        near = lower(a, b, x)
        return near, log1p(-exp(near))
    mp.dps = 500
    far = lower(b, a, 1 - x)
    both = log1p(-exp(far)), far
    mp.dps = 60
    return both


def main():
    shapes = [0.5, 1.0, 1.5, 2.0, 7.0, 9.5, 40.0, 250.0, 3000.0, 1e5, 1e6]
    rows = []
    for i, a in enumerate(shapes):
        for b in shapes[: i + 1] if i % 2 else reversed(shapes[: i + 1]):
            a_, b_ = (a, b) if (i + shapes.index(b)) % 2 else (b, a)
            mean, deviation = a_ / (a_ + b_), (a_ * b_ / (a_ + b_ + 1)) ** 0.5 / (a_ + b_)
            for z in [-38.0, -8.0, -2.5, 0.0, 1.0, 38.0]:
                x = mean + z * deviation
                if not 1e-12 < x < 1 - 1e-12:
                    x = mean * 2.0**z if z < 0 else 1 - (1 - mean) * 2.0**-z
                below, above = tails(a_, b_, x)
                if min(below, above) > -3000:
                    rows.append({"a": a_, "b": b_, "x": x, "below": float(below), "above": float(above)})
    # An independent look at some of them.
    for row in rows[::13]:
        a, b, x = (mpf(row[key]) for key in "abx")
        if a + b < 1000 and min(row["below"], row["above"]) > -60:
            assert abs(log(betainc(a, b, 0, x, regularized=True)) - row["below"]) < 1e-12 * max(1, -row["below"])
    print("[\n  " + ",\n  ".join(json.dumps(row) for row in rows) + "\n]")


main()
