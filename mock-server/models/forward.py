"""Reads a model file of this folder and computes its answers.

Everything is float64 computed from float32 inputs, one row at a time, so that an answer never depends on the rows that
travel with it. Leaves training to train.py and the wire to the servers that deploy this file. Needs numpy alone.
"""

import json
from pathlib import Path

import numpy as np


class Model:
    """A feed-forward network: ReLU between layers, softmax or nothing after the last one."""

    def __init__(self, described):
        if described["activation"] != "relu" or described["output"] not in ("softmax", "identity"):
            raise ValueError(f"{described['name']}: expected relu, then softmax or identity")
        self.inputs = int(np.prod(described["input_shape"]))
        self.scale = float(described["input_scale"])
        self.softmax = described["output"] == "softmax"
        self.layers = [
            (np.array(layer["weights"], dtype=np.float64), np.array(layer["bias"], dtype=np.float64))
            for layer in described["layers"]
        ]

    @classmethod
    def read(cls, path):
        """The model in the file `path`."""
        return cls(json.loads(Path(path).read_text(encoding="utf-8")))

    def answer(self, row):
        """The float64 outputs for one row of inputs, which are first rounded to float32."""
        values = np.asarray(row, dtype=np.float32).astype(np.float64)
        if values.shape != (self.inputs,):
            raise ValueError(f"expected {self.inputs} inputs, found shape {list(values.shape)}")
        values = values * self.scale
        for index, (weights, bias) in enumerate(self.layers):
            if index > 0:
                values = np.maximum(values, 0.0)
            values = weights @ values + bias
        if not self.softmax:
            return values
        odds = np.exp(values - values.max())
        return odds / odds.sum()

    def answers(self, rows):
        """The outputs for several rows, one line each."""
        return np.stack([self.answer(row) for row in rows])
