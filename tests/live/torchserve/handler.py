"""The digits model behind TorchServe: a JSON list of 64 pixels in, the JSON list of 10 probabilities out."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from forward import Model  # noqa: E402


class Digits:
    """What TorchServe looks for: one class with `initialize` and `handle`."""

    def initialize(self, _):
        self.model = Model.read(HERE / "digits.json")

    def handle(self, requests, _):
        return [self.model.answer(each["body"]).tolist() for each in requests]
