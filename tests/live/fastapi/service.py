"""The digits model as people write such services: `instances` in, `predictions` out."""

from fastapi import FastAPI
from pydantic import BaseModel

from counted import answers

application = FastAPI()


class Request(BaseModel):
    instances: list[list[float]]


@application.get("/ready")
def ready():
    return True


@application.post("/predict")
def predict(request: Request):
    return {"predictions": answers(request.instances).tolist()}
