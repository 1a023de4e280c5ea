// Gradient descent in a bowl: the learning rate, the condition number, and where one starts.
function (host, data, trainer, kit, descent) {
  "use strict";
  const { say, button, make, short, slider, group, show, row, fill, table, COLOURS } = kit;
  const WINDOW = [[-4, 4], [-2, 2]], STEPS = 300, MOST = 5000, GOAL = 1e-3, ETAS = [0.001, 3];
  const state = { kappa: data.kappa, eta: data.eta, start: [-3.5, 1] };
  let cost = null, way = null, needed = 0, curve = [];

  const arrival = eta => descent.arrival(cost, state.start, eta, 0, 0, GOAL, MOST);
  const best = () => 2 / (1 + state.kappa), border = () => 2 / state.kappa;
  function changed() {
    const { kappa, eta, start } = state;
    if (!cost || cost.kappa !== kappa) {
      cost = {
        kappa,
        value: (x, y) => (x * x + kappa * y * y) / 2,
        gradient(x, y, out) {
          [out[0], out[1]] = [x, kappa * y];
          return this.value(x, y);
        },
      };
    }
    way = descent.gradientDescent(cost, eta, start, WINDOW, STEPS);
    needed = arrival(eta);
    curve = Array.from({ length: 241 }, (_, i) => {
      const eta = ETAS[0] * (ETAS[1] / ETAS[0]) ** (i / 240), steps = arrival(eta);
      return [eta, steps < 0 ? NaN : Math.max(1, steps)];
    });
    walk.changed();
  }

  const ground = kit.map(300, () => ({
    value: cost.value, window: WINDOW, names: ["x", "y"], minima: [[0, 0]], start: state.start,
    ways: [{ points: way.points, to: walk.at, colour: COLOURS[1] }],
  }), (x, y) => {
    // On an axis one starts exactly.
    state.start = [x, y].map((v, i) => (Math.abs(v) < WINDOW[i][1] / 50 ? 0 : v));
    changed();
  });
  const costs = kit.canvas("", 220, (c, w, h) => kit.chart(c, w, h, [
    { points: way.costs.slice(0, walk.at + 1).map((v, t) => [t, v]), colour: COLOURS[1] },
  ], say("paso", "step"), "C"));
  const steps = kit.canvas("", 220, (c, w, h) => {
    const { X, Y, top, h: high } = kit.chart(c, w, h, [{ points: curve, colour: COLOURS[0] }, { points: needed > 0 ? [[state.eta, needed]] : [], colour: COLOURS[1], dots: true }],
      "η", say(`pasos hasta C < ${GOAL} (rayas: 2/λ_max; puntos: 2/(1 + κ))`, `steps to C < ${GOAL} (dashes: 2/λ_max; dots: 2/(1 + κ))`), ETAS);
    for (const [eta, dash] of [[border(), [7, 4]], [best(), [2, 3]]]) {
      c.strokeStyle = kit.theme().text;
      c.setLineDash(dash);
      c.beginPath();
      c.moveTo(X(eta), top);
      c.lineTo(X(eta), top + high);
      c.stroke();
    }
    c.setLineDash([]);
  });
  kit.drag(steps.element, (x, y, w) => {
    const part = x === null ? Math.log(state.eta / ETAS[0]) / Math.log(ETAS[1] / ETAS[0]) + y[0] / 200 : (x - 46) / (w - 58);
    take(Number((ETAS[0] * (ETAS[1] / ETAS[0]) ** Math.max(0, Math.min(1, part))).toPrecision(3)));
  });
  const rows = ["x", "y"].map(name => row(name, 4));
  const words = make("p", { role: "status" });
  function summary() {
    const { eta } = state, arrives = needed >= 0 ? say(`C < ${GOAL} tras ${needed} pasos`, `C < ${GOAL} after ${needed} steps`)
      : needed === -1 ? say(`tras ${MOST} pasos aún no es C < ${GOAL}`, `after ${MOST} steps not yet C < ${GOAL}`) : say("diverge", "it diverges");
    return say(`Frontera: 2/λ_max = 2/${short(state.kappa)} = ${short(border())}. Con η = ${short(eta)}: ${arrives}.`,
      `Border: 2/λ_max = 2/${short(state.kappa)} = ${short(border())}. With η = ${short(eta)}: ${arrives}.`);
  }
  function refresh() {
    const { at } = walk;
    [1, state.kappa].forEach((lambda, i) => fill(rows[i], [short(lambda), short(1 - state.eta * lambda), String(at), short(way.points[at][i])]));
    for (const picture of [ground, costs, steps]) picture.paint();
    if (walk.running) return;
    const text = summary(), [x, y] = way.points[at].map(short);
    if (words.textContent !== text) words.textContent = text;
    ground.describe(say(`Cuenco con κ = ${state.kappa}. Paso ${at}: (${x}, ${y}). ${text} Flechas: mover el punto de partida.`, `Bowl with κ = ${state.kappa}. Step ${at}: (${x}, ${y}). ${text} Arrows: move the start.`));
    costs.describe(say("Coste por paso: ", "Cost by step: ") + `${short(way.costs[0])} … ${short(way.costs[at])}`);
    steps.describe(say("Pasos que hacen falta según η. ", "Steps needed by η. ") + text + say(" Flechas: mover η.", " Arrows: move η."));
  }
  const walk = kit.player({ last: () => way.points.length - 1, draw: refresh, said: summary });
  steps.element.tabIndex = 0;
  steps.element.setAttribute("role", "application");
  steps.element.classList.add("aim");

  const eta = slider("η", { min: ETAS[0], max: ETAS[1], log: true, digits: 3, value: state.eta, act: v => { state.eta = v; changed(); } });
  const kappa = slider("κ", { values: [1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300], value: state.kappa, act: v => { state.kappa = v; changed(); } });
  function take(v) {
    state.eta = v;
    eta.set(v);
    changed();
  }
  const ideal = button("η = 2/(1 + κ)", say("η = 2/(1 + κ), la mejor η fija", "η = 2/(1 + κ), the best fixed η"), () => take(Number(best().toPrecision(4))));
  show(kit.groups(group(say("Mandos", "Knobs"), eta, kappa, ideal)), walk.element, words,
    make("div", { class: "runs" }, make("div", {}, ground.element, make("p", {}, say("Pulsa o arrastra para elegir dónde se empieza.", "Press or drag to choose where to start."))),
      make("div", {}, steps.element, costs.element)),
    table(say("Las dos direcciones", "Both directions"), ["", say("curvatura λ", "curvature λ"), "1 − ηλ", say("paso", "step"), say("valor", "value")], rows));
  changed();
  return { state, way: () => way, needed: () => needed, curve: () => curve };
}
