#!/usr/bin/env python3
"""Read a table with polars and tell the milliseconds and the peak memory; `examples/tables.rs` runs it.

usage: tables_polars.py FILE SEPARATOR DECIMAL     (polars 2.1)
"""
import sys
import time

import polars as pl


def status(name):
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(name))


path, separator, decimal = sys.argv[1:]
before = status("VmRSS")
started = time.perf_counter()
frame = pl.read_csv(path, separator=separator, decimal_comma=decimal == ",")
took = (time.perf_counter() - started) * 1e3
print(took, status("VmHWM") - before, int(frame.estimated_size() / 1024), frame.height)
