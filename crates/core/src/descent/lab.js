// The optimiser lab: seven rules go down a landscape at once, from where one points; beside it how many steps Momentum needs for
// each learning rate and momentum, under the border that theory draws.
function (host, data, trainer, kit, descent) {
  "use strict";
  const { say, make, short, slider, select, check, whole, group, theme, COLOURS } = kit;
  const RULES = { Sgd: "SGD", Momentum: "Momentum", Nag: "NAG", Adagrad: "Adagrad", RmsProp: "RMSProp", Adadelta: "Adadelta", Adam: "Adam" };
  const KEYS = Object.keys(RULES);
  const LIMIT = 300, WIDE = 48, HIGH = 30, GOAL = 1e-3;
  // The last of the seven colours is a grey that a dark page swallows.
  const colourOf = key => (key === "Adam" ? theme().text : COLOURS[KEYS.indexOf(key)]);
  const DASH = { Sgd: [], Momentum: [], Nag: [6, 3], Adagrad: [], RmsProp: [], Adadelta: [2, 3], Adam: [] };
  const state = {
    place: 0, start: [...data.landscapes[0].start], steps: data.steps, noise: 0, seed: 0,
    on: Object.fromEntries(KEYS.map(key => [key, data.rules.some(rule => rule.kind === key)])),
    eta: Object.fromEntries(KEYS.map(key => [key, data.etas[key]])), mu: data.mu, beta1: data.beta1, beta2: data.beta2, rho: data.rho,
  };
  let land = null, runs = [], lowest = NaN, map = null;

  // ---- The landscape.

  function enter(settings) {
    const cost = descent.formula(settings.formula);
    if (!Number.isFinite(cost.value(...settings.start))) throw new Error(say("En el punto de partida la función no es un número.", "At the start the function is no number."));
    land = { ...settings, cost };
    state.start = [...settings.start];
    if (settings === data.landscapes[0]) Object.assign(state.eta, data.etas);
    else {
      // Learning rates that the steepest place there bears.
      const steep = Math.max(...[settings.start, ...settings.minima].flatMap(w => descent.curvature(cost, w).map(Math.abs)));
      const fit = part => Number(Math.min(10, Math.max(1e-4, part / (steep || 1))).toPrecision(2));
      Object.assign(state.eta, { Sgd: fit(1), Momentum: fit(0.3), Nag: fit(0.3) });
    }
    sync();
  }
  /// The best point that is known: a minimum of the landscape, or where a descent came to rest.
  function best() {
    const { cost, minima } = land;
    const known = minima.map(w => [w, cost.value(...w)]);
    for (const run of runs) {
      if (run.outcome === "stationary") known.push([run.points[run.points.length - 1], run.costs[run.costs.length - 1]]);
    }
    return known.reduce((best, other) => (!best || other[1] < best[1] ? other : best), null);
  }

  // ---- Descents.

  const settings = key => ({ kind: key, eta: state.eta[key], mu: state.mu, rho: key === "RmsProp" ? state.rho : undefined, beta1: state.beta1, beta2: state.beta2 });
  function descend() {
    runs = KEYS.filter(key => state.on[key]).map(key => {
      const rng = new trainer.Rng(state.seed), noise = state.noise > 0 ? () => state.noise * rng.normal() : null;
      return { key, ...descent.descend(land.cost, trainer.rule(settings(key)), state.start, land.window, state.steps, noise) };
    });
    const least = Math.min(...runs.flatMap(run => run.costs), ...land.minima.map(w => land.cost.value(...w)));
    lowest = land.minima.length ? Math.min(least, ...land.minima.map(w => land.cost.value(...w))) : least;
  }
  const longest = () => Math.max(1, ...runs.map(run => run.points.length - 1));
  function changed(again) {
    descend();
    if (again) restartMap();
    walk.changed();
  }

  // ---- The map of η and μ: computed piece by piece, between pictures.

  function restartMap() {
    const known = best(), near = known && descent.curvature(land.cost, known[0]);
    const steep = near && near[1] > 1e-6 ? near[1] : null;
    const scale = steep || 1 / state.eta.Momentum;
    map = { known, near, steep, from: 0.02 / scale, to: 6 / scale, steps: new Int16Array(WIDE * HIGH).fill(-3), at: 0 };
    map.low = known ? known[1] : lowest;
    map.goal = GOAL * Math.max(1e-12, land.cost.value(...state.start) - map.low);
    if (!mapClock) mapClock = setTimeout(moreOfMap, 0);
  }
  let mapClock = 0;
  const etaAt = (part, { from, to }) => from * (to / from) ** part;
  const partOf = (eta, { from, to }) => Math.log(eta / from) / Math.log(to / from);
  const MOST = 0.99;
  function moreOfMap() {
    mapClock = 0;
    if (!host.isConnected) return;
    const until = performance.now() + 10;
    // Coarse first: every cell once, in an order that spreads.
    while (map.at < WIDE * HIGH && performance.now() < until) {
      const k = (map.at * 607) % (WIDE * HIGH), eta = etaAt(((k % WIDE) + 0.5) / WIDE, map), mu = MOST * (1 - (Math.floor(k / WIDE) + 0.5) / HIGH);
      map.steps[k] = descent.arrival(land.cost, state.start, eta, mu, map.low, map.goal, LIMIT);
      map.at++;
    }
    plot.paint();
    if (map.at < WIDE * HIGH) mapClock = setTimeout(moreOfMap, 4);
    else describeMap();
  }

  // ---- Pictures.

  const ground = kit.map(340, () => ({
    value: land.cost.value, window: land.window, names: ["x", "y"], minima: land.minima, start: state.start,
    ways: runs.map(run => ({ points: run.points, to: Math.min(walk.at, run.points.length - 1), colour: colourOf(run.key), dash: DASH[run.key] })),
  }), (x, y) => {
    state.start = [x, y];
    if (Number.isFinite(land.cost.value(x, y))) changed(true);
  });

  const costs = kit.canvas(say("Coste por paso", "Cost by step"), 200, (c, w, h) => {
    const lines = runs.map(run => ({ colour: colourOf(run.key), dash: DASH[run.key], points: run.costs.slice(0, walk.at + 1).map((v, t) => [t, v - lowest]) }));
    kit.chart(c, w, h, lines, say("paso", "step"), say("C − C mínimo", "C − lowest C"));
  });

  const plot = kit.canvas("", 340, (c, w, h) => {
    if (!map) return;
    const f = { left: 40, top: 8, w: w - 48, h: h - 46 }, look = theme();
    const X = eta => f.left + f.w * partOf(eta, map), Y = mu => f.top + f.h * (1 - mu / MOST);
    const [cw, ch] = [f.w / WIDE, f.h / HIGH];
    for (let k = 0; k < WIDE * HIGH; k++) {
      const steps = map.steps[k];
      if (steps === -3) continue;
      // Few steps are bright; dark is not in time, and what got lost has no colour.
      const part = steps >= 0 ? Math.log(Math.max(1, steps) / 4) / Math.log(LIMIT / 4) : 1;
      const colour = steps === -2 ? null : steps === -1 ? (look.dark ? [45, 45, 50] : [130, 130, 135]) : [0, 1, 2].map(i => [240, 228, 66][i] + ([0, 60, 120][i] - [240, 228, 66][i]) * Math.max(0, Math.min(1, part)));
      if (!colour) continue;
      c.fillStyle = `rgb(${colour.map(Math.round)})`;
      c.fillRect(f.left + (k % WIDE) * cw, f.top + Math.floor(k / WIDE) * ch, cw + 0.6, ch + 0.6);
    }
    c.strokeStyle = "#888";
    c.strokeRect(f.left, f.top, f.w, f.h);
    c.fillStyle = look.text;
    c.textAlign = "center";
    for (let e = Math.ceil(Math.log10(map.from)); e <= Math.log10(map.to); e++) c.fillText(short(10 ** e), X(10 ** e), f.top + f.h + 14);
    c.fillText("η", f.left + f.w, f.top + f.h + 14);
    c.textAlign = "right";
    for (const mu of [0, 0.5, 0.9]) c.fillText(String(mu), f.left - 4, Y(mu) + 4);
    c.fillText("μ", f.left - 24, Y(0.7));
    c.textAlign = "left";
    c.fillText(say("pasos: amarillo pocos, azul muchos; gris no llega, blanco diverge", "steps: yellow few, blue many; grey not in time, blank diverges"), 4, h - 6);
    c.save();
    c.beginPath();
    c.rect(f.left, f.top, f.w, f.h);
    c.clip();
    c.lineWidth = 2.5;
    if (map.steep) {
      c.strokeStyle = COLOURS[1];
      c.setLineDash([7, 4]);
      c.beginPath();
      for (let i = 0; i <= 60; i++) {
        const mu = MOST * i / 60;
        c.lineTo(X(2 * (1 + mu) / map.steep), Y(mu));
      }
      c.stroke();
      c.setLineDash([]);
      const optimum = ideal();
      if (optimum) {
        c.strokeStyle = COLOURS[1];
        c.beginPath();
        c.moveTo(X(optimum.eta) - 7, Y(optimum.mu));
        c.lineTo(X(optimum.eta) + 7, Y(optimum.mu));
        c.moveTo(X(optimum.eta), Y(optimum.mu) - 7);
        c.lineTo(X(optimum.eta), Y(optimum.mu) + 7);
        c.stroke();
      }
    }
    c.strokeStyle = look.dark ? "#fff" : "#000";
    c.lineWidth = 2;
    c.beginPath();
    c.arc(X(state.eta.Momentum), Y(state.mu), 6, 0, 7);
    c.stroke();
    c.restore();
  }, { tabindex: "0", role: "application", class: "aim" });
  /// The best pair for a quadratic cost of this curvature.
  function ideal() {
    const [flat, steep] = map.near || [0, 0];
    if (!(flat > 1e-6)) return null;
    const [a, b] = [Math.sqrt(flat), Math.sqrt(steep)];
    return { eta: (2 / (a + b)) ** 2, mu: ((b - a) / (b + a)) ** 2 };
  }
  function describeMap() {
    const optimum = ideal(), here = descent.arrival(land.cost, state.start, state.eta.Momentum, state.mu, map.low, map.goal, LIMIT);
    const took = here >= 0 ? say(`${here} pasos`, `${here} steps`) : here === -1 ? say(`más de ${LIMIT} pasos`, `more than ${LIMIT} steps`) : say("diverge", "diverges");
    const point = say(`Con η = ${short(state.eta.Momentum)} y μ = ${short(state.mu)}: ${took} hasta una milésima de la altura de partida.`,
      `With η = ${short(state.eta.Momentum)} and μ = ${short(state.mu)}: ${took} to a thousandth of the height at the start.`);
    const theory = map.steep ? say(` Frontera (rayas): η = 2(1 + μ)/${short(map.steep)}.`, ` Border (dashes): η = 2(1 + μ)/${short(map.steep)}.`) : "";
    const cross = optimum ? say(` La cruz es la mejor pareja de la teoría: η = ${short(optimum.eta)}, μ = ${short(optimum.mu)}.`, ` The cross is the best pair in theory: η = ${short(optimum.eta)}, μ = ${short(optimum.mu)}.`) : "";
    mapText.textContent = point + theory + cross;
    plot.describe(say("Mapa de η y μ para Momentum. ", "Map of η and μ for Momentum. ") + mapText.textContent + say(" Flechas: mover el punto.", " Arrows: move the point."));
  }

  function summary() {
    const words = run => {
      const to = Math.min(walk.at, run.points.length - 1), end = run.points.length - 1 <= walk.at;
      const outcome = !end ? "" : run.outcome === "lost" ? say(", diverge", ", diverges") : run.outcome === "stationary" ? say(", en reposo", ", at rest") : "";
      return { t: to, c: short(run.costs[to]), x: short(run.points[to][0]), y: short(run.points[to][1]), outcome };
    };
    runs.forEach(run => {
      const w = words(run);
      kit.fill(rows[run.key], [`${w.t}${w.outcome}`, w.c, `(${w.x}, ${w.y})`]);
    });
    KEYS.forEach(key => { rows[key].hidden = !state.on[key]; });
    return runs.map(run => { const w = words(run); return `${RULES[run.key]}: C = ${w.c}${w.outcome}`; }).join("; ");
  }
  function refresh() {
    ground.paint();
    costs.paint();
    plot.paint();
    const text = summary();
    if (!walk.running) {
      ground.describe(`${land.name}. ${say("Paso", "Step")} ${walk.at}. ${text}. ${say("Flechas: mover el punto de partida.", "Arrows: move the start.")}`);
      costs.describe(say("Coste por paso. ", "Cost by step. ") + text);
      if (map && map.at >= WIDE * HIGH) describeMap();
    }
  }

  const walk = kit.player({ last: longest, draw: refresh, said: summary, opening: true });
  kit.drag(plot.element, (x, y, w, h) => {
    const part = x === null ? partOf(state.eta.Momentum, map) + y[0] / WIDE : (x - 40) / (w - 48);
    const mu = x === null ? state.mu + y[1] * MOST / HIGH : MOST * (1 - (y - 8) / (h - 46));
    state.eta.Momentum = Number(etaAt(Math.max(0, Math.min(1, part)), map).toPrecision(3));
    state.mu = Number(Math.max(0, Math.min(MOST, mu)).toFixed(3));
    state.on.Momentum = true;
    sync();
    changed(false);
  });

  // ---- Controls.

  const own = data.landscapes.length;
  const places = [...data.landscapes.map((land, i) => [String(i), land.name]), [String(own), say("la tuya (fórmula)", "your own (formula)")]];
  const place = select(say("función", "function"), places, "0", v => {
    state.place = Number(v);
    writing.hidden = state.place !== own;
    if (state.place === own) return void write();
    enter(data.landscapes[state.place]);
    changed(true);
  });
  const formula = make("input", { type: "text", class: "grow", spellcheck: "false", value: "x^2 + 10*sin(y)^2 + y^2/4", "aria-label": "C(x, y)" });
  const sides = ["x", "y"].map(name => [-4, 4].map((v, i) => make("input", { type: "number", step: "any", value: v, "aria-label": `${name}, ${i ? say("hasta", "to") : say("desde", "from")}` })));
  const problem = make("span", { class: "problem", role: "status" });
  function write() {
    try {
      const window = sides.map(pair => pair.map(input => Number(input.value)));
      if (window.some(([from, to]) => !(from < to))) throw new Error(say("La ventana ha de ir de menor a mayor.", "The window must go from low to high."));
      const start = window.map(([from, to]) => from + (to - from) * 0.2);
      enter({ name: formula.value, formula: formula.value, window, start, minima: [] });
      problem.textContent = "";
      changed(true);
    } catch (error) {
      problem.textContent = error.message;
    }
  }
  for (const input of [formula, ...sides.flat()]) input.addEventListener("change", write);
  const writing = make("div", { class: "bar wide" }, make("label", { class: "grow" }, "C(x, y) =", formula), make("span", {}, "x"), ...sides[0], make("span", {}, "y"), ...sides[1], problem);
  writing.hidden = true;
  const methods = KEYS.map(key => {
    const box = check(RULES[key], state.on[key], v => { state.on[key] = v; changed(false); });
    if (key !== "Adam") box.element.style.color = kit.legible(colourOf(key));
    box.element.style.fontWeight = "600";
    const eta = slider("η " + RULES[key], { min: 1e-4, max: 10, log: true, digits: 3, value: state.eta[key], act: v => { state.eta[key] = v; changed(false); } });
    // The name stands beside it already.
    eta.element.firstChild.textContent = "η";
    return { key, box, eta };
  });
  const mu = slider("μ (Momentum, NAG)", { min: 0, max: 0.99, value: state.mu, act: v => { state.mu = v; changed(false); } });
  const beta1 = slider("β₁ (Adam)", { min: 0, max: 0.99, value: state.beta1, act: v => { state.beta1 = v; changed(false); } });
  const beta2 = slider("β₂ (Adam)", { values: [0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9999], value: state.beta2, format: String, act: v => { state.beta2 = v; changed(false); } });
  const rho = slider("ρ (RMSProp)", { min: 0, max: 0.99, value: state.rho, act: v => { state.rho = v; changed(false); } });
  const noise = slider(say("ruido σ", "noise σ"), { values: [0, 0.01, 0.03, 0.1, 0.3, 1, 3, 10], value: 0, act: v => { state.noise = v; changed(false); } });
  const seed = whole(say("semilla", "seed"), 0, 999, 0, v => { state.seed = v; changed(false); });
  const steps = slider(say("pasos", "steps"), { values: [20, 50, 100, 150, 200, 300, 500, 1000, 2000], value: state.steps, act: v => { state.steps = v; changed(false); } });
  function sync() {
    for (const { key, box, eta } of methods) {
      box.set(state.on[key]);
      eta.set(state.eta[key]);
    }
    mu.set(state.mu);
  }

  const rows = Object.fromEntries(KEYS.map(key => [key, kit.row(RULES[key], 3, key === "Adam" ? undefined : colourOf(key))]));
  const table = kit.table(say("Dónde está cada uno", "Where each of them is"), ["", say("paso", "step"), "C", "(x, y)"], KEYS.map(key => rows[key]));
  const mapText = make("p", {});
  const swatches = methods.flatMap(({ box, eta }) => {
    const pair = make("span", { class: "pair" }, box.element, eta.element);
    return [pair];
  });
  kit.show(make("div", { class: "bar" }, place.element, writing), walk.element,
    make("div", { class: "runs" }, make("div", {}, ground.element, make("p", {}, say("Pulsa o arrastra para elegir dónde se empieza.", "Press or drag to choose where to start."))), make("div", {}, plot.element, mapText)),
    make("div", { class: "runs" }, make("div", {}, costs.element), table),
    kit.groups(group(say("Métodos", "Methods"), ...swatches), group(say("Hiperparámetros", "Hyperparameters"), mu, beta1, beta2, rho, noise, seed, steps)));
  enter(data.landscapes[0]);
  descend();
  restartMap();
  walk.begin();
  return { state, runs: () => runs, map: () => map, land: () => land, shown: () => walk.at };
}
