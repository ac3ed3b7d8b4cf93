"""The digits model behind KServe's own server, on 127.0.0.1 alone. `service.py PORT`."""

import sys

import kserve
import uvicorn

from counted import answers

ANYWHERE = uvicorn.Config


def here(*args, **options):
    """KServe listens on every interface and lets nobody choose."""
    return ANYWHERE(*args, **{**options, "host": "127.0.0.1"})


class Digits(kserve.Model):
    def __init__(self):
        super().__init__("digits")
        self.ready = True

    def predict(self, payload, headers=None, response_headers=None):
        return {"predictions": answers(payload["instances"]).tolist()}


if __name__ == "__main__":
    uvicorn.Config = here
    kserve.ModelServer(http_port=int(sys.argv[1]), enable_grpc=False, workers=1).start([Digits()])
