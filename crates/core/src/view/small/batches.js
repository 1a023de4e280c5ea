// Mini-batches of four sizes on the way to a line: from the same start, with the same work; and how far a batch's gradient is from
// that of all examples.
function (host, data, trainer, kit, line) {
  "use strict";
  const { say, make, short, slider, select, check, whole, group, show, row, fill, table, theme, COLOURS } = kit;
  const N = data.x.length, SIZES = [...new Set([1, 8, 64, N])].filter(m => m <= N).sort((a, b) => a - b), DRAWS = 100;
  const best = line.fit(data), rest = data.y.map((y, i) => y - best[0] * data.x[i] - best[1]);
  const around = (v, by) => [Math.round(10 * (v - by)) / 10, Math.round(10 * (v + by)) / 10], WINDOW = [around(best[0], 2.5), around(best[1], 2.5)];
  const state = { eta: data.eta, epochs: 3, seed: 0, noise: 1, place: "start", start: [WINDOW[0][0] + 0.3, WINDOW[1][1] - 0.5], on: SIZES.map(() => true) };
  const GRID = Array.from({ length: Math.floor(Math.log2(N)) + 1 }, (_, i) => 2 ** i).concat(Number.isInteger(Math.log2(N)) ? [] : [N]);
  let points = null, lowest = 0, ways = [], noise = null;

  const colour = i => COLOURS[i];
  function load() {
    const at = { x: Float32Array.from(data.x), y: Float32Array.from(data.x, (x, i) => best[0] * x + best[1] + state.noise * rest[i]) };
    if (state.noise === 1) at.y.set(data.y);
    points = { ...at, value: (w, b) => line.cost(at, w, b) };
    lowest = points.value(...best);
  }
  function changed() {
    const { start, epochs, eta, seed } = state;
    ways = SIZES.map(m => {
      const way = line.way(points, start, m, epochs, eta, seed);
      return { ...way, m, costs: way.points.map(([w, b]) => points.value(w, b)) };
    });
    noise = line.spread(points, state.place === "start" ? start : best, GRID, DRAWS, seed);
    walk.changed();
  }
  /// The last step of a way for which so many examples have been seen.
  const upTo = ({ seen }) => {
    let [low, high] = [0, seen.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (seen[middle] <= walk.at) low = middle;
      else high = middle - 1;
    }
    return low;
  };

  const ground = kit.map(320, () => ({
    value: points.value, window: WINDOW, names: ["w", "b"], minima: [best], start: state.start,
    ways: ways.map((way, i) => ({ points: way.points, to: upTo(way), colour: colour(i) })).filter((_, i) => state.on[i]),
  }), (w, b) => {
    state.start = [w, b];
    changed();
  });
  const costs = kit.canvas("", 220, (c, w, h) => kit.chart(c, w, h, ways.filter((_, i) => state.on[i]).map(way => (
    { points: way.costs.slice(0, upTo(way) + 1).map((v, t) => [way.seen[t] / N, v - lowest]), colour: colour(SIZES.indexOf(way.m)) }
  )), say("época", "epoch"), say("C − C mínimo", "C − lowest C")));
  const spread = kit.canvas("", 220, (c, w, h) => {
    const m = GRID.filter(m => m < N), law = k => GRID.map(m => [m, noise.sigma / Math.sqrt(m) * Math.sqrt(k ? (N - m) / (N - 1) : 1)]);
    kit.chart(c, w, h, [
      { points: law(false), colour: theme().text, dash: [2, 3] }, { points: law(true).slice(0, m.length), colour: COLOURS[0] },
      { points: [[1, noise.length], [N, noise.length]], colour: COLOURS[2], dash: [7, 4] },
      { points: m.map((m, i) => [m, noise.measured[i]]), colour: COLOURS[1], dots: true },
    ], "m", say("‖g_m − g‖ (■), σ/√m (···), sin repetir (—), ‖g‖ (- -)", "‖g_m − g‖ (■), σ/√m (···), no repeats (—), ‖g‖ (- -)"), [1, N]);
  });
  const rows = SIZES.map((m, i) => row(`m = ${m}`, 5, colour(i)));
  const summary = () => ways.filter((_, i) => state.on[i]).map(way => `m = ${way.m}: C − C₀ = ${short(way.costs[upTo(way)] - lowest)}`).join("; ");
  function refresh() {
    ways.forEach((way, i) => {
      const t = upTo(way), [w, b] = way.points[t];
      const apart = noise.sigma * Math.sqrt((N - way.m) / (N - 1) / way.m);
      fill(rows[i], [String(t) + (way.lost && t === way.points.length - 1 ? say(", diverge", ", diverges") : ""), `(${short(w)}, ${short(b)})`, short(way.costs[t] - lowest), short(apart), short(noise.length / apart)]);
      rows[i].hidden = !state.on[i];
    });
    for (const picture of [ground, costs, spread]) picture.paint();
    if (walk.running) return;
    ground.describe(say(`${walk.at} ejemplos vistos. `, `${walk.at} examples seen. `) + summary() + say(". Flechas: mover el punto de partida.", ". Arrows: move the start."));
    costs.describe(say("Coste por época. ", "Cost by epoch. ") + summary());
    spread.describe(GRID.map((m, i) => `m = ${m}: ${short(noise.measured[i])}`).join("; ") + `; ‖g‖ = ${short(noise.length)}`);
  }
  const walk = kit.player({ last: () => state.epochs * N, draw: refresh, said: summary, unit: say("ejemplos vistos", "examples seen") });

  const act = key => v => { state[key] = v; changed(); };
  const sizes = SIZES.map((m, i) => {
    const box = check(`m = ${m}`, true, v => { state.on[i] = v; refresh(); });
    box.element.style.color = kit.legible(colour(i));
    box.element.style.fontWeight = "600";
    return box;
  });
  show(kit.groups(
    group(say("Tamaño del batch", "Batch size"), ...sizes, slider("η", { min: 0.01, max: 3, log: true, value: state.eta, act: act("eta") }), slider(say("épocas", "epochs"), { values: [1, 2, 3, 5, 10, 20, 30], value: state.epochs, act: act("epochs") })),
    group(say("Ruido", "Noise"), slider(say("ruido de los datos", "noise of the data"), { values: [0, 0.1, 0.25, 0.5, 1, 2], value: 1, format: v => "× " + v, act: v => { state.noise = v; load(); changed(); } }),
      whole(say("semilla", "seed"), 0, 999, 0, act("seed")), select(say("gradiente medido en", "gradient measured at"), [["start", say("la salida", "the start")], ["best", say("el mínimo", "the minimum")]], state.place, act("place")))),
  walk.element,
  make("div", { class: "runs" }, make("div", {}, ground.element, make("p", {}, say("Pulsa o arrastra para elegir dónde se empieza.", "Press or drag to choose where to start."))), make("div", {}, costs.element, spread.element)),
  table(say("Tamaño por tamaño", "Size by size"), ["", say("pasos", "steps"), "(w, b)", say("C − C mínimo", "C − lowest C"), "σ_m = ‖g_m − g‖", "‖g‖ / σ_m"], rows));
  load();
  changed();
  return { state, ways: () => ways, noise: () => noise, at: () => walk.at };
}
