"""Saves the digits model as an MLflow Python function without a signature: `save.py FOLDER`."""

import sys
from pathlib import Path

import mlflow.pyfunc

mlflow.pyfunc.save_model(path=sys.argv[1], python_model=str(Path(__file__).with_name("model.py")), pip_requirements=["numpy"])
