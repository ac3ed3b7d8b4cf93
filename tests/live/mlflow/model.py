"""The digits model as MLflow loads it: rows of a table or of an array in, the list of probabilities of each row out.
Columns that are called pixel0 to pixel63 are taken by their names."""

import mlflow
import numpy as np
from mlflow.models import set_model


class Digits(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        from counted import answers

        self.answers = answers

    def predict(self, context, model_input, params=None):
        if "pixel0" in getattr(model_input, "columns", ()):
            model_input = model_input[[f"pixel{i}" for i in range(64)]]
        return self.answers(np.asarray(model_input, dtype=np.float64)).tolist()


set_model(Digits())
