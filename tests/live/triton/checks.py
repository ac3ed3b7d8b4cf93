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

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import reports  # noqa: E402

ROWS = 120
# None is "odd" for the model; not ASCII, empty, and with what JSON must escape.
WORDS = ["zwölf", "", 'a "b" \\', "日本"]
noisebound, folder, digits = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
HTTP = (folder / "target").read_text().strip().removesuffix("digits")
GRPC = f"triton+grpc://{(folder / 'grpc').read_text().strip()}/"
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
        word=np.array([WORDS[row % len(WORDS)] for row in range(ROWS)])[:, None],
    )


def run(name, model, fields, *flags, url=HTTP, targets=True):
    command = [noisebound, "audit", url + model, "--data", f"{work}/d.npz:{fields}", *FLAGS, *flags]
    command += ["--targets", f"{work}/d.npz:y"] if targets else []
    command += [] if "-b" in flags else ["-b", "4"]
    ran = subprocess.run([*command, "--run-dir", work / name], capture_output=True, text=True, timeout=300)
    (work / f"{name}.log").write_text(ran.stdout + ran.stderr)
    return ran


def audit(name, model, fields, *flags, url=HTTP, targets=True):
    """The report of an audit that must be done."""
    ran = run(name, model, fields, *flags, url=url, targets=targets)
    assert ran.returncode == 0, f"{name} ended with {ran.returncode}: {ran.stderr}"
    return json.loads((work / name / "report.json").read_text())


def refused(name, code, words, model, fields, *flags, url=HTTP):
    ran = run(name, model, fields, *flags, url=url)
    said = re.sub(r"\s+", " ", ran.stderr)
    assert ran.returncode == code and words in said, f"{name} ended with {ran.returncode}, {words!r} was expected: {said}"
    print(f"{name}: exit {code}, {next(line for line in ran.stderr.splitlines() if line.startswith('error'))}")


def seen(model, name, since=0):
    """What came as the tensor `name`, after the first `since` of them."""
    file = folder / "repository" / model / "1" / "seen.jsonl"
    lines = file.read_text().splitlines() if file.exists() else []
    return [each for each in map(json.loads, lines) if each["name"] == name][since:]


def clean(report):
    return report["results"]["clean"]["risk"]["estimate"]


def same(name, report, plain):
    assert report["results"] == plain["results"], f"{name}: other results than those of digits"
    print(f"{name}: the results of digits, {report['run']['predictions']} requests")


def types(wire, url, forms, plain):
    """Every type that a model takes, over one wire; `forms` are those in which tensors travel on it."""

    def ask(name, *rest):
        return audit(f"{name}-{wire}", *rest, url=url)

    before = len(seen("gated", "gate"))
    same(f"{wire}: two inputs, one passed through", ask("gated", "gated", "x,gate"), plain)
    told = seen("gated", "gate", before)
    assert {each["dtype"] for each in told} == {"int32"} and not any(sum(each["values"]) for each in told)
    same(f"{wire}: the same value in every request", ask("fixed", "gated", "x", "--input", "gate=0"), plain)
    one = clean(ask("turned", "gated", "x", "--input", "gate=1"))
    assert one > 0.9, one

    before = len(seen("half", "x"))
    half = ask("half", "half", "x")
    assert {each["dtype"] for each in seen("half", "x", before)} == {"float16"}
    print(f"{wire}: FP16 input: clean error {clean(half):.4f}, of FP32 {clean(plain):.4f}; {rounded('half', wire)}")
    assert clean(half) == clean(plain)

    before = len(seen("image", "x"))
    image = ask("image", "image", "image")
    told = seen("image", "x", before)
    assert {each["dtype"] for each in told} == {"uint8"} and {tuple(each["shape"][1:]) for each in told} == {(8, 8)}
    assert clean(image) == clean(plain)
    print(f"{wire}: UINT8 image: clean error {clean(image):.4f}; {rounded('image', wire)}")

    before = len(seen("lone", "x"))
    lone = ask("lone", "lone", "x", "-b", "1")
    assert {tuple(each["shape"]) for each in seen("lone", "x", before)} == {(64,)}
    same(f"{wire}: no batch dimension", lone, plain)

    for name, field, first in (("ids beyond 2^53", "id", (1 << 53) + 1), ("ids beyond 2^24", "small", (1 << 24) + 1)):
        for form in forms:
            before = len(seen("ids", "id"))
            report = ask(f"{field}-{form}", "ids", f"x,{field}", "--tensors", form)
            came = [value for each in seen("ids", "id", before) for value in each["values"]]
            sent = set(range(first, first + 2 * ROWS, 2))
            assert set(came) == sent, f"{name}: {sorted(set(came) ^ sent)[:4]}"
            assert clean(report) > 0.9, clean(report)
            print(f"{wire}: {name}, {form}: {len(came)} ids arrived, {len(sent)} different ones, all unchanged")

    for form in forms:
        before = len(seen("words", "word"))
        same(f"{wire}: BYTES passed through, {form}", ask(f"words-{form}", "words", "x,word", "--tensors", form), plain)
        came = {value for each in seen("words", "word", before) for value in each["values"]}
        assert came == set(WORDS), f"{came ^ set(WORDS)}"


def rounded(name, wire):
    """How often an input type that rounds the noisy values changes the class."""
    one, other = (reports.seen(work / each) for each in (f"{name}-{wire}", "plain"))
    draws = [draw for draw in one.keys() & other.keys() if draw.startswith("draw:")]
    draws = [draw for draw in draws if isinstance(one[draw], str) and isinstance(other[draw], str)]
    assert draws, "no noisy draw in common"
    return f"rounding what is noisy changes the class of {sum(one[each] != other[each] for each in draws)} of {len(draws)} draws"


def main():
    work.mkdir(exist_ok=True)
    data()
    plain = audit("plain", "digits", "x")
    assert clean(plain) < 0.1, clean(plain)
    types("HTTP", HTTP, ("binary", "json"), plain)
    types("gRPC", GRPC, ("binary", "typed"), plain)

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
    refused("half-json", 2, "FP16 tensors cannot be sent as JSON", "half", "x", "--tensors", "json")
    refused("lone-classes", 2, "the model has no batch dimension", "lone", "x", "-b", "1", "--classes", "2")
    refused("lone-batch", 2, "lower -b", "lone", "x")
    refused("no-model", 3, "unknown model", "nope", "x")
    refused("no-version", 3, "unknown model", "digits", "x", "-x", "7")
    print("all as expected")


main()
