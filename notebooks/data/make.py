#!/usr/bin/env python3
"""Make the tables of the lesson "Bring your own data" from the packages that ship them, in the forms that people have them.

usage: pip install pandas palmerpenguins scikit-learn && python3 make.py
"""
import pathlib

import palmerpenguins
import pandas as pd
import sklearn.datasets

here = pathlib.Path(__file__).parent

# As a Spanish spreadsheet saves it: semicolons, decimal commas, a byte order mark, numbered rows.
penguins = pd.read_csv(pathlib.Path(palmerpenguins.__file__).parent / "data/penguins.csv")
penguins.index += 1
penguins.to_csv(here / "penguins.csv", sep=";", decimal=",", na_rep="NA", encoding="utf-8-sig", lineterminator="\r\n")

# As the UCI repository has it: no names, the class in words at the end.
iris = sklearn.datasets.load_iris()
rows = [[*map(str, x), f"Iris-{iris.target_names[y]}"] for x, y in zip(iris.data, iris.target)]
(here / "iris.data").write_text("".join(",".join(row) + "\n" for row in rows))

# No names either, and the class, 1 to 3, in the first column.
wine = sklearn.datasets.load_wine()
rows = [[str(y + 1), *(f"{value:g}" for value in x)] for x, y in zip(wine.data, wine.target)]
(here / "wine.data").write_text("".join(",".join(row) + "\n" for row in rows))
