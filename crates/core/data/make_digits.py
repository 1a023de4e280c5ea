#!/usr/bin/env python3
"""Make digits.bin from the UCI test set in CSV form: per row 64 pixels (0..16) and the label, one byte each.

usage: make_digits.py digits.csv.gz digits.bin
"""
import csv
import gzip
import sys

source, target = sys.argv[1:]
with gzip.open(source, "rt", encoding="ascii") as lines, open(target, "wb") as out:
    for row in csv.reader(lines):
        values = [int(float(value)) for value in row]
        assert len(values) == 65 and max(values[:64]) <= 16 and values[64] <= 9, row
        out.write(bytes(values))
