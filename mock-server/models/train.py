#!/usr/bin/env python3
"""Trains the models of the mock server, and writes the held-out rows that audits draw from.

Uses the data sets bundled with scikit-learn and nothing else. A second run writes the same files; `--check` writes
nothing and fails where a committed file differs from what training gives. README.md in this folder has the command.
"""

import os

# One thread and one kernel for every x86-64 machine: the order of a sum must not depend on where the script runs.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OPENBLAS_CORETYPE"] = "Haswell"

import io
import json
import sys
import zipfile
from pathlib import Path

import numpy as np
from forward import Model
from sklearn.datasets import load_diabetes, load_digits
from sklearn.neural_network import MLPClassifier, MLPRegressor

MODELS = Path(__file__).resolve().parent
DATA = MODELS.parents[1] / "examples" / "data"
DIGITS = 6  # significant digits of a weight


def digits():
    """The classifier of 8x8 pixel digits; the second half of the unshuffled data is held out."""
    x, y = load_digits(return_X_y=True)
    train, held = slice(0, 898), slice(898, 1797)
    fitted = MLPClassifier((32,), solver="lbfgs", alpha=1.0, random_state=0, max_iter=1000)
    fitted.fit(x[train] / 16, y[train])
    described = describe("digits", "classification", fitted.coefs_, fitted.intercepts_)
    described |= {"input_scale": 1 / 16, "output": "softmax", "classes": 10}
    return described, x[held].astype(np.float32), y[held].astype(np.int64)


def diabetes():
    """The regression of disease progression on ten raw measurements; a fixed half of the patients is held out."""
    bunch = load_diabetes(scaled=False)
    x, y = bunch.data, bunch.target
    order = np.random.RandomState(0).permutation(len(y))
    train, held = order[: len(y) // 2], order[len(y) // 2 :]
    mean, spread = x[train].mean(axis=0), x[train].std(axis=0)
    middle, width = y[train].mean(), y[train].std()
    fitted = MLPRegressor(hidden_layer_sizes=(8,), solver="lbfgs", alpha=10.0, random_state=0, max_iter=2000)
    fitted.fit((x[train] - mean) / spread, (y[train] - middle) / width)
    (first, last), (first_bias, last_bias) = fitted.coefs_, fitted.intercepts_
    # The model takes raw measurements and gives raw progression: both standardisations are folded into the layers.
    first_bias = first_bias - (mean / spread) @ first
    first = first / spread[:, None]
    last, last_bias = last * width, last_bias * width + middle
    described = describe("diabetes", "regression", [first, last], [first_bias, last_bias])
    described |= {"input_scale": 1.0, "output": "identity"}
    return described, bunch.feature_names, x[held], y[held]


def describe(name, task, weights, biases):
    """What both models share, with one list of weights for each output unit, rounded."""
    return {
        "name": name,
        "task": task,
        "input_shape": [len(weights[0])],
        "layers": [{"weights": rounded(w.T), "bias": rounded(b)} for w, b in zip(weights, biases)],
        "activation": "relu",
    }


def rounded(values):
    """Nested lists of `values` with few digits, so that every reader has the same numbers and the file is small."""
    if np.ndim(values) > 0:
        return [rounded(value) for value in values]
    return float(f"{values:.{DIGITS}g}")


def as_json(described):
    """One line for each unit: short, and a change of one weight shows as one changed line."""
    layers = ",\n".join(
        ' {"weights":[\n  ' + ",\n  ".join(compact(unit) for unit in layer["weights"])
        + '],\n  "bias":' + compact(layer["bias"]) + "}"
        for layer in described["layers"]
    )
    rest = "".join(f'"{key}":{compact(value)},\n' for key, value in described.items() if key != "layers")
    return ("{" + rest + '"layers":[\n' + layers + "]}\n").encode()


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def as_npz(**arrays):
    """A compressed npz archive with fixed times, which numpy.savez would take from the clock."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as members:
        for name, array in arrays.items():
            member = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            member.compress_type, member.create_system, member.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            content = io.BytesIO()
            np.lib.format.write_array(content, array, version=(1, 0), allow_pickle=False)
            members.writestr(member, content.getvalue(), compresslevel=9)
    return archive.getvalue()


def as_csv(names, x, y):
    lines = [",".join([*names, "progression"])]
    lines += [",".join(f"{value:.10g}" for value in [*row, target]) for row, target in zip(x, y)]
    return ("\n".join(lines) + "\n").encode()


def members(archive):
    """What an npz archive holds: compressors differ between machines, contents must not."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return [(each.filename, each.date_time, opened.read(each)) for each in opened.infolist()]


def same(path, content):
    if not path.exists():
        return False
    found = path.read_bytes()
    return members(found) == members(content) if path.suffix == ".npz" else found == content


def main():
    classifier, pixels, classes = digits()
    regressor, names, measured, progression = diabetes()
    hits = Model(classifier).answers(pixels).argmax(axis=1) == classes
    residual = progression - Model(regressor).answers(measured)[:, 0]
    spread = ((progression - progression.mean()) ** 2).mean()
    print(f"digits: accuracy {hits.mean():.4f} ({hits.sum()} of {len(hits)} held-out rows)")
    print(f"diabetes: R2 {1 - (residual**2).mean() / spread:.4f}, mean squared error {(residual**2).mean():.1f},"
          f" mean absolute error {abs(residual).mean():.2f} ({len(residual)} held-out rows)")
    if hits.mean() < 0.92:
        sys.exit("digits: expected an accuracy of at least 0.92")

    made = {
        MODELS / "digits.json": as_json(classifier),
        MODELS / "diabetes.json": as_json(regressor),
        DATA / "digits.npz": as_npz(x=pixels, y=classes),
        DATA / "diabetes.csv": as_csv(names, measured, progression),
    }
    changed = [path for path, content in made.items() if not same(path, content)]
    if "--check" in sys.argv[1:]:
        if changed:
            sys.exit("differ from what training gives: " + ", ".join(path.name for path in changed))
        print("all files are what training gives")
        return
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made[path])
        print(f"wrote {path.name}, {len(made[path])} bytes")


if __name__ == "__main__":
    main()
