// A cost C(x, y) that somebody writes, with its gradient by forward differentiation, and descents on it as the library's
// `descend` takes them. `tests/trainer.rs` holds value, gradient and descents equal to the library's.
//
//   const cost = formula("(x^2 + 20 y^2)/2"); cost.value(1, 2); cost.gradient(1, 2, out)
function (say) {
  "use strict";

  // ---- Reading: sums of products of powers. Each part becomes a node that knows its value and both derivatives.

  const leaf = (value, dx, dy) => ({ v: value, dx, dy, run() {} });
  const X = () => ({ v: 0, dx: 1, dy: 0, run(x) { this.v = x; } });
  const Y = () => ({ v: 0, dx: 0, dy: 1, run(x, y) { this.v = y; } });
  const node = (parts, act) => ({ v: 0, dx: 0, dy: 0, run(x, y) { for (const part of parts) part.run(x, y); act(this); } });
  const add = (p, q, sign) => node([p, q], n => {
    n.v = p.v + sign * q.v;
    n.dx = p.dx + sign * q.dx;
    n.dy = p.dy + sign * q.dy;
  });
  const times = (p, q) => node([p, q], n => {
    n.v = p.v * q.v;
    n.dx = p.dx * q.v + p.v * q.dx;
    n.dy = p.dy * q.v + p.v * q.dy;
  });
  const over = (p, q) => node([p, q], n => {
    n.v = p.v / q.v;
    n.dx = (p.dx - n.v * q.dx) / q.v;
    n.dy = (p.dy - n.v * q.dy) / q.v;
  });
  const apply = (p, value, slope) => node([p], n => {
    n.v = value(p.v);
    const s = slope(p.v, n.v);
    n.dx = s * p.dx;
    n.dy = s * p.dy;
  });
  const power = (p, q) => {
    if (q.constant !== undefined) return apply(p, v => v ** q.constant, v => (q.constant === 0 ? 0 : q.constant * v ** (q.constant - 1)));
    return node([p, q], n => {
      n.v = p.v ** q.v;
      const log = p.v > 0 ? Math.log(p.v) : p.v === 0 && q.v > 0 ? 0 : NaN;
      const slope = q.v * p.v ** (q.v - 1);
      n.dx = slope * p.dx + n.v * log * q.dx;
      n.dy = slope * p.dy + n.v * log * q.dy;
    });
  };
  const FUNCTIONS = {
    exp: [Math.exp, (v, f) => f],
    ln: [Math.log, v => 1 / v],
    log: [Math.log, v => 1 / v],
    sin: [Math.sin, Math.cos],
    cos: [Math.cos, v => -Math.sin(v)],
    tanh: [Math.tanh, (v, f) => 1 - f * f],
    sqrt: [Math.sqrt, (v, f) => 0.5 / f],
    abs: [Math.abs, Math.sign],
  };
  const number = value => Object.assign(leaf(value, 0, 0), { constant: value });

  function formula(text) {
    const plain = text.replace(/[−–]/g, "-").replace(/[·×]/g, "*").replace(/²/g, "^2").replace(/³/g, "^3").replace(/⁴/g, "^4").replace(/π/g, "pi");
    const tokens = plain.match(/\d+\.?\d*(?:e[+-]?\d+)?|\.\d+|[a-z]+|\S/gi) || [];
    let at = 0;
    const fail = what => { throw new Error(what); };
    const unexpected = () => fail(at < tokens.length ? say(`No esperaba «${tokens[at]}».`, `“${tokens[at]}” was not expected.`) : say("La fórmula acaba antes de tiempo.", "The formula ends too soon."));
    const take = token => (tokens[at] === token ? (at++, true) : false);
    const expect = token => { if (!take(token)) unexpected(); };
    function sum() {
      let left = product();
      for (;;) {
        if (take("+")) left = add(left, product(), 1);
        else if (take("-")) left = add(left, product(), -1);
        else return left;
      }
    }
    function product() {
      let left = signed();
      for (;;) {
        if (take("*")) left = times(left, signed());
        else if (take("/")) left = over(left, signed());
        // 2x, 3(x + 1), x y: side by side is a product.
        else if (at < tokens.length && /^[\w.(]/.test(tokens[at])) left = times(left, raised());
        else return left;
      }
    }
    function signed() {
      if (take("-")) return times(number(-1), signed());
      if (take("+")) return signed();
      return raised();
    }
    function raised() {
      const base = single();
      if (!take("^")) return base;
      const minus = take("-"), exponent = raised();
      if (!minus) return power(base, exponent);
      return power(base, exponent.constant !== undefined ? number(-exponent.constant) : times(number(-1), exponent));
    }
    function single() {
      const token = tokens[at];
      if (token === undefined) unexpected();
      if (take("(")) {
        const inside = sum();
        expect(")");
        return inside;
      }
      if (/^[\d.]/.test(token)) {
        at++;
        return Number.isFinite(Number(token)) ? number(Number(token)) : (at--, unexpected());
      }
      const name = token.toLowerCase();
      if (name === "x" || name === "y") {
        at++;
        return name === "x" ? X() : Y();
      }
      if (name === "pi" || name === "e") {
        at++;
        return number(name === "pi" ? Math.PI : Math.E);
      }
      if (FUNCTIONS[name]) {
        at++;
        expect("(");
        const inside = sum();
        expect(")");
        return apply(inside, ...FUNCTIONS[name]);
      }
      if (/^[a-z]/i.test(token)) fail(say(`No conozco «${token}»: escribe la fórmula con x, y, números y ${Object.keys(FUNCTIONS).join(", ")}.`, `“${token}” is not known: write the formula with x, y, numbers and ${Object.keys(FUNCTIONS).join(", ")}.`));
      return unexpected();
    }
    const root = sum();
    if (at < tokens.length) unexpected();
    return {
      value(x, y) {
        root.run(x, y);
        return root.v;
      },
      gradient(x, y, out) {
        root.run(x, y);
        out[0] = root.dx;
        out[1] = root.dy;
        return root.v;
      },
    };
  }

  // ---- Going down.

  const STATIONARY = 1e-4, LOST = 1e3;

  /// The points and costs of a way from `start` of at most so many steps: `step(t, w, g)` moves `w`. With `noise` the gradient is
  /// never at rest.
  function walk(cost, start, window, steps, noise, step) {
    const w = [...start], g = [0, 0], points = [[...start]], costs = [cost.value(...start)];
    let outcome = "moving";
    for (let t = 1; t <= steps; t++) {
      cost.gradient(w[0], w[1], g);
      if (!noise && Math.hypot(g[0], g[1]) < STATIONARY) {
        outcome = "stationary";
        break;
      }
      step(t, w, g);
      const near = w.every((v, i) => Math.abs(v - start[i]) <= LOST * (window[i][1] - window[i][0]));
      const now = near ? cost.value(w[0], w[1]) : NaN;
      if (!Number.isFinite(now)) {
        outcome = "lost";
        break;
      }
      points.push([...w]);
      costs.push(now);
    }
    return { points, costs, outcome };
  }

  /// By a rule of the trainer, in 32 bits as in training; `noise` is added to the gradient.
  function descend(cost, rule, start, window, steps, noise) {
    const single = new Float32Array(2), slope = new Float32Array(2), memory = rule.slots(2);
    return walk(cost, start, window, steps, noise, (t, w, g) => {
      single.set(w);
      slope.set(noise ? g.map(v => v + noise()) : g);
      rule.step(single, slope, memory, rule.eta, t);
      [w[0], w[1]] = single;
    });
  }

  /// `w ← w - η ∇C(w)`.
  const gradientDescent = (cost, eta, start, window, steps) => walk(cost, start, window, steps, null, (t, w, g) => {
    w[0] -= eta * g[0];
    w[1] -= eta * g[1];
  });

  /// The eigenvalues of the curvature at a point, the smaller first.
  function curvature(cost, [x, y]) {
    const h = 1e-4, right = [0, 0], left = [0, 0], up = [0, 0], down = [0, 0];
    cost.gradient(x + h, y, right);
    cost.gradient(x - h, y, left);
    cost.gradient(x, y + h, up);
    cost.gradient(x, y - h, down);
    const [a, b, d] = [(right[0] - left[0]) / (2 * h), (right[1] - left[1] + up[0] - down[0]) / (4 * h), (up[1] - down[1]) / (2 * h)];
    const middle = (a + d) / 2, apart = Math.hypot((a - d) / 2, b);
    return [middle - apart, middle + apart];
  }

  /// After how many steps Momentum has come within `goal` of the cost `lowest`: -1 where not in so many, -2 where it got lost.
  function arrival(cost, start, eta, mu, lowest, goal, steps) {
    const out = [0, 0];
    let [x, y] = start, vx = 0, vy = 0;
    for (let t = 0; t <= steps; t++) {
      const now = cost.gradient(x, y, out);
      if (now - lowest < goal) return t;
      if (!(Math.abs(x) + Math.abs(y) < 1e6)) return -2;
      vx = mu * vx - eta * out[0];
      vy = mu * vy - eta * out[1];
      x += vx;
      y += vy;
    }
    return -1;
  }

  return { formula, descend, gradientDescent, curvature, arrival };
}
