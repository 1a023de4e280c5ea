// Three logits with sliders, a number that is added to all of them, and a temperature that divides them.
function (host, data, trainer, kit) {
  "use strict";
  const { say, make, short, slider, select, group, show, row, fill, table, theme, COLOURS } = kit;
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
  show(
    kit.groups(group("Logits", ...logits,
      slider(say("sumar a todos", "add to all"), { values: [-200, -100, -50, -10, 0, 10, 50, 80, 88, 89, 100, 200], value: 0, act: v => { state.shift = v; changed(); } }),
      slider(say("temperatura T", "temperature T"), { min: 0.05, max: 20, log: true, value: 1, act: v => { state.T = v; changed(); } }),
      select(say("clase correcta", "right class"), [["0", "1"], ["1", "2"], ["2", "3"]], "1", v => { state.right = Number(v); changed(); }))),
    bars.element, cost, table("softmax", ["j", "z / T", say("e^z en f32", "e^z in f32"), say("a sin restar", "a as written"), say("a restando el máximo", "a less the largest"), "∂C/∂(z/T) = a − y"], rows));
  changed();
  return { state, p: () => p };
}
