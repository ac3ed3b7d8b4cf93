"""The digits model as MLflow loads it: rows of a table or of an array in, the list of probabilities of each row out."""

import mlflow
import numpy as np
from mlflow.models import set_model


class Digits(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        from counted import answers

        self.answers = answers

    def predict(self, context, model_input, params=None):
        return self.answers(np.asarray(model_input, dtype=np.float64)).tolist()


set_model(Digits())
