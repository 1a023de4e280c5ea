// One sigmoid neuron, x = 1, y = 0: the quadratic cost and cross-entropy from the same start.
function (host, data, trainer, kit) {
  "use strict";
  const { say, short, slider, group, show, row, fill, table, theme, COLOURS } = kit;
  const state = { w: 2, b: 2, eta: 0.15 }, STEPS = 300;
  let ways = [];
  const sigma = z => 1 / (1 + Math.exp(-z));
  const NAMES = [say("cuadrático", "quadratic"), say("entropía cruzada", "cross-entropy")];
  const line = kit.canvas("", 230, (c, w, h) => {
    const { at } = walk, { text, faint } = theme(), [left, top, width, height] = [40, 22, w - 52, h - 46];
    const X = t => left + width * t / STEPS, Y = a => top + height * (1 - a);
    c.strokeStyle = faint;
    c.fillStyle = text;
    c.textAlign = "right";
    for (const a of [0, 0.5, 1]) {
      c.beginPath();
      c.moveTo(left, Y(a));
      c.lineTo(left + width, Y(a));
      c.stroke();
      c.fillText(String(a), left - 5, Y(a) + 4);
    }
    c.fillText(String(STEPS), left + width, h - 8);
    c.textAlign = "left";
    c.fillText("a  (y = 0)", 4, 12);
    c.fillText(say("época", "epoch"), left + width / 2, h - 8);
    ways.forEach((way, i) => {
      c.strokeStyle = c.fillStyle = COLOURS[i];
      c.lineWidth = 2;
      c.beginPath();
      way.slice(0, at + 1).forEach((s, t) => c.lineTo(X(t), Y(s.a)));
      c.stroke();
      c.beginPath();
      c.arc(X(at), Y(way[at].a), 4, 0, 7);
      c.fill();
      c.textAlign = "right";
      c.fillText(NAMES[i], left + width - 6, top + 12 + 15 * i);
    });
  });
  const rows = NAMES.map(name => row(name, 5));
  const summary = () => ways.map((way, i) => `${NAMES[i]}: a = ${way[walk.at].a.toFixed(4)}`).join("; ") + say(`, época ${walk.at}`, `, epoch ${walk.at}`);
  function refresh() {
    const { at } = walk;
    ways.forEach((way, i) => fill(rows[i], [String(at), way[at].a.toFixed(4), short(way[at].slope), short(way[at].delta), short(way[at].cost)]));
    line.paint();
    if (!walk.running) line.describe(summary());
  }
  function changed() {
    ways = [0, 1].map(i => {
      let { w, b } = state;
      return Array.from({ length: STEPS + 1 }, () => {
        const a = sigma(w + b), slope = a * (1 - a), delta = i ? a : a * slope;
        const now = { a, slope, delta, cost: i ? -Math.log(1 - a) : a * a / 2 };
        w -= state.eta * delta;
        b -= state.eta * delta;
        return now;
      });
    });
    walk.changed();
  }
  const walk = kit.player({ last: () => STEPS, draw: refresh, said: summary, unit: say("época", "epoch") });
  const knob = (name, key, range) => slider(name, { ...range, value: state[key], act: v => { state[key] = v; changed(); } });
  show(
    kit.groups(group(say("Salida", "Start"), knob("w", "w", { min: -3, max: 5 }), knob("b", "b", { min: -3, max: 5 }), knob("η", "eta", { min: 0.01, max: 10, log: true }))),
    walk.element, line.element,
    table(say("Las dos neuronas", "Both neurons"), [say("coste", "cost"), say("época", "epoch"), "a", "σ′(z)", "∂C/∂z", "C"], rows));
  changed();
  return { state, ways: () => ways };
}
