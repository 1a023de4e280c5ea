#!/usr/bin/env python3
"""Tables and arrays as pandas and NumPy read, fill and standardise them.

usage: pip install pandas numpy safetensors && python3 data.py > data.json
"""
import base64
import io
import json

import numpy as np
import pandas as pd
from safetensors.numpy import save

rng = np.random.default_rng(7)


def table():
    n = 40
    frame = pd.DataFrame({
        "bill": np.round(rng.normal(44, 5, n), 1),
        "mass": rng.integers(2700, 6300, n).astype(float),
        "island": rng.choice(["Biscoe", "Dream", "Torgersen"], n),
        "species": rng.choice(["Adelie", "Chinstrap", "Gentoo"], n),
    })
    frame.loc[[3, 17, 21], "bill"] = np.nan
    frame.loc[[5], "mass"] = np.nan
    return frame


frame = table()
read = {
    "comma": dict(sep=",", decimal="."),
    "semicolon": dict(sep=";", decimal=","),
    "tab": dict(sep="\t", decimal=","),
}
files = {}
for name, how in read.items():
    text = frame.to_csv(index=False, sep=how["sep"], decimal=how["decimal"], na_rep="NA")
    again = pd.read_csv(io.StringIO(text), **how)
    dummies = pd.get_dummies(again.drop(columns="species"), columns=["island"], prefix_sep="=", dtype=float)
    median = dummies.fillna(dummies.median())
    train = dummies.iloc[:30]
    filled = dummies.fillna(train.mean())
    numeric = ["bill", "mass"]
    known = filled.iloc[:30][numeric]
    standard = filled.copy()
    standard[numeric] = (filled[numeric] - known.mean()) / known.std(ddof=0)
    files[name] = {
        "text": text,
        "columns": list(dummies.columns),
        "median": median.to_numpy().ravel().tolist(),
        "standardised": standard.to_numpy().ravel().tolist(),
        "labels": again["species"].astype("category").cat.codes.tolist(),
        "correlation": median[["bill", "mass"]].corr().iloc[0, 1],
    }

arrays = {}
for name, array in {
    "f4": rng.normal(size=(3, 2)).astype("f4"),
    "f8": rng.normal(size=(2, 3, 2)),
    "u1": rng.integers(0, 256, (2, 3, 3)).astype("u1"),
    "i8": rng.integers(0, 10, 5),
    "big": rng.normal(size=4).astype(">f4"),
    "fortran": np.asfortranarray(rng.normal(size=(2, 3, 4)).astype("f4")),
}.items():
    out = io.BytesIO()
    np.save(out, array)
    arrays[name] = {
        "npy": base64.b64encode(out.getvalue()).decode(),
        "shape": list(array.shape),
        "values": np.ascontiguousarray(array).astype("f4").ravel().tolist(),
    }

keras = {
    "x_train": rng.integers(0, 256, (4, 2, 2)).astype("u1"),
    "y_train": np.array([0, 2, 1, 2]),
    "x_test": rng.integers(0, 256, (2, 2, 2)).astype("u1"),
    "y_test": np.array([1, 0]),
}
packed = io.BytesIO()
np.savez_compressed(packed, **keras)
print(json.dumps({
    "files": files,
    "arrays": arrays,
    "npz": base64.b64encode(packed.getvalue()).decode(),
    "safetensors": base64.b64encode(save(keras)).decode(),
    "pixels": (keras["x_train"].astype("f4") / 255).ravel().tolist(),
}, indent=None))
