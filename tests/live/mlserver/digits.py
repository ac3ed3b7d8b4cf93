"""The digits model as a runtime of MLServer: `x` FP32 [n, 64] in, `probabilities` FP32 [n, 10] out.

Each request leaves a line in `counted` beside this file: how many rows it had.
"""

import sys
from pathlib import Path

import numpy as np
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceResponse

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from forward import Model  # noqa: E402


class Digits(MLModel):
    """What MLServer looks for."""

    async def load(self):
        self.model = Model.read(HERE / "digits.json")
        return True

    async def predict(self, payload):
        (given,) = payload.inputs
        rows = NumpyCodec.decode_input(given).astype(np.float32).reshape(-1, self.model.inputs)
        answers = self.model.answers(rows).astype(np.float32)
        with open(HERE / "counted", "a") as counted:
            counted.write(f"{len(rows)}\n")
        outputs = [NumpyCodec.encode_output("probabilities", answers)]
        return InferenceResponse(id=payload.id, model_name=self.name, model_version=self.version, outputs=outputs)
