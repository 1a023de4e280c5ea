"""The coefficients of engine/elementary.rs: least relative error at Chebyshev's points, then rounded to float32 one after the
other, each time fitting the rest again."""
import numpy as np
from mpmath import mp, mpf
mp.dps = 40

def fit(f, a, b, degree, weight, points=400):
    k = np.arange(points)
    x = [mpf(a) + (mpf(b) - a) * (1 - mp.cos(mp.pi * (int(i) + mpf(1) / 2) / points)) / 2 for i in k]
    y = [f(t) for t in x]
    w = [weight(t) for t in x]
    fixed = []
    # iteratively reweighted towards minimax
    lw = np.ones(points)
    for _ in range(60):
        c = solve(x, y, w, lw, degree, [])
        e = np.array([abs(float(w_ * (y_ - poly(c, t)))) for t, y_, w_ in zip(x, y, w)])
        lw = lw * (e + 1e-30) ; lw /= lw.sum() / points
        lw = np.maximum(lw, 1e-6)
    for d in range(degree + 1):
        c = solve(x, y, w, lw, degree, fixed)
        fixed.append(mpf(float(np.float32(float(c[d])))))
    e = max(abs(w_ * (y_ - poly(fixed, t))) for t, y_, w_ in zip(x, y, w))
    return [np.float32(float(c)) for c in fixed], float(e)

def poly(c, t):
    s = mpf(0)
    for a in reversed(c): s = s * t + a
    return s

def solve(x, y, w, lw, degree, fixed):
    n = len(fixed)
    A = np.array([[float(t ** d * w_) for d in range(n, degree + 1)] for t, w_ in zip(x, w)]) * np.sqrt(lw)[:, None]
    r = np.array([float((y_ - poly(fixed, t)) * w_) for t, y_, w_ in zip(x, y, w)]) * np.sqrt(lw)
    s = np.abs(A).max(0)
    c = np.linalg.lstsq(A / s, r, rcond=None)[0] / s
    return fixed + [mpf(v) for v in c]

def show(name, c, e):
    print(name, f"relative error {e:.2e}")
    for v in c: print(f"    {v!r}")

h = mp.log(2) / 2 * mpf('1.0001')
# e^r = 1 + r + r^2 p(r)
series = lambda t: (mp.exp(t) - 1 - t) / t**2 if abs(t) > mpf('1e-8') else mpf(1)/2 + t/6
show("e^r = 1 + r + r^2 p(r)", *fit(series, -h, h, 5, lambda t: t**2 / abs(mp.expm1(t)) if t else mpf(0)))
# log1p(u) = 2 s + s^3 q(s^2), s = u/(2+u) in 0..1/3
q = lambda v: (2 * mp.atanh(mp.sqrt(v)) / mp.sqrt(v) - 2) / v if v > mpf('1e-14') else mpf(2)/3 + 2*v/5
show("ln(1 + u) = 2 s + s^3 q(s^2), s = u / (2 + u)", *fit(q, 0, mpf(1) / 9, 4, lambda v: v / (2 * mp.atanh(mp.sqrt(v)) / mp.sqrt(v)) if v else mpf(0)))
# Phi(-x) e^(x^2/2) = w g(w), w = 1/(1 + 0.3 x), over x in 0..13.5
a = mpf('0.3')
def g(w):
    x = (1 / w - 1) / a
    return mp.erfc(x / mp.sqrt(2)) / 2 * mp.exp(x * x / 2) / w
show("Phi(-x) e^(x^2/2) = w g(w), w = 1 / (1 + 0.3 x)", *fit(g, 1 / (1 + a * mpf('13.5')), 1, 8, lambda w: 1 / g(w), 300))
