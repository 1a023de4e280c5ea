// Small figures in which a knob teaches: softmax, one neuron with two costs, a chain of units.
function (host, data, trainer, kit) {
  "use strict";
  const { say, make, button, short, slider, select, group, theme, COLOURS } = kit;
  const stage = host.querySelector(".gradus-stage");
  const table = (caption, head, rows) => make("table", {}, make("caption", { class: "hidden" }, caption),
    make("thead", {}, make("tr", {}, ...head.map(text => make("th", { scope: "col" }, text)))), make("tbody", {}, ...rows));
  const row = (name, count) => make("tr", {}, make("th", { scope: "row" }, name), ...Array.from({ length: count }, () => make("td", {})));
  const fill = (row, texts) => texts.forEach((text, i) => { row.children[i + 1].textContent = text; });
  const show = (controls, ...rest) => stage.replaceChildren(make("h4", {}, data.title), make("div", { class: "groups" }, ...controls), ...rest, kit.live);

  // ---- Softmax: logits, a shift, a temperature.

  function softmax() {
    const state = { z: [2, 1, 0.1], shift: 0, T: 1, right: 1 };
    const f = Math.fround;
    let p = [];
    const bars = kit.canvas("", 170, (c, w, h) => {
      c.fillStyle = theme().text;
      c.textAlign = "center";
      p.forEach((a, j) => {
        const x = 30 + (w - 60) * (j + 0.15) / 3, width = (w - 60) * 0.7 / 3, high = (h - 44) * a;
        c.fillStyle = COLOURS[j];
        c.fillRect(x, h - 22 - high, width, Math.max(high, 1));
        c.fillStyle = theme().text;
        c.fillText(a.toFixed(4), x + width / 2, h - 28 - high);
        c.fillText(`a${"₁₂₃"[j]}` + (j === state.right ? say("  (la correcta)", "  (the right one)") : ""), x + width / 2, h - 6);
      });
    });
    const rows = [1, 2, 3].map(j => row(String(j), 5));
    const cost = make("p", { role: "status" });
    function changed() {
      const z = state.z.map(v => (v + state.shift) / state.T), most = Math.max(...z);
      const e = z.map(v => Math.exp(v - most)), sum = e.reduce((a, b) => a + b);
      p = e.map(v => v / sum);
      // As one writes it down, in 32 bits: it overflows.
      const plain = z.map(v => f(Math.exp(f(v)))), total = plain.reduce((a, b) => f(a + b));
      rows.forEach((r, j) => fill(r, [short(z[j]), short(plain[j]), Number.isNaN(f(plain[j] / total)) ? "NaN" : f(plain[j] / total).toFixed(4), p[j].toFixed(4), (p[j] - (j === state.right ? 1 : 0)).toFixed(4)]));
      cost.textContent = `C = −ln a${"₁₂₃"[state.right]} = ${short(most + Math.log(sum) - z[state.right])}`;
      bars.paint();
      bars.describe("softmax: " + p.map(a => a.toFixed(4)).join(", ") + ". " + cost.textContent);
    }
    const logits = state.z.map((v, j) => slider(`z${"₁₂₃"[j]}`, { min: -5, max: 5, value: v, act: v => { state.z[j] = v; changed(); } }));
    show([
      group(say("Logits", "Logits"), ...logits, slider(say("sumar a todos", "add to all"), { values: [-200, -100, -50, -10, 0, 10, 50, 80, 88, 89, 100, 200], value: 0, act: v => { state.shift = v; changed(); } }),
        slider(say("temperatura T", "temperature T"), { min: 0.05, max: 20, log: true, value: 1, act: v => { state.T = v; changed(); } }),
        select(say("clase correcta", "right class"), [["0", "1"], ["1", "2"], ["2", "3"]], "1", v => { state.right = Number(v); changed(); })),
    ], bars.element, cost, make("div", { class: "scroll" }, table("softmax", ["j", "z / T", say("e^z en f32", "e^z in f32"), say("a sin restar", "a as written"), say("a restando el máximo", "a less the largest"), "∂C/∂(z/T) = a − y"], rows)));
    changed();
    return { state, p: () => p };
  }

  // ---- One neuron, x = 1, y = 0: the quadratic cost and cross-entropy from the same start.

  function neuron() {
    const state = { w: 2, b: 2, eta: 0.15 }, STEPS = 300;
    let ways = [], at = STEPS;
    const sigma = z => 1 / (1 + Math.exp(-z));
    const NAMES = [say("cuadrático", "quadratic"), say("entropía cruzada", "cross-entropy")];
    const line = kit.canvas("", 230, (c, w, h) => {
      const { text, faint } = theme(), [left, top, width, height] = [40, 22, w - 52, h - 46];
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
    function refresh() {
      ways.forEach((way, i) => fill(rows[i], [String(at), way[at].a.toFixed(4), short(way[at].slope), short(way[at].delta), short(way[at].cost)]));
      line.paint();
      if (!clock.running) line.describe(ways.map((way, i) => `${NAMES[i]}: a = ${way[at].a.toFixed(4)}`).join("; ") + say(`, época ${at}`, `, epoch ${at}`));
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
      if (!clock.running) at = STEPS;
      refresh();
    }
    const clock = kit.clock(() => {
      at = Math.min(STEPS, at + (kit.still ? 30 : 1));
      if (at === STEPS) stop();
      refresh();
    });
    const play = button("▶", say("Entrenar", "Train"), () => {
      if (clock.running) return void stop();
      if (at === STEPS) at = 0;
      clock.start();
      play.textContent = "❚❚";
    });
    play.className = "play";
    function stop() {
      clock.stop();
      play.textContent = "▶";
      refresh();
    }
    const knob = (name, key, range) => slider(name, { ...range, value: state[key], act: v => { state[key] = v; changed(); } });
    show([group(say("Salida", "Start"), play, knob("w", "w", { min: -3, max: 5 }), knob("b", "b", { min: -3, max: 5 }), knob("η", "eta", { min: 0.01, max: 10, log: true }))], line.element,
      make("div", { class: "scroll" }, table(say("Las dos neuronas", "Both neurons"), [say("coste", "cost"), say("época", "epoch"), "a", "σ′(z)", "∂C/∂z", "C"], rows)));
    changed();
    return { state, ways: () => ways };
  }

  // ---- A chain of single units: what is left of the gradient.

  function chain() {
    const state = { depth: 20, w: 1, b: 0, x: 0.5 }, KEYS = ["sigmoid", "tanh", "relu", "leaky", "linear"];
    const NAMES = [say("sigmoide", "sigmoid"), "tanh", "ReLU", "leaky ReLU", say("lineal", "linear")];
    const DASH = [[], [], [], [5, 3], [2, 3]];
    let ways = [];
    const plot = kit.canvas("", 260, (c, w, h) => kit.chart(c, w, h, ways.map(({ back }, i) => ({ colour: COLOURS[i], dash: DASH[i], points: back.map((g, l) => [state.depth - l, Math.abs(g)]).reverse() })),
      say("unidad (la salida, a la derecha)", "unit (the output on the right)"), "|∂a_L/∂a_l|"));
    const rows = NAMES.map((name, i) => {
      const r = row(name, 4);
      r.firstChild.style.color = kit.legible(COLOURS[i]);
      return r;
    });
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
    show([group(say("La cadena", "The chain"), knob(say("profundidad L", "depth L"), "depth", { values: Array.from({ length: 40 }, (_, i) => i + 1) }), knob("w", "w", { min: -4, max: 4 }), knob("b", "b", { min: -3, max: 3 }), knob("x", "x", { min: -3, max: 3 }))],
      plot.element, make("div", { class: "scroll" }, table(say("Cadena por cadena", "Chain by chain"), ["f", "a_L", say("última f′(z)", "last f′(z)"), say("queda por unidad", "left per unit"), "∂a_L/∂x"], rows)));
    changed();
    return { state, ways: () => ways };
  }

  return { softmax, neuron, chain }[data.kind]();
}
