"""The digits model behind Seldon's Python wrapper, as its command runs it but on 127.0.0.1 alone. `service.py PORT`."""

import sys

from seldon_core.metrics import SeldonMetrics
from seldon_core.wrapper import get_rest_microservice

from counted import answers


class Digits:
    def predict(self, X, names=None, meta=None):
        return answers(X)


if __name__ == "__main__":
    application = get_rest_microservice(Digits(), SeldonMetrics())
    application.run(host="127.0.0.1", port=int(sys.argv[1]), threaded=True)
