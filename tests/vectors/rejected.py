"""Says by how much published limits are rejected, to 60 digits. Needs mpmath.

    python rejected.py aim < limits.jsonl > aim_rejected.json
    python rejected.py aim_bets < limits.jsonl > aim_bets_rejected.json
    python rejected.py aim_d < limits.jsonl > aim_d_rejected.json

Each line of the input is one case without `log_e` and `excess`; see README.md. Every number is taken as the
64-bit number that it reads as, and computed with exactly from there.
"""

import json
import math
import pathlib
import sys

from mpmath import log, loggamma, mp, mpf, pi

mp.dps = 60
HERE = pathlib.Path(__file__).parent


def total(parts):
    parts = [part for part in parts if part is not None]
    top = max(parts)
    return top + log(sum(mp.exp(part - top) for part in parts))


def times(count, value):
    return count * log(value) if count else mpf(0)


def aim(case):
    m, eps = mpf(case["limit"]), mpf(case["precision"])
    return ratios(case["ones"], case["zeros"], m, eps, [mpf(70) / 100, mpf(10) / 100, mpf(20) / 100])


def ratios(s, f, m, eps, shares):
    q = m - eps if m > 2 * eps else m / 2
    half = mpf(1) / 2
    beta = loggamma(half + s) + loggamma(half + f) - loggamma(1 + s + f)
    return total([
        log(shares[0]) + times(s, q / m) + times(f, (1 - q) / (1 - m)),
        log(shares[1]) - times(f, 1 - m) if s == 0 else None,
        log(shares[2]) + beta - log(pi) - times(s, m) - times(f, 1 - m),
    ])


def below(k, n, m):
    """The probability of at most k among n."""
    term = total = (1 - m) ** n
    for i in range(1, min(k, n) + 1):
        term *= (n - i + 1) * m / (i * (1 - m))
        total += term
    return total


def aim_d(case):
    m, eps, share = mpf(case["limit"]), mpf(case["precision"]), mpf(72) / 100 * mpf(case["alpha"])
    horizon, critical = case["horizon"], case["critical"]
    size = below(critical, horizon, m)
    assert size <= share < below(critical + 1, horizon, m)
    losses = [(7 * i * i + 3 * i) % case["modulus"] < case["ones"] for i in range(1, case["draws"] + 1)]
    losses = [loss != case["complemented"] for loss in losses]
    to_spare, left = critical - sum(losses[:horizon]), max(horizon - case["draws"], 0)
    due = log(mpf(72) / 100 * below(to_spare, left, m) / size) if to_spare >= 0 else None
    s = sum(losses)
    return total([due, ratios(s, case["draws"] - s, m, eps, [mpf(17) / 100, mpf(6) / 100, mpf(5) / 100])])


def aim_bets(case, samples):
    m, eps = mpf(case["limit"]), mpf(case["precision"])
    losses = [mpf(x) if case["toward_low"] else 1 - mpf(x) for x in samples[case["losses"]]]
    cap = 1 / (1 - m)
    stakes = [min(cap, eps / (m * (1 - m)))]
    while 2 * stakes[-1] < cap:
        stakes.append(2 * stakes[-1])
    if stakes[-1] < cap:
        stakes.append(cap)
    even = mpf(45) / 100 / len(stakes)
    bets = [(even + (mpf(4) / 10 if i == 0 else 0), stake) for i, stake in enumerate(stakes)]
    bets += [(mpf(15) / 1000, cap / 2**j) for j in range(10)]
    parts = []
    for share, stake in bets:
        factors = [1 + stake * (m - x) for x in losses]
        # The largest stake leaves exactly nothing at a loss of 1; 60 digits leave a trace of it.
        lost = any(factor < mpf(10) ** -50 for factor in factors)
        parts.append(None if lost else log(share) + sum(log(factor) for factor in factors))
    return total(parts)


def down(value):
    """The largest 64-bit number that is not above the value."""
    near = float(value)
    return near if mpf(near) <= value else math.nextafter(near, -math.inf)


def main():
    samples = json.loads((HERE / "losses.json").read_text())
    rows = []
    for line in sys.stdin:
        case = json.loads(line)
        engine = {"aim": aim, "aim_d": aim_d, "aim_bets": lambda case: aim_bets(case, samples)}[sys.argv[1]]
        wealth = engine(case)
        rows.append(json.dumps({**case, "log_e": float(wealth), "excess": down(wealth + log(mpf(case["alpha"])))}))
    print("[\n  " + ",\n  ".join(sorted(set(rows), key=rows.index)) + "\n]")


main()
