"""The digits model as a BentoML service: the argument `rows` in, the list of probabilities of each row out."""

import bentoml
from counted import answers


@bentoml.service(workers=1, traffic={"timeout": 30})
class Digits:
    @bentoml.api
    def predict(self, rows: list[list[float]]) -> list[list[float]]:
        return answers(rows).tolist()
