"""Says by how much published limits are rejected, to 60 digits. Needs mpmath.

    python rejected.py aim < limits.jsonl > aim_rejected.json
    python rejected.py aim_bets < limits.jsonl > aim_bets_rejected.json

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
    s, f, m, eps = case["ones"], case["zeros"], mpf(case["limit"]), mpf(case["precision"])
    q = m - eps if m > 2 * eps else m / 2
    half = mpf(1) / 2
    beta = loggamma(half + s) + loggamma(half + f) - loggamma(1 + s + f)
    return total([
        log(mpf(7) / 10) + times(s, q / m) + times(f, (1 - q) / (1 - m)),
        log(mpf(1) / 10) - times(f, 1 - m) if s == 0 else None,
        log(mpf(2) / 10) + beta - log(pi) - times(s, m) - times(f, 1 - m),
    ])


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
        wealth = aim(case) if sys.argv[1] == "aim" else aim_bets(case, samples)
        rows.append(json.dumps({**case, "log_e": float(wealth), "excess": down(wealth + log(mpf(case["alpha"])))}))
    print("[\n  " + ",\n  ".join(sorted(set(rows), key=rows.index)) + "\n]")


main()
