// A chain of single units: what is left of the gradient.
function (host, data, trainer, kit) {
  "use strict";
  const { say, short, slider, group, show, row, fill, table, COLOURS } = kit;
  const state = { depth: 20, w: 1, b: 0, x: 0.5 }, KEYS = ["sigmoid", "tanh", "relu", "leaky", "linear"];
  const NAMES = [say("sigmoide", "sigmoid"), "tanh", "ReLU", "leaky ReLU", say("lineal", "linear")];
  const DASH = [[], [], [], [5, 3], [2, 3]];
  let ways = [];
  const plot = kit.canvas("", 260, (c, w, h) => kit.chart(c, w, h, ways.map(({ back }, i) => ({ colour: COLOURS[i], dash: DASH[i], points: back.map((g, l) => [state.depth - l, Math.abs(g)]).reverse() })),
    say("unidad (la salida, a la derecha)", "unit (the output on the right)"), "|∂a_L/∂a_l|"));
  const rows = NAMES.map((name, i) => row(name, 4, COLOURS[i]));
  function changed() {
    ways = KEYS.map(key => {
      const { value, slope } = trainer.ACTIVATIONS[key];
      let a = state.x;
      const slopes = [], back = [1];
      for (let l = 0; l < state.depth; l++) {
        a = value(Math.fround(state.w * a + state.b));
        slopes.push(slope(a));
      }
      for (let l = state.depth - 1; l >= 0; l--) back.push(back[back.length - 1] * state.w * slopes[l]);
      return { a, slopes, back };
    });
    ways.forEach(({ a, slopes, back }, i) => {
      const rate = Math.abs(back[state.depth]) ** (1 / state.depth);
      fill(rows[i], [short(a), short(slopes[slopes.length - 1]), short(rate), short(back[state.depth])]);
    });
    plot.paint();
    plot.describe(ways.map(({ back }, i) => `${NAMES[i]}: ${short(back[state.depth])}`).join("; "));
  }
  const knob = (name, key, range) => slider(name, { ...range, value: state[key], act: v => { state[key] = v; changed(); } });
  show(
    kit.groups(group(say("La cadena", "The chain"), knob(say("profundidad L", "depth L"), "depth", { values: Array.from({ length: 40 }, (_, i) => i + 1) }), knob("w", "w", { min: -4, max: 4 }), knob("b", "b", { min: -3, max: 3 }), knob("x", "x", { min: -3, max: 3 }))),
    plot.element, table(say("Cadena por cadena", "Chain by chain"), ["f", "a_L", say("última f′(z)", "last f′(z)"), say("queda por unidad", "left per unit"), "∂a_L/∂x"], rows));
  changed();
  return { state, ways: () => ways };
}
