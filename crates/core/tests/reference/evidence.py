"""The numbers of `tests/evidence.rs`, by SciPy: `python3 evidence.py > evidence.json`."""

import json

import numpy as np
from scipy import stats

rng = np.random.default_rng(7)
quantiles = [
    [nu, c, float(stats.t.ppf(0.5 + c / 2, nu))]
    for nu in (1, 2, 3, 4, 5, 9, 10, 19, 29, 100)
    for c in (0.95,)
]
pairs = []
for n in (2, 3, 5, 10, 11, 20):
    one = rng.normal(0.95, 0.01, n).round(4)
    other = (one + rng.normal(0.004, 0.006, n)).round(4)
    test = stats.ttest_rel(one, other)
    low, high = test.confidence_interval(0.95)
    own = stats.t.interval(0.95, n - 1, loc=one.mean(), scale=stats.sem(one))
    pairs.append(
        {
            "one": one.tolist(),
            "other": other.tolist(),
            "p": float(test.pvalue),
            "interval": [float(low), float(high)],
            "own": [float(own[0]), float(own[1])],
            "std": float(one.std(ddof=1)),
        }
    )
print(json.dumps({"quantiles": quantiles, "pairs": pairs}, indent=1))
