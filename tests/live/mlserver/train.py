"""train.py DATA FILE: a scikit-learn classifier of the digits, fitted to the second half of the held-out rows."""

import sys

import joblib
import numpy as np
from sklearn.linear_model import LogisticRegression

with np.load(sys.argv[1]) as data:
    half = len(data["x"]) // 2
    model = LogisticRegression(max_iter=2000).fit(data["x"][half:] / 16.0, data["y"][half:])
joblib.dump(model, sys.argv[2])
