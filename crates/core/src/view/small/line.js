// A line a = w x + b through points, by gradient descent on mini-batches, as `sgd::stochastic_gradient_descent` goes down: the same
// batches, each operation rounded to 32 bits. `tests/trainer.rs` holds ways and spreads equal to the library's.
function (trainer) {
  "use strict";
  const f = Math.fround;

  /// The mean gradient of ½(a - y)² over these rows.
  function gradient({ x, y }, [w, b], rows) {
    let gw = 0, gb = 0;
    for (const i of rows) {
      const error = f(f(f(w * x[i]) + b) - y[i]);
      gw = f(gw + f(f(error * x[i]) / rows.length));
      gb = f(gb + f(error / rows.length));
    }
    return [gw, gb];
  }
  const cost = ({ x, y }, w, b) => x.reduce((sum, x, i) => sum + (w * x + b - y[i]) ** 2, 0) / (2 * x.length);

  /// Where the parameters are before the first step and after each, and how many examples have been seen by then.
  function way(points, start, m, epochs, eta, seed) {
    const n = points.x.length, order = Array.from({ length: n }, (_, i) => i), rng = new trainer.Rng(seed);
    let now = start.map(f);
    const ways = [now], seen = [0];
    for (let epoch = 0; epoch < epochs; epoch++) {
      rng.shuffle(order);
      for (let at = 0; at < n; at += m) {
        const rows = order.slice(at, at + m), g = gradient(points, now, rows);
        now = now.map((w, i) => f(w - f(f(eta) * g[i])));
        if (!now.every(Number.isFinite)) return { points: ways, seen, lost: true };
        ways.push(now);
        seen.push(epoch * n + at + rows.length);
      }
    }
    return { points: ways, seen, lost: false };
  }

  /// How far the gradients of `draws` batches of m are from that of all, as the root of the mean square; σ, what one example's is
  /// away; and how long the gradient of all is.
  function spread(points, place, sizes, draws, seed) {
    const n = points.x.length, all = Array.from({ length: n }, (_, i) => i);
    const whole = gradient(points, place, all), apart = rows => gradient(points, place, rows).reduce((sum, g, i) => sum + (g - whole[i]) ** 2, 0);
    const measured = sizes.map(m => {
      const rng = new trainer.Rng(seed), order = [...all];
      let sum = 0;
      for (let draw = 0; draw < draws; draw++) {
        rng.shuffle(order);
        sum += apart(order.slice(0, m));
      }
      return Math.sqrt(sum / draws);
    });
    return { measured, sigma: Math.sqrt(all.reduce((sum, i) => sum + apart([i]), 0) / n), length: Math.hypot(...whole) };
  }

  /// The line of least squares.
  function fit({ x, y }) {
    const n = x.length, mean = v => v.reduce((a, b) => a + b, 0) / n, [mx, my] = [mean(x), mean(y)];
    const w = x.reduce((sum, v, i) => sum + (v - mx) * (y[i] - my), 0) / x.reduce((sum, v) => sum + (v - mx) ** 2, 0);
    return [w, my - w * mx];
  }

  return { gradient, cost, way, spread, fit };
}
