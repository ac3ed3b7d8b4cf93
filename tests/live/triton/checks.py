"""checks.py NOISEBOUND FOLDER DIGITS: audits of the models in `models/` on the Triton server that was started in FOLDER.

The network is the same in all of them, so that what is known of one is expected of the others; what a model saw stands in
its `seen.jsonl`.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np

ROWS = 120
noisebound, folder, digits = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
url = (folder / "target").read_text().strip().removesuffix("digits")
work = folder / "checks"
FLAGS = "--levels 2 --scale absolute --clip 0,16 --precision 0.1 --seed 7 --rate none".split()


def data():
    """One archive with everything that the models take."""
    with np.load(digits) as all:
        x, y = all["x"][:ROWS], all["y"][:ROWS]
    # Odd and beyond 2^53: no float holds them, and a neighbour would be even.
    ids = 2 * np.arange(ROWS, dtype=np.int64)
    np.savez(
        work / "d.npz", x=x, y=y, image=x.astype(np.uint8).reshape(-1, 8, 8),
        gate=np.zeros((ROWS, 1), dtype=np.int32), id=ids + (1 << 53) + 1, small=(ids + (1 << 24) + 1)[:, None],
    )


def run(name, model, fields, *flags, targets=True):
    command = [noisebound, "audit", url + model, "--data", f"{work}/d.npz:{fields}", *FLAGS, *flags]
    command += ["--targets", f"{work}/d.npz:y"] if targets else []
    command += [] if "-b" in flags else ["-b", "4"]
    ran = subprocess.run([*command, "--run-dir", work / name], capture_output=True, text=True, timeout=300)
    (work / f"{name}.log").write_text(ran.stdout + ran.stderr)
    return ran


def audit(name, model, fields, *flags, targets=True):
    """The report of an audit that must be done."""
    ran = run(name, model, fields, *flags, targets=targets)
    assert ran.returncode == 0, f"{name} ended with {ran.returncode}: {ran.stderr}"
    return json.loads((work / name / "report.json").read_text())


def refused(name, code, words, model, fields, *flags):
    ran = run(name, model, fields, *flags)
    said = re.sub(r"\s+", " ", ran.stderr)
    assert ran.returncode == code and words in said, f"{name} ended with {ran.returncode}, {words!r} was expected: {said}"
    print(f"{name}: exit {code}, {next(line for line in ran.stderr.splitlines() if line.startswith('error'))}")


def seen(model, name):
    lines = (folder / "repository" / model / "1" / "seen.jsonl").read_text().splitlines()
    return [each for each in map(json.loads, lines) if each["name"] == name]


def clean(report):
    return report["results"]["clean"]["risk"]["estimate"]


def same(name, report, plain):
    assert report["results"] == plain["results"], f"{name}: other results than those of digits"
    print(f"{name}: the results of digits, {report['run']['predictions']} requests")


def main():
    work.mkdir(exist_ok=True)
    data()
    plain = audit("plain", "digits", "x")
    assert clean(plain) < 0.1, clean(plain)

    same("two inputs, one passed through", audit("gated", "gated", "x,gate"), plain)
    told = seen("gated", "gate")
    assert {each["dtype"] for each in told} == {"int32"} and not any(sum(each["values"]) for each in told)
    same("the same value in every request", audit("fixed", "gated", "x", "--input", "gate=0"), plain)
    one = clean(audit("turned", "gated", "x", "--input", "gate=1"))
    assert one > 0.9, one

    half = audit("half", "half", "x")
    assert {each["dtype"] for each in seen("half", "x")} == {"float16"}
    print(f"FP16 input: clean error {clean(half):.4f}, of FP32 {clean(plain):.4f}")
    assert clean(half) == clean(plain)

    image = audit("image", "image", "image")
    told = seen("image", "x")
    assert {each["dtype"] for each in told} == {"uint8"} and {tuple(each["shape"][1:]) for each in told} == {(8, 8)}
    assert clean(image) == clean(plain)
    print(f"UINT8 image: clean error {clean(image):.4f}")

    lone = audit("lone", "lone", "x", "-b", "1")
    assert {tuple(each["shape"]) for each in seen("lone", "x")} == {(64,)}
    same("no batch dimension", lone, plain)

    for name, field, first in (("ids beyond 2^53", "id", (1 << 53) + 1), ("ids beyond 2^24", "small", (1 << 24) + 1)):
        for form in ("binary", "json"):
            before = len(seen("ids", "id")) if (folder / "repository/ids/1/seen.jsonl").exists() else 0
            report = audit(f"{field}-{form}", "ids", f"x,{field}", "--tensors", form)
            came = [value for each in seen("ids", "id")[before:] for value in each["values"]]
            sent = set(range(first, first + 2 * ROWS, 2))
            assert set(came) == sent, f"{name}: {sorted(set(came) ^ sent)[:4]}"
            assert clean(report) > 0.9, clean(report)
            print(f"{name}, {form}: {len(came)} ids arrived, {len(sent)} different ones, all unchanged")

    report = audit("classes", "digits", "x", "--classes", "3")
    same("classes without names", report, plain)
    flips = audit("flips", "named", "x", "--output", "probabilities", targets=False)
    names = audit("names", "named", "x", "--output", "probabilities", "--classes", "2", targets=False)
    assert flips["results"] == names["results"]
    assert '"seven"' in (work / "names" / "journal.jsonl").read_text(), "the journal does not name a class"
    print("classes by name: the results of the scores")
    same("one of two outputs", audit("class", "named", "x", "--output", "class"), plain)

    for how in ("gzip", "deflate"):
        for form in ("binary", "json"):
            same(f"{how}, {form}", audit(f"{how}-{form}", "digits", "x", "--compress", how, "--tensors", form), plain)

    refused("wrong-shape", 2, "has the shape [8, 8], but the model's input 'x' takes [64]", "digits", "image")
    refused("missing-input", 2, "the model's input 'gate' has no field of that name", "gated", "x")
    refused("unknown-output", 2, "--output nope: the model has no such output; it has `probabilities`", "digits", "x", "--output", "nope")
    refused("no-output", 2, "choose one with --output NAME", "named", "x")
    refused("half-json", 3, "FP16 tensors cannot be sent as JSON", "half", "x", "--tensors", "json")
    refused("lone-classes", 2, "the model has no batch dimension", "lone", "x", "-b", "1", "--classes", "2")
    refused("lone-batch", 2, "lower -b", "lone", "x")
    refused("no-model", 3, "unknown model", "nope", "x")
    refused("no-version", 3, "unknown model", "digits", "x", "-x", "7")
    print("all as expected")


main()
