"""Reads the report.json and journal.jsonl of run folders.

`reports.py figures RUN`: on one line, predictions, rows sent according to the journal, queries, surplus and retries.
`reports.py curve RUN`: the robustness curve, for people.
`reports.py same RUN OTHER`: fails where the results of the two differ, and says where.
`reports.py apart RUN OTHER`: how far answers to the same clean row lie apart at most: what rounding on the way does.
"""

import json
import sys
from pathlib import Path


def read(run):
    return json.loads((Path(run) / "report.json").read_text(encoding="utf-8"))


def figures(run):
    counted = read(run)["run"]
    predictions, queries, surplus, retries = (counted[name] for name in ("predictions", "queries", "surplus", "retries"))
    print(predictions, rows_in_journal(run), queries, surplus, retries)


def rows_in_journal(run):
    """Each request names what it asked for, and how often it was sent until it was settled."""
    with open(Path(run) / "journal.jsonl", encoding="utf-8") as journal:
        requests = [each for each in map(json.loads, journal) if "asked" in each]
    return sum(len(each["asked"]) * each["attempts"] for each in requests)


def curve(run):
    results = read(run)["results"]
    for each in [{"level": 0, **results["clean"]}, *results["levels"]]:
        risk = each["risk"]
        limits = " to ".join(f"{risk[side]:.4f}" for side in ("lower", "upper") if side in risk)
        print(f"  level {each['level']:g}: risk {risk.get('estimate', float('nan')):.4f}, limits {limits or 'none'},"
              f" {each['draws']} draws, stopped by {each.get('stopped', 'the last row')}")


def same(run, other):
    found = differences("results", read(run)["results"], read(other)["results"])
    if found:
        sys.exit("\n".join(found[:10]))


def differences(at, one, other):
    """Where two values of a report differ. Numbers must be equal, not close."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return [line for key in one for line in differences(f"{at}.{key}", one[key], other[key])]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [line for index, pair in enumerate(zip(one, other)) for line in differences(f"{at}[{index}]", *pair)]
    return [] if one == other else [f"{at}: {json.dumps(one)} and {json.dumps(other)}"]


def apart(run, other):
    one, two = predictions(run), predictions(other)
    pairs = [(one[draw], two[draw]) for draw in one.keys() & two.keys()]
    print(f"{max((abs(a - b) for pair in pairs for a, b in zip(*pair, strict=True)), default=float('nan')):.1e}")


def seen(run):
    """What is on record of each answer, by what was asked: `{"tensors": ...}` in full, or the class alone."""
    with open(Path(run) / "journal.jsonl", encoding="utf-8") as journal:
        requests = [each for each in map(json.loads, journal) if "asked" in each]
    return {draw: answer for each in requests for draw, answer in zip(each["asked"], each["seen"], strict=True)}


def predictions(run):
    """The values of the first tensor of each answer that is on record in full."""
    return {draw: each["tensors"][0]["values"] for draw, each in seen(run).items() if "tensors" in each}


if __name__ == "__main__":
    {"figures": figures, "curve": curve, "same": same, "apart": apart}[sys.argv[1]](*sys.argv[2:])
