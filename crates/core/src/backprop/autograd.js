// Values forward and derivatives backward through a graph of numbers, as `Expr` computes them. `tests/trainer.rs` holds the two equal.
function () {
  "use strict";
  /// For each operation its value and its local derivatives, from its inputs `x`, `y` and the whole number `n`.
  const OPS = {
    Add: (x, y) => [x + y, 1, 1],
    Sub: (x, y) => [x - y, 1, -1],
    Mul: (x, y) => [x * y, y, x],
    Div: (x, y) => [x / y, 1 / y, -x / (y * y)],
    Neg: x => [-x, -1],
    Power: (x, _, n) => [x ** n, n === 0 ? 0 : n * x ** (n - 1)],
    Exp: x => [Math.exp(x), Math.exp(x)],
    Ln: x => [Math.log(x), 1 / x],
    Sqrt: x => [Math.sqrt(x), 0.5 / Math.sqrt(x)],
    Sin: x => [Math.sin(x), Math.cos(x)],
    Cos: x => [Math.cos(x), -Math.sin(x)],
    Sigmoid(x) {
      const e = Math.exp(-Math.abs(x)), a = (x < 0 ? e : 1) / (1 + e);
      return [a, a * (1 - a)];
    },
    Tanh: x => [Math.tanh(x), 1 - Math.tanh(x) ** 2],
    Relu: x => [Math.max(0, x), x > 0 ? 1 : 0],
  };

  /// `nodes` are inputs and constants with a `value`, and operations `op` of the nodes `from`; the last is the output.
  function run(nodes) {
    const values = [], locals = [];
    for (const { op, n, from, value } of nodes) {
      const [result, ...slopes] = OPS[op] ? OPS[op](values[from[0]], values[from[1]], n) : [value];
      values.push(result);
      locals.push(slopes);
    }
    return { values, locals, gradients: back(nodes, locals, nodes.length - 1, () => false) };
  }

  /// The derivatives of node `top` by the nodes below it. Where it `stops`, nothing goes further down.
  function back(nodes, locals, top, stops) {
    const gradients = nodes.map((_, i) => (i === top ? 1 : 0));
    for (let i = top; i >= 0; i--) {
      if (i !== top && stops(i)) continue;
      (nodes[i].from || []).forEach((j, k) => { gradients[j] += gradients[i] * locals[i][k]; });
    }
    return gradients;
  }

  return { run, back };
}
