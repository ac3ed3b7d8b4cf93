"""The digits model behind Triton's python backend: `x` FP32 [n, 64] in, `probabilities` FP32 [n, 10] out."""

import sys
from pathlib import Path

import numpy as np
import triton_python_backend_utils as backend

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from forward import Model  # noqa: E402


class TritonPythonModel:
    """What the python backend looks for."""

    def initialize(self, _):
        self.model = Model.read(HERE / "digits.json")

    def execute(self, requests):
        return [self.respond(backend.get_input_tensor_by_name(each, "x").as_numpy()) for each in requests]

    def respond(self, rows):
        answers = self.model.answers(rows).astype(np.float32)
        return backend.InferenceResponse([backend.Tensor("probabilities", answers)])
