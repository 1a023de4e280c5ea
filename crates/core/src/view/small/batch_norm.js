// Batch normalisation of one unit: what comes in, what each knob moves, and the running statistics of test time.
function (host, data, trainer, kit) {
  "use strict";
  const { say, make, button, short, slider, select, group, show, row, fill, table, theme, COLOURS } = kit;
  const N = 2000, BINS = 48, DRAWS = 200, f = Math.fround;
  const state = { mean: 3, deviation: 2, gamma: 1, beta: 0, m: 32, activation: "tanh", mode: "train", keep: 0.9 };
  // Two bumps, so that one sees what becomes of the shape; mean 0 and deviation 1.
  const shape = (() => {
    const rng = new trainer.Rng(0), raw = Array.from({ length: N }, (_, i) => (i % 4 ? -0.5 : 1.5) + 0.5 * rng.normal());
    const mean = raw.reduce((a, b) => a + b) / N, deviation = Math.sqrt(raw.reduce((sum, v) => sum + (v - mean) ** 2, 0) / N);
    return raw.map(v => (v - mean) / deviation);
  })();
  let z = null, batch = null, own = null, unit = null, rng = null, track = [], seen = [];

  const layer = () => trainer.network(1, [{ kind: "batchNorm", keep: state.keep }], 0);
  const draw = rng => Float32Array.from({ length: state.m }, () => z[rng.below(N)]);
  /// The running statistics follow one more batch.
  function next() {
    batch = draw(rng);
    unit.forward(batch, state.m, {});
    const { mean, variance, batchMean, batchVariance } = unit.layers[0];
    own = [batchMean[0], batchVariance[0]];
    track.push([(track.length ? track[track.length - 1][0] : 0) + 1, Math.abs(mean[0] - state.mean) / state.deviation, Math.abs(variance[0] / state.deviation ** 2 - 1)]);
    if (track.length > 2000) track.shift();
  }
  /// What comes in has changed; the running statistics do not know yet.
  function changed() {
    z = Float32Array.from(shape, v => state.mean + state.deviation * v);
    batch = draw(new trainer.Rng(3));
    own = moments(Array.from(batch)).map((v, i) => (i ? v * v : v));
    // One example with others, again and again.
    const other = layer(), others = new trainer.Rng(2), example = f(state.mean + state.deviation);
    seen = Array.from({ length: DRAWS }, () => {
      const rows = draw(others);
      rows[0] = example;
      return other.forward(rows, state.m, {})[0];
    });
    refresh();
  }
  function restart() {
    rng = new trainer.Rng(1);
    unit = layer();
    track = [];
    changed();
    more(20);
  }

  /// The mean and the variance that are used now.
  function used() {
    const { mean, variance } = unit.layers[0];
    return state.mode === "train" ? own : [mean[0], variance[0]];
  }
  const stages = () => {
    const [mean, variance] = used(), by = Math.sqrt(variance + unit.layers[0].epsilon), { value } = trainer.ACTIVATIONS[state.activation];
    const hat = v => (v - mean) / by, out = v => state.gamma * hat(v) + state.beta;
    return [v => v, hat, out, v => value(f(out(v)))];
  };
  const moments = values => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    return [mean, Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length)];
  };
  const saturated = () => {
    const { slope, value } = trainer.ACTIVATIONS[state.activation], out = stages()[2];
    return z.reduce((sum, v) => sum + (Math.abs(slope(value(f(out(v))))) < 0.01), 0) / N;
  };

  const NAMES = () => ["z", "ẑ", "γẑ + β", { tanh: "tanh(γẑ + β)", sigmoid: "σ(γẑ + β)", relu: "ReLU(γẑ + β)" }[state.activation]];
  const pictures = [0, 1, 2, 3].map(k => kit.canvas("", 150, (c, w, h) => {
    const stage = stages()[k], values = Array.from(z, stage), { text, faint } = theme();
    // One scale for z, ẑ and what comes out, so that one sees them move.
    const most = k === 3 ? (state.activation === "relu" ? 6 : 1.05) : Math.max(8, Math.abs(state.mean) + 4 * state.deviation);
    const X = v => w / 2 + (w / 2 - 8) * v / most, counts = new Array(BINS).fill(0), low = h - 30;
    for (const v of values) counts[Math.max(0, Math.min(BINS - 1, Math.floor((v + most) / (2 * most) * BINS)))]++;
    const high = Math.max(...counts), width = (w - 16) / BINS;
    c.strokeStyle = faint;
    c.beginPath();
    c.moveTo(X(0), 16);
    c.lineTo(X(0), low);
    c.stroke();
    c.fillStyle = COLOURS[k ? 0 : 4];
    counts.forEach((count, i) => { if (count) c.fillRect(8 + i * width, low - Math.max(1.5, (low - 18) * count / high), width - 0.5, Math.max(1.5, (low - 18) * count / high)); });
    // The examples of the batch.
    c.fillStyle = COLOURS[1];
    for (const v of batch) c.fillRect(X(Math.max(-most, Math.min(most, stage(v)))) - 1, low + 2, 2, 7);
    c.fillStyle = text;
    c.textAlign = "center";
    for (const v of [-most, 0, most]) c.fillText(short(v), Math.max(14, Math.min(w - 14, X(v))), h - 4);
    c.textAlign = "left";
    c.font = "bold 11px system-ui, sans-serif";
    c.fillText(NAMES()[k], 4, 11);
  }));
  const far = kit.canvas("", 180, (c, w, h) => kit.chart(c, w, h, [
    { points: track.map(([t, mean]) => [t, mean]), colour: COLOURS[0] }, { points: track.map(([t, , variance]) => [t, variance]), colour: COLOURS[1], dash: [5, 4] },
  ], say("batches vistos", "batches seen"), say("error de μ en σ (—), error relativo de σ² (- -)", "error of μ in σ (—), relative error of σ² (- -)")));
  const rows = [say("todos los z", "all z"), say("este batch", "this batch"), say("móviles", "running")].map(name => row(name, 2));
  const after = ["z", "ẑ", "γẑ + β"].map(name => row(name, 2));
  const words = make("p", { role: "status" });
  function refresh() {
    const { mean: [running], variance: [runningVariance], epsilon } = unit.layers[0], two = (mean, variance) => [short(mean), short(variance)];
    fill(rows[0], two(state.mean, state.deviation ** 2));
    fill(rows[1], two(...own));
    fill(rows[2], two(running, runningVariance));
    stages().slice(0, 3).forEach((stage, k) => fill(after[k], moments(Array.from(z, stage)).map(v => short(Math.abs(v) < 1e-6 ? 0 : v))));
    const at = f(state.mean + state.deviation), test = (at - running) / Math.sqrt(runningVariance + epsilon);
    const [mean, deviation] = moments(seen), share = (100 * saturated()).toFixed(0);
    const out = v => short(state.gamma * v + state.beta), wide = short(Math.abs(state.gamma) * deviation);
    words.textContent = say(
      `Saturadas: ${share} %. El ejemplo z = ${short(at)} sale ${out(mean)} ± ${wide} en entrenamiento, según con quién esté (${DRAWS} batches de ${state.m}), y siempre ${out(test)} en el test, con las medias móviles.`,
      `Saturated: ${share} %. The example z = ${short(at)} gives ${out(mean)} ± ${wide} in training, depending on its company (${DRAWS} batches of ${state.m}), and always ${out(test)} at test time, with the running statistics.`);
    pictures.forEach((picture, k) => {
      picture.paint();
      const [mean, deviation] = moments(Array.from(z, stages()[k]));
      picture.describe(say(`Histograma de ${NAMES()[k]}: media ${short(mean)}, desviación ${short(deviation)}`, `Histogram of ${NAMES()[k]}: mean ${short(mean)}, deviation ${short(deviation)}`));
    });
    far.paint();
    const last = track[track.length - 1] || [0, Math.abs(running - state.mean) / state.deviation, Math.abs(runningVariance / state.deviation ** 2 - 1)];
    far.describe(say(`Tras ${last[0]} batches: la media móvil está a ${short(last[1])} σ de la verdadera; la varianza, a ${short(100 * last[2])} %.`, `After ${last[0]} batches: the running mean is ${short(last[1])} σ from the true one; the variance, ${short(100 * last[2])} %.`));
  }
  function more(count) {
    for (let i = 0; i < count; i++) next();
    refresh();
    kit.tell(words.textContent);
  }

  const knob = (name, key, range, act) => slider(name, { ...range, value: state[key], act: v => { state[key] = v; act(); } });
  show(
    kit.groups(
      group(say("Lo que llega", "What comes in"), knob(say("media de z", "mean of z"), "mean", { min: -10, max: 10 }, changed), knob(say("desviación de z", "deviation of z"), "deviation", { min: 0.1, max: 10, log: true }, changed),
        knob("m", "m", { values: [2, 4, 8, 16, 32, 64, 128, 256] }, changed)),
      group("γẑ + β", knob("γ", "gamma", { min: -4, max: 4 }, refresh), knob("β", "beta", { min: -5, max: 5 }, refresh),
        select("f", [["tanh", "tanh"], ["sigmoid", say("sigmoide", "sigmoid")], ["relu", "ReLU"]], state.activation, v => { state.activation = v; refresh(); })),
      group(say("Estadísticas", "Statistics"), select(say("se normaliza con", "normalised by"), [["train", say("las del batch (entrenamiento)", "the batch's (training)")], ["test", say("las móviles (test)", "the running ones (test)")]], state.mode, v => { state.mode = v; refresh(); }),
        knob("ρ", "keep", { values: [0, 0.5, 0.9, 0.99, 0.999], format: String }, restart))),
    make("div", { class: "bar" }, button("|◀", say("Empezar de nuevo", "Start again"), restart), ...[1, 10, 100].map(count => button("+" + count, say(`${count} batches más`, `${count} more batches`), () => more(count)))),
    make("div", { class: "runs" }, ...pictures.map(picture => make("div", {}, picture.element))), words,
    make("div", { class: "runs" }, make("div", {}, far.element), make("div", {}, table(say("Media y varianza", "Mean and variance"), ["", "μ", "σ²"], rows), table(say("Antes y después", "Before and after"), ["", say("media", "mean"), say("desviación", "deviation")], after))));
  restart();
  return { state, unit: () => unit, track: () => track, seen: () => seen };
}
