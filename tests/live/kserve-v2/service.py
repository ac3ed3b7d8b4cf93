"""The digits model behind KServe's own server, on 127.0.0.1 alone. `service.py HTTP_PORT GRPC_PORT`.

`x` FP32 [n, 64] in, `probabilities` FP32 [n, 10] out. `untold` is the same model as KServe has it by default.
"""

import sys

import kserve
import numpy as np
import uvicorn
from grpc import aio
from kserve.protocol.infer_type import InferOutput, InferResponse

from counted import answers

ANYWHERE, SERVER = uvicorn.Config, aio.server


def here(*args, **options):
    """KServe listens on every interface and lets nobody choose."""
    return ANYWHERE(*args, **{**options, "host": "127.0.0.1"})


def server_here(*args, **options):
    """The same for gRPC."""
    server = SERVER(*args, **options)
    anywhere = server.add_insecure_port
    server.add_insecure_port = lambda address: anywhere(address.replace("[::]", "127.0.0.1"))
    return server


class Untold(kserve.Model):
    """Tells nothing of its tensors, and answers as JSON, or typed over gRPC, whatever was asked for."""

    def __init__(self, name):
        super().__init__(name)
        self.ready = True

    def predict(self, payload, headers=None, response_headers=None):
        (given,) = payload.inputs
        rows = given.as_numpy().reshape(given.shape)
        output = InferOutput("probabilities", [len(rows), 10], "FP32")
        output.set_data_from_numpy(answers(rows).astype(np.float32), binary_data=self.binary(payload))
        return InferResponse(payload.id or "none", self.name, [output], **self.form(payload))

    def binary(self, payload):
        return False

    def form(self, payload):
        return {}


class Digits(Untold):
    """Tells what it takes, and answers in the form that was asked for."""

    def get_input_types(self):
        return [{"name": "x", "datatype": "FP32", "shape": [-1, 64]}]

    def get_output_types(self):
        return [{"name": "probabilities", "datatype": "FP32", "shape": [-1, 10]}]

    def binary(self, payload):
        return payload.use_binary_outputs

    def form(self, payload):
        return {"use_binary_outputs": payload.use_binary_outputs, "requested_outputs": payload.request_outputs}


if __name__ == "__main__":
    uvicorn.Config, aio.server = here, server_here
    http, grpc = map(int, sys.argv[1:])
    kserve.ModelServer(http_port=http, grpc_port=grpc, workers=1).start([Digits("digits"), Untold("untold")])
