"""Asks a server for the first held-out rows and compares the answers, bit for bit, with what forward.py gives.

`answers.py triton|torchserve URL MODELS DATA`: says on stderr what it compared, prints the requests and rows it sent.
"""

import json
import sys
import urllib.request
from pathlib import Path

import numpy as np

ROWS = 5


def ask(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
        return json.load(answer)


def triton(url, rows):
    """One request: float32 answers, printed by the server as the nearest doubles."""
    tensor = {"name": "x", "datatype": "FP32", "shape": list(rows.shape), "data": rows.ravel().tolist()}
    (output,) = ask(f"{url}/v2/models/digits/infer", {"inputs": [tensor]})["outputs"]
    if (output["name"], output["datatype"], output["shape"]) != ("probabilities", "FP32", [len(rows), 10]):
        sys.exit(f"expected probabilities FP32 [{len(rows)}, 10], found {output}")
    return np.array(output["data"], dtype=np.float32).reshape(len(rows), 10)


def torchserve(url, row):
    return np.array(ask(f"{url}/predictions/digits", row.tolist()), dtype=np.float64)


def main():
    protocol, url, models, data = sys.argv[1:]
    sys.path.insert(0, models)
    from forward import Model

    held = np.load(data)
    rows, classes = held["x"][:ROWS], held["y"][:ROWS]
    expected = Model.read(Path(models) / "digits.json").answers(rows)
    if protocol == "triton":
        expected = expected.astype(np.float32)
        found = [triton(url, rows), np.concatenate([triton(url, row[None]) for row in rows])]
        sent = (1 + ROWS, 2 * ROWS)
    else:
        found = [np.stack([torchserve(url, row) for row in rows])]
        sent = (ROWS, ROWS)
    for answers in found:
        if answers.tobytes() != expected.tobytes():
            sys.exit(f"answers differ by up to {abs(answers - expected).max():.3g}")
    print(f"{protocol}: {sum(map(np.size, found))} {expected.dtype} values for {ROWS} rows equal the reference bit for bit;"
          f" classes {expected.argmax(axis=1)}, targets {classes}", file=sys.stderr)
    print(*sent)


if __name__ == "__main__":
    main()
