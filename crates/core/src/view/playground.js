// The playground: networks that train in the page, by trainer.js, while their knobs are turned. Every change starts again from the
// same seed, so that what is seen is what the same network does in Rust.
function (host, data, trainer, kit) {
  "use strict";
  const { say, make, button, short, slider, select, check, whole, group, theme, rgb, COLOURS } = kit;
  const SIDE = 40, HALF = SIDE / 2, SHOWN = 8, BINS = 24;
  const MADE = {
    spirals: { name: say("espirales", "spirals"), noise: 0.03, call: n => `spirals(${n}, 2, ` },
    moons: { name: say("lunas", "moons"), noise: 0.1, call: n => `moons(${n}, ` },
    circles: { name: say("círculos", "circles"), noise: 0.05, call: n => `circles(${n}, ` },
    xor: { name: "xor", noise: 0.3, call: n => `xor(${n}, ` },
  };
  const ACTIVATION = { tanh: "tanh", relu: "ReLU", leaky: "leaky ReLU", sigmoid: say("sigmoide", "sigmoid"), linear: say("lineal", "linear") };
  const IN_RUST = { tanh: "Tanh", relu: "Relu", leaky: "LeakyRelu(0.01)", sigmoid: "Sigmoid", linear: "Linear" };
  const INITS = ["Xavier", "He", "XavierUniform", "HeUniform", "Normal", "Zeros"];
  const RULES = { Sgd: "SGD", Momentum: "Momentum", Nag: "NAG", Adagrad: "Adagrad", RmsProp: "RMSProp", Adadelta: "Adadelta", Adam: "Adam", AdamW: "AdamW" };
  const COSTS = {
    CrossEntropy: say("entropía cruzada (softmax)", "cross-entropy (softmax)"),
    BinaryCrossEntropy: say("entropía cruzada binaria", "binary cross-entropy"),
    Quadratic: say("cuadrático (sigmoide)", "quadratic (sigmoid)"),
  };
  const BATCHES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
  const LAMBDAS = [0, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1];
  const PACES = { step: say("1 batch", "1 batch"), 1: say("1 época", "1 epoch"), 5: say("5 épocas", "5 epochs"), 25: say("25 épocas", "25 epochs") };
  const USUAL = { hidden: [8, 8], activation: "tanh", init: "Xavier", sigma: 1, batchNorm: false, dropout: 0, l1: 0, l2: 0,
    cost: "CrossEntropy", rule: "Sgd", eta: 0.3, batch: 32 };
  const named = Object.fromEntries(data.sets.map((set, i) => ["set" + (i + 1), set]));

  const first = data.presets.length ? { ...USUAL, ...data.presets[0].settings } : { ...USUAL };
  const state = {
    data: { name: data.sets.length ? "set1" : "spirals", n: 200, noise: 0.03, seed: 0, validation: data.validation, points: [] },
    seed: data.seed, pace: "1", patience: 0, runs: [first],
  };
  let active = 0, runs = [], train = null, validation = null, plane = null, drawing = false, pen = 0, chosen = "";
  const colourOf = i => COLOURS[i % COLOURS.length];

  // ---- Data.

  function points() {
    const { name, n, noise, seed, points } = state.data;
    if (MADE[name]) return trainer.DATA[name](n, noise, seed);
    const flat = name === "drawn" ? points : named[name].points;
    const count = flat.length / 3, x = new Float32Array(2 * count), labels = [];
    for (let i = 0; i < count; i++) {
      [x[2 * i], x[2 * i + 1]] = [flat[3 * i], flat[3 * i + 1]];
      labels.push(flat[3 * i + 2]);
    }
    return { x, labels, n: count, classes: name === "drawn" ? 2 : named[name].classes };
  }
  function load() {
    const all = points(), cut = Math.round(all.n * (1 - state.data.validation));
    const whole = state.data.validation === 0 || cut < 1 || cut >= all.n;
    [train, validation] = whole ? [all, null] : trainer.split(all, 1 - state.data.validation, state.data.seed);
    const range = axis => {
      const own = Array.from({ length: all.n }, (_, i) => all.x[2 * i + axis]);
      const [low, high] = state.data.name === "drawn" ? [-1, 1] : [Math.min(...own), Math.max(...own)];
      const margin = 0.08 * (high - low || 1);
      return [low - margin, high + margin];
    };
    plane = { x: range(0), y: range(1), grid: new Float32Array(2 * SIDE * SIDE) };
    for (let row = 0, k = 0; row < SIDE; row++) {
      for (let column = 0; column < SIDE; column++) {
        plane.grid[k++] = plane.x[0] + (plane.x[1] - plane.x[0]) * (column + 0.5) / SIDE;
        plane.grid[k++] = plane.y[1] - (plane.y[1] - plane.y[0]) * (row + 0.5) / SIDE;
      }
    }
  }

  // ---- A run: a network on its way.

  const initOf = s => (s.init === "Normal" ? { kind: "Normal", value: s.sigma } : { kind: s.init });
  function build(settings) {
    const run = { settings, costs: [], checks: [], epoch: 0, problem: "" };
    const classes = train.classes, { batch } = settings;
    const layers = [], penalty = { l1: settings.l1, l2: settings.l2 };
    run.blocks = settings.hidden.map(units => {
      const block = { dense: layers.length };
      const f = settings.activation;
      layers.push({ kind: "dense", units, init: initOf(settings), activation: settings.batchNorm ? "linear" : f, ...penalty });
      if (settings.batchNorm) layers.push({ kind: "batchNorm", activation: f });
      block.shown = layers.length - 1;
      if (settings.dropout > 0) layers.push({ kind: "dropout", p: settings.dropout });
      return block;
    });
    const single = settings.cost !== "CrossEntropy" && classes === 2;
    run.blocks.push({ dense: layers.length, shown: layers.length });
    layers.push({ kind: "dense", units: single ? 1 : classes, init: initOf(settings), activation: settings.cost === "Quadratic" ? "sigmoid" : "linear", ...penalty });
    run.net = trainer.network(2, layers, state.seed);
    const rest = train.n % batch || batch;
    if (train.n < 2) run.problem = say("Hacen falta al menos dos puntos: dibújalos.", "At least two points are needed: draw them.");
    else if (settings.cost === "BinaryCrossEntropy" && classes !== 2) {
      run.problem = say("La entropía cruzada binaria necesita dos clases; estos datos tienen otras.", "Binary cross-entropy needs two classes; these data have others.");
    } else if (settings.batchNorm && Math.min(rest, batch, train.n) === 1) {
      run.problem = say(`La batch normalization no puede calcular la varianza de un batch de un solo ejemplo: con ${train.n} ejemplos elige otro tamaño de batch.`,
        `Batch normalisation has no variance to learn from in a batch of one example: with ${train.n} examples choose another batch size.`);
    }
    if (!run.problem) {
      run.training = trainer.training(run.net, train, { cost: settings.cost, batch, seed: state.seed, rule: { kind: settings.rule, eta: settings.eta } });
      run.training.ratios = true;
      note(run);
    }
    return run;
  }
  function note(run) {
    const { net, settings } = run;
    run.now = net.evaluate(train, settings.cost);
    run.costs.push([run.epoch, run.now.cost]);
    run.check = validation && net.evaluate(validation, settings.cost);
    if (run.check) run.checks.push([run.epoch, run.check.cost]);
    // Where early stopping would go back to; the start counts for nothing.
    if (run.check && run.epoch && !(run.best && run.best[1] <= run.check.cost)) {
      run.best = [run.epoch, run.check.cost];
      run.kept = numbers(net).map(list => list.slice());
    }
    // A long training keeps every second number.
    if (run.costs.length > 4000) for (const list of ["costs", "checks"]) run[list] = run[list].filter((_, i) => i % 2 === 0);
  }
  /// Everything that a network has learned.
  const numbers = net => net.layers.flatMap(layer => [...layer.params.map(param => param.w), ...(layer.kind === "batchNorm" ? [layer.mean, layer.variance] : [])]);
  const done = run => run.problem || run.stopped;
  /// One mini-batch.
  function advance(run) {
    if (done(run) || run.training.diverged) return;
    run.training.step();
    if (run.training.diverged) {
      run.problem = say(`Diverge en la época ${run.epoch + 1}: el coste deja de ser un número. Prueba con un η menor.`,
        `It diverges in epoch ${run.epoch + 1}: the cost is no longer a number. Try a smaller η.`);
    } else if (run.training.between) {
      run.epoch++;
      note(run);
      if (!state.patience || !run.check || run.epoch - run.best[0] < state.patience) return;
      // As the library's early stopping: the weights of the best epoch come back.
      run.stopped = true;
      numbers(run.net).forEach((list, i) => list.set(run.kept[i]));
      run.now = run.net.evaluate(train, run.settings.cost);
      run.check = run.net.evaluate(validation, run.settings.cost);
    }
  }
  function advanceEpoch(run) {
    do advance(run); while (!done(run) && !run.training.between);
  }

  function restart() {
    load();
    runs = state.runs.map(build);
    // The pictures of the runs are made anew where their number changed.
    if (shelf.children.length !== runs.length) shelf.replaceChildren(...runs.map((_, i) => (views[i] ||= view(i)).element));
    names();
    refresh(true);
  }

  // ---- Pictures.

  // Colours from -1, blue, over the ground at 0 to 1, orange: strong ones for neurons, pale ones under the points.
  const sheet = make("canvas", {}), ink = sheet.getContext("2d", { willReadFrequently: true });
  [sheet.width, sheet.height] = [SIDE, SIDE];
  let pixels = null, image = null, palettes = null;
  function room(height) {
    if (!image || image.height < height) {
      sheet.height = height;
      image = ink.createImageData(SIDE, height);
      pixels = new Uint32Array(image.data.buffer);
    }
    const { dark, ground } = theme();
    if (palettes && palettes.dark === dark) return;
    const pixel = colour => (255 << 24 | colour[2] << 16 | colour[1] << 8 | colour[0]) >>> 0;
    const mixed = (colour, part) => pixel(ground.map((c, i) => Math.round(c + (colour[i] - c) * part)));
    const both = most => Uint32Array.from({ length: 257 }, (_, i) => mixed(rgb(COLOURS[i < 128 ? 0 : 1]), most * Math.abs(i - 128) / 128));
    palettes = { dark, strong: both(1), pale: both(0.6), classes: COLOURS.map(c => Uint32Array.from({ length: 257 }, (_, i) => mixed(rgb(c), 0.6 * i / 256))) };
  }
  const level = v => (v <= -1 ? 0 : v >= 1 ? 256 : v === v ? Math.round(128 + 128 * v) : 128);

  /// The answer over the plane: from -1, class 0, to 1, class 1; the likeliest class and how sure, where there are more.
  function answer(run, outputs) {
    const m = run.net.outputs, { cost } = run.settings;
    if (m === 1) return i => (cost === "Quadratic" ? 2 * outputs[i] - 1 : 2 * trainer.sigmoid(outputs[i]) - 1);
    return i => {
      let best = 0, sum = 0;
      for (let j = 1; j < m; j++) if (outputs[i * m + j] > outputs[i * m + best]) best = j;
      if (cost === "CrossEntropy") for (let j = 0; j < m; j++) sum += Math.exp(outputs[i * m + j] - outputs[i * m + best]);
      const sure = ((cost === "CrossEntropy" ? 1 / sum : Math.max(0, outputs[i * m + best])) - 1 / m) / (1 - 1 / m);
      return m === 2 ? (best ? sure : -sure) : [best, Math.max(0, sure)];
    };
  }
  function neuron(run, block, j) {
    const layer = run.net.layers[run.blocks[block].shown], { a, m, activation } = layer;
    if (activation === "tanh") return i => a[i * m + j];
    if (activation === "sigmoid") return i => 2 * a[i * m + j] - 1;
    let most = 1e-9;
    for (let i = 0; i < SIDE * SIDE; i++) most = Math.max(most, Math.abs(a[i * m + j]));
    return i => a[i * m + j] / most;
  }
  const feature = axis => i => (axis ? 1 - 2 * (Math.floor(i / SIDE) + 0.5) / SIDE : 2 * ((i % SIDE) + 0.5) / SIDE - 1);
  /// The large picture at the top of the sheet, and below it two small ones, of every second place, beside each other.
  function paintSheet(large, smalls) {
    room(SIDE + HALF * Math.ceil(smalls.length / 2));
    const { strong, pale, classes } = palettes;
    for (let i = 0; i < SIDE * SIDE; i++) {
      const v = large(i);
      pixels[i] = typeof v === "number" ? pale[level(v)] : classes[v[0] % COLOURS.length][Math.round(256 * Math.min(1, v[1]))];
    }
    smalls.forEach((value, k) => {
      let at = (SIDE + HALF * (k >> 1)) * SIDE + HALF * (k & 1);
      for (let row = 0; row < HALF; row++, at += SIDE - HALF) for (let column = 0; column < HALF; column++) pixels[at++] = strong[level(value(2 * row * SIDE + 2 * column))];
    });
    ink.putImageData(image, 0, 0);
  }

  function view(index) {
    const v = { at: 0 };
    v.heading = make("h4", {});
    v.status = make("p", {});
    v.picture = kit.canvas("", 300, (c, w, h) => drawNetwork(c, w, h, runs[index], v));
    v.rows = make("tbody", {});
    const head = [say("capa", "layer"), say("activaciones", "activations"), say("gradientes", "gradients"), say("saturadas", "saturated"),
      say("muertas", "dead"), "‖∂C/∂W‖", "‖ΔW‖/‖W‖"].map(text => make("th", { scope: "col" }, text));
    const table = make("table", {}, make("caption", { class: "hidden" }, say("Capa por capa", "Layer by layer")), make("thead", {}, make("tr", {}, ...head)), v.rows);
    v.element = make("div", {}, v.heading, v.status, v.picture.element, make("div", { class: "scroll" }, table));
    const canvas = v.picture.element;
    canvas.addEventListener("pointerdown", event => {
      const place = canvas.getBoundingClientRect(), x = event.clientX - place.left, y = event.clientY - place.top;
      const hit = v.spots && v.spots.find(s => x >= s.x && x < s.x + s.size && y >= s.y && y < s.y + s.size);
      if (!hit) return;
      if (hit.plane && drawing) {
        const [u, t] = [(x - hit.x) / hit.size, (y - hit.y) / hit.size];
        draw(plane.x[0] + (plane.x[1] - plane.x[0]) * u, plane.y[1] - (plane.y[1] - plane.y[0]) * t);
      } else if (!hit.plane) choose(chosen === hit.key ? "" : hit.key);
    });
    return v;
  }

  function drawNetwork(c, w, h, run, v) {
    const { text, dark } = theme();
    const size = Math.max(120, Math.min(h - 34, w * 0.42)), left = w - size - 4, top = (h - size) / 2 + 4;
    v.spots = [];
    const net = run.net, widths = [2, ...run.blocks.map(b => net.layers[b.shown].m)];
    const outputs = net.forward(plane.grid, SIDE * SIDE);
    const tile = Math.max(10, Math.min(26, (left - 20) / widths.length * 0.62));
    const X = l => 4 + (left - 34 - tile) * l / (widths.length - 1);
    const shown = widths.map(m => Math.min(SHOWN, m));
    const Y = (l, j) => h / 2 + (j - (shown[l] - 1) / 2) * Math.min((h - 40) / SHOWN, tile + 12) - tile / 2;
    // Weights as edges.
    run.blocks.forEach((block, l) => {
      const { w: weights } = net.layers[block.dense].params[0], m = widths[l + 1];
      for (let i = 0; i < shown[l]; i++) {
        for (let j = 0; j < shown[l + 1]; j++) {
          const weight = weights[i * m + j], strength = Math.abs(weight);
          c.strokeStyle = weight < 0 ? COLOURS[0] : COLOURS[1];
          c.globalAlpha = Math.min(0.9, 0.08 + 0.4 * strength);
          c.lineWidth = Math.min(5, 0.4 + strength);
          c.beginPath();
          c.moveTo(X(l) + tile, Y(l, i) + tile / 2);
          c.lineTo(X(l + 1), Y(l + 1, j) + tile / 2);
          c.stroke();
        }
      }
    });
    c.globalAlpha = 1;
    c.imageSmoothingEnabled = true;
    c.fillStyle = text;
    const [l, j] = chosen.split(".").map(Number);
    const neuronShown = chosen && l < widths.length && j <= widths[l];
    const smalls = [];
    shown.forEach((count, l) => { for (let j = 0; j < count; j++) smalls.push(l ? neuron(run, l - 1, j) : feature(j)); });
    paintSheet(neuronShown ? neuron(run, l - 1, j - 1) : answer(run, outputs), smalls);
    let k = 0;
    for (let l = 0; l < widths.length; l++) {
      for (let j = 0; j < shown[l]; j++) {
        const [x, y, key] = [X(l), Y(l, j), l ? `${l}.${j + 1}` : ""];
        c.drawImage(sheet, HALF * (k & 1), SIDE + HALF * (k >> 1), HALF, HALF, x, y, tile, tile);
        k++;
        c.lineWidth = key && key === chosen ? 3 : 1;
        c.strokeStyle = key && key === chosen ? (dark ? "#fff" : "#000") : "#888";
        c.strokeRect(x, y, tile, tile);
        if (key) v.spots.push({ x, y, size: tile, key });
      }
      c.textAlign = "center";
      const more = widths[l] > shown[l] ? ` (+${widths[l] - shown[l]})` : "";
      c.fillText((l === 0 ? "x₁, x₂" : String(widths[l])) + more, Math.max(X(l) + tile / 2, 18), 12);
    }
    // The large picture: the answer, or the neuron that was chosen.
    c.drawImage(sheet, 0, 0, SIDE, SIDE, left, top, size, size);
    c.strokeStyle = "#888";
    c.lineWidth = 1;
    c.strokeRect(left, top, size, size);
    v.spots.push({ x: left, y: top, size, plane: true });
    c.fillText(neuronShown ? say("neurona ", "neuron ") + chosen : say("respuesta", "answer"), left + size / 2, top - 5);
    const px = x => left + size * (x - plane.x[0]) / (plane.x[1] - plane.x[0]), py = y => top + size * (plane.y[1] - y) / (plane.y[1] - plane.y[0]);
    const dots = (set, hollow) => {
      for (let i = 0; set && i < set.n; i++) {
        const [x, y, label] = [px(set.x[2 * i]), py(set.x[2 * i + 1]), set.labels[i]];
        c.beginPath();
        if (label % 2) c.rect(x - 2.4, y - 2.4, 4.8, 4.8);
        else c.arc(x, y, 2.7, 0, 7);
        c.fillStyle = hollow ? (dark ? "#222" : "#fff") : colourOf(label);
        c.strokeStyle = hollow ? colourOf(label) : dark ? "#000" : "#fff";
        c.lineWidth = hollow ? 1.4 : 0.7;
        c.fill();
        c.stroke();
      }
    };
    dots(train, false);
    dots(validation, true);
    if (drawing && document.activeElement === v.picture.element) {
      c.strokeStyle = text;
      c.beginPath();
      c.moveTo(px(cursor[0]) - 8, py(cursor[1]));
      c.lineTo(px(cursor[0]) + 8, py(cursor[1]));
      c.moveTo(px(cursor[0]), py(cursor[1]) - 8);
      c.lineTo(px(cursor[0]), py(cursor[1]) + 8);
      c.stroke();
    }
  }

  const bars = (element, values, [low, high], colour) => {
    const counts = new Array(BINS).fill(0), c = element.getContext("2d"), { width: w, height: h } = element;
    for (const v of values) if (Number.isFinite(v)) counts[Math.max(0, Math.min(BINS - 1, Math.floor((v - low) / (high - low || 1) * BINS)))]++;
    const most = Math.max(1, ...counts);
    c.clearRect(0, 0, w, h);
    c.fillStyle = colour;
    counts.forEach((count, i) => { if (count) c.fillRect(i * w / BINS, h - Math.max(1.5, h * count / most), w / BINS - 1, h); });
    c.fillStyle = theme().text;
    c.globalAlpha = 0.5;
    c.fillRect(w * (0 - low) / (high - low || 1), 0, 1, h);
    c.globalAlpha = 1;
  };
  /// The table: histograms, saturated and dead units, how long gradients and steps are.
  function measure(run, v) {
    const { net, settings } = run;
    net.gradients(train, settings.cost);
    while (v.rows.children.length > run.blocks.length) v.rows.lastChild.remove();
    run.blocks.forEach((block, l) => {
      let row = v.rows.children[l];
      if (!row) {
        const small = () => Object.assign(make("canvas", { "aria-hidden": "true" }), { width: 156, height: 60 });
        row = make("tr", {}, make("td", {}), make("td", {}, small()), make("td", {}, small()), make("td", {}), make("td", {}), make("td", {}), make("td", {}));
        v.rows.append(row);
      }
      const cells = row.children, layer = net.layers[block.shown], { a, m, activation } = layer, last = l === run.blocks.length - 1;
      const { slope } = trainer.ACTIVATIONS[activation], n = train.n * m, out = a.subarray(0, n);
      let saturated = 0, dead = 0;
      for (let j = 0; j < m; j++) {
        let own = 0;
        for (let i = j; i < n; i += m) if (Math.abs(slope(out[i])) < 0.01) own++;
        saturated += own;
        if (own === train.n) dead++;
      }
      const extent = values => values.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-12);
      const span = activation === "tanh" ? [-1, 1] : activation === "sigmoid" ? [0, 1] : activation === "linear" ? [-extent(out), extent(out)] : [0, extent(out)];
      const { g, ratio } = net.layers[block.dense].params[0], most = extent(g);
      bars(cells[1].firstChild, out, span, COLOURS[0]);
      bars(cells[2].firstChild, g, [-most, most], COLOURS[2]);
      const norm = Math.sqrt(g.reduce((sum, x) => sum + x * x, 0));
      const texts = [last ? say("salida", "output") : l + 1, null, null, (100 * saturated / n).toFixed(0) + " %", `${dead} / ${m}`, short(norm), short(ratio || 0)];
      texts.forEach((text, i) => { if (text !== null && cells[i].textContent !== String(text)) cells[i].textContent = text; });
    });
  }

  const costs = kit.canvas("", 170, (c, w, h) => {
    const lines = runs.flatMap((run, i) => [
      { points: run.costs, colour: COLOURS[i], name: "train" }, { points: run.checks, colour: COLOURS[i], dash: [5, 4] },
    ]);
    const { X, Y } = kit.chart(c, w, h, lines, say("época", "epoch"),
      say("coste: datos de entrenamiento (línea), de validación (rayas; círculo, el más bajo)", "cost: training data (line), validation (dashes; circle, the lowest)"));
    runs.forEach(({ best }, i) => {
      if (!best) return;
      c.strokeStyle = COLOURS[i];
      c.beginPath();
      c.arc(X(best[0]), Y(best[1]), 5, 0, 7);
      c.stroke();
    });
  });

  const title = i => (runs.length > 1 ? "AB"[i] + ": " : "") + summary(runs[i].settings);
  const summary = s => {
    const start = s.init === "Normal" ? `N(0, ${short(s.sigma)})` : s.init;
    return [[2, ...s.hidden, runs[0].net.outputs].join("-"), ACTIVATION[s.activation], start, s.batchNorm ? "batch norm" : "", s.dropout ? `dropout ${s.dropout}` : "",
      `${RULES[s.rule]} η = ${short(s.eta)}`, s.l2 ? `L2 ${s.l2}` : "", s.l1 ? `L1 ${s.l1}` : ""].filter(Boolean).join(", ");
  };
  function status(run) {
    if (run.problem && !run.now) return run.problem;
    const percent = x => (100 * x).toFixed(0) + " %";
    const check = run.check && run.best ? say(`; validación ${short(run.check.cost)}, ${percent(run.check.accuracy)} (el más bajo: ${short(run.best[1])} en la época ${run.best[0]})`,
      `; validation ${short(run.check.cost)}, ${percent(run.check.accuracy)} (lowest: ${short(run.best[1])} in epoch ${run.best[0]})`) : "";
    return say(`Época ${run.epoch}: coste ${short(run.now.cost)}, acierta el ${percent(run.now.accuracy)}`, `Epoch ${run.epoch}: cost ${short(run.now.cost)}, ${percent(run.now.accuracy)} right`)
      + check + (run.stopped ? say(`. Parada: tiene los pesos de la época ${run.best[0]}`, `. Stopped: it has the weights of epoch ${run.best[0]}`) : "") + (run.problem ? ". " + run.problem : "");
  }
  let slow = 0;
  function refresh(all) {
    const now = performance.now(), full = all || now - slow > 200;
    if (full) slow = now;
    runs.forEach((run, i) => {
      const v = views[i];
      v.picture.paint();
      const text = status(run);
      if (v.status.textContent !== text) v.status.textContent = text;
      v.status.className = run.problem ? "problem" : "";
      if (full) {
        if (run.now) measure(run, v);
        v.picture.describe(`${title(i)}. ${text}`);
      }
    });
    if (full || runs[0].costs.length < 400) costs.paint();
    if (full && keep.open && clock.running) code.value = rust(active);
    if (full) costs.describe(say("Coste por época. ", "Cost by epoch. ") + runs.map(status).join(". "));
  }
  function names() {
    runs.forEach((run, i) => { views[i].heading.textContent = title(i); });
    const last = Math.max(...runs.map(run => run.blocks.length));
    const options = [["", say("la respuesta", "the answer")]];
    for (let l = 1; l < last; l++) for (let j = 1; j <= Math.max(...runs.map(run => run.settings.hidden[l - 1] || 0)); j++) options.push([`${l}.${j}`, say("neurona ", "neuron ") + `${l}.${j}`]);
    if (!options.some(([key]) => key === chosen)) chosen = "";
    picked.replaceChildren(...options.map(([key, text]) => make("option", { value: key }, text)));
    picked.value = chosen;
    keepState();
  }
  function choose(key) {
    chosen = key;
    picked.value = key;
    refresh(true);
  }

  // ---- Playing.

  const clock = kit.clock(now => {
    const until = now + 24;
    if (state.pace === "step") runs.forEach(advance);
    else for (let k = 0; k < Number(state.pace) && (k === 0 || performance.now() < until); k++) runs.forEach(advanceEpoch);
    // As it opens it goes as far as the picture for those who see no page, and rests.
    if (opening && runs[0].epoch >= data.until) pause();
    if (runs.every(done)) pause();
    refresh(false);
  });
  let opening = true;
  function label() {
    play.textContent = clock.running ? "❚❚" : "▶";
    play.title = clock.running ? say("Pausa", "Pause") : say("Entrenar", "Train");
    play.setAttribute("aria-label", play.title);
  }
  function start() {
    clock.start();
    label();
  }
  function pause() {
    opening = false;
    clock.stop();
    label();
    refresh(true);
    kit.tell(runs.map((run, i) => (runs.length > 1 ? "AB"[i] + ". " : "") + status(run)).join(". "));
    keepState();
  }
  function changed() {
    opening = false;
    restart();
    kit.tell(status(runs[active]));
  }

  // ---- A state as text, and as Rust.

  function written() {
    const { name, n, noise, seed, validation, points } = state.data;
    const own = MADE[name] ? [name, `n=${n}`, `noise=${noise}`] : name === "drawn" ? [name, "points=" + points.map((v, i) => (i % 3 === 2 ? v : Math.round(100 * v))).join(",")] : [name];
    const shared = [...own, `data=${seed}`, `validation=${validation}`, `seed=${state.seed}`, `pace=${state.pace}`, ...(state.patience ? [`patience=${state.patience}`] : [])];
    const each = s => [s.hidden.join("-") || "none", s.activation, s.init === "Normal" ? `Normal=${s.sigma}` : s.init, s.rule, `eta=${s.eta}`, `batch=${s.batch}`, s.cost,
      s.batchNorm ? "batchnorm" : "", s.dropout ? `dropout=${s.dropout}` : "", s.l2 ? `l2=${s.l2}` : "", s.l1 ? `l1=${s.l1}` : ""].filter(Boolean).join(" ");
    return [shared.join(" "), ...state.runs.map(each)].join(" | ");
  }
  function read(line) {
    const [head, ...rest] = line.split("|").map(part => part.trim().split(/\s+/).filter(Boolean));
    const fail = word => { throw new Error(say(`No entiendo «${word}».`, `“${word}” is not understood.`)); };
    const amount = (word, text, min, max) => {
      const v = Number(text);
      if (text === undefined || text === "" || !(v >= min && v <= max)) fail(word);
      return v;
    };
    const common = { data: { ...state.data, points: [] }, seed: 0, pace: state.pace, patience: 0 };
    for (const word of head) {
      const [key, v] = word.split("=");
      if (v === undefined && (MADE[key] || named[key] || key === "drawn")) common.data.name = key;
      else if (key === "n") common.data.n = Math.round(amount(word, v, 10, 1000));
      else if (key === "noise") common.data.noise = amount(word, v, 0, 2);
      else if (key === "data") common.data.seed = Math.round(amount(word, v, 0, 1e9));
      else if (key === "validation") common.data.validation = amount(word, v, 0, 0.9);
      else if (key === "seed") common.seed = Math.round(amount(word, v, 0, 1e9));
      else if (key === "pace" && PACES[v]) common.pace = v;
      else if (key === "patience") common.patience = Math.round(amount(word, v, 0, 1000));
      else if (key === "points") {
        const list = v ? v.split(",").map((part, i) => (i % 3 === 2 ? Math.round(amount(word, part, 0, 1)) : amount(word, part, -1000, 1000) / 100)) : [];
        if (list.length % 3) fail(word);
        common.data.points = list;
      } else fail(word);
    }
    if (!rest.length || rest.length > 2) fail(line);
    const settings = rest.map(words => {
      const s = { ...USUAL };
      for (const word of words) {
        const [key, v] = word.split("=");
        if (/^\d+(-\d+)*$/.test(word)) s.hidden = word.split("-").map(u => amount(word, u, 1, 64)).slice(0, 6);
        else if (word === "none") s.hidden = [];
        else if (ACTIVATION[word]) s.activation = word;
        else if (key === "Normal" && v) [s.init, s.sigma] = ["Normal", amount(word, v, 1e-4, 100)];
        else if (INITS.includes(word) && word !== "Normal") s.init = word;
        else if (RULES[word]) s.rule = word;
        else if (COSTS[word]) s.cost = word;
        else if (word === "batchnorm") s.batchNorm = true;
        else if (key === "eta") s.eta = amount(word, v, 1e-6, 1000);
        else if (key === "batch") s.batch = Math.round(amount(word, v, 1, 1000));
        else if (key === "dropout") s.dropout = amount(word, v, 0, 0.95);
        else if (key === "l1" || key === "l2") s[key] = amount(word, v, 0, 10);
        else fail(word);
      }
      return s;
    });
    state.data = common.data;
    state.seed = common.seed;
    state.pace = common.pace;
    state.patience = common.patience;
    state.runs = settings;
    active = Math.min(active, settings.length - 1);
  }

  /// The shortest number that is the same in 32 bits.
  const shortest = v => [6, 7, 8, 9].map(digits => Number(v.toPrecision(digits))).find(w => Math.fround(w) === Math.fround(v)) ?? v;
  function rust(index) {
    const s = state.runs[index], run = runs[index], { name, n, noise, seed, validation: part } = state.data;
    const float = v => (Number.isInteger(v) ? v + ".0" : String(v));
    const lines = [];
    if (MADE[name]) lines.push(`let data = Dataset::${MADE[name].call(n)}${float(noise)}, ${seed})?;`);
    else {
      const all = points(), list = Array.from(all.x, v => float(shortest(v)));
      lines.push("let x = vec![");
      for (let i = 0; i < list.length; i += 8) lines.push(`    ${list.slice(i, i + 8).join(", ")},`);
      lines.push("];", `let labels = vec![${all.labels.join(", ")}];`, `let data = Dataset::classification(x, 2, labels, ${all.classes})?;`);
    }
    if (validation) lines.push(`let (train, validation) = data.split(${float(Number((1 - part).toFixed(6)))}, ${seed})?;`);
    const init = s.init === "Normal" ? `Normal(${float(s.sigma)})` : s.init;
    const both = s.l1 && s.l2 ? `Regularizer { l1: ${float(s.l1)}, l2: ${float(s.l2)}, ..Regularizer::default() }` : s.l2 ? `l2(${float(s.l2)})` : `l1(${float(s.l1)})`;
    const weights = `.init(${init})` + (s.l1 || s.l2 ? `.regularizer(${both})` : "");
    lines.push("let mut net = Sequential::input(2)");
    for (const units of s.hidden) {
      const f = s.activation === "linear" && !s.batchNorm ? "" : `.activation(${IN_RUST[s.activation]})`;
      lines.push(`    .dense(${units})${weights}${s.batchNorm ? ".batch_norm()" : ""}${f}${s.dropout ? `.dropout(${float(s.dropout)})` : ""}`);
    }
    lines.push(`    .dense(${run.net.outputs})${weights}${s.cost === "Quadratic" ? ".activation(Sigmoid)" : ""}`, `    .seed(${state.seed});`);
    const stopping = run.stopped ? `.early_stopping(EarlyStopping::patience(${state.patience}))` : "", check = validation ? ".validate(&validation)" + stopping : "";
    lines.push(`let fit = Fit::epochs(${Math.max(1, run.epoch)}).batch(${s.batch}).seed(${state.seed})${check};`);
    lines.push(`net.fit(&${validation ? "train" : "data"}, ${s.cost}, ${s.rule}::new(${float(s.eta)}), fit)?.plot()`);
    return lines.join("\n");
  }

  // ---- Controls.

  const play = button("▶", "", () => (clock.running ? pause() : (opening = false, start())));
  play.className = "play";
  const step = button("+1 batch", say("+1 batch: un paso", "+1 batch: one step"), () => { pause(); runs.forEach(advance); pause(); });
  const epoch = button(say("+1 época", "+1 epoch"), say("+1 época: todos los datos una vez", "+1 epoch: all the data once"), () => { pause(); runs.forEach(advanceEpoch); pause(); });
  const reset = button("|◀", say("Volver al principio, con la misma semilla", "Back to the start, with the same seed"), () => { clock.stop(); label(); changed(); });
  const pace = select(say("velocidad", "speed"), Object.entries(PACES), state.pace, v => { state.pace = v; keepState(); });
  const picked = make("select", { "aria-label": say("en grande", "in the large picture"), onchange: () => choose(picked.value) });

  const onData = change => v => { change(v); changed(); };
  const setOptions = [...data.sets.map((set, i) => ["set" + (i + 1), set.name]), ...Object.entries(MADE).map(([key, { name }]) => [key, name]), ["drawn", say("los tuyos (dibujar)", "your own (draw)")]];
  const source = select(say("datos", "data"), setOptions, state.data.name, v => {
    if (v === "drawn" && !state.data.points.length) {
      // What is there can be added to, in the window of what is drawn.
      const all = points(), centre = axis => (plane[axis][0] + plane[axis][1]) / 2, half = axis => (plane[axis][1] - plane[axis][0]) / 2;
      const own = [];
      for (let i = 0; i < Math.min(all.n, 60); i++) own.push(Number(((all.x[2 * i] - centre("x")) / half("x")).toFixed(2)), Number(((all.x[2 * i + 1] - centre("y")) / half("y")).toFixed(2)), all.labels[i] % 2);
      state.data.points = own;
    }
    state.data.name = v;
    if (MADE[v]) state.data.noise = MADE[v].noise;
    sync();
    changed();
  });
  const count = slider("n", { values: [20, 50, 100, 200, 300, 500, 1000], value: state.data.n, act: onData(v => { state.data.n = v; }) });
  const noise = slider(say("ruido", "noise"), { min: 0, max: 0.6, value: state.data.noise, act: onData(v => { state.data.noise = v; }) });
  const dataSeed = whole(say("semilla", "seed"), 0, 999, state.data.seed, onData(v => { state.data.seed = v; }));
  const part = slider(say("validación", "validation"), { values: [0, 0.1, 0.2, 0.3, 0.5], value: state.data.validation, format: v => (100 * v).toFixed(0) + " %", act: onData(v => { state.data.validation = v; }) });
  const penned = select(say("clase", "class"), [["0", "0 ●"], ["1", "1 ■"]], "0", v => { pen = Number(v); });
  const clear = button(say("Borrar puntos", "Clear points"), say("Borrar todos los puntos", "Clear all points"), () => { state.data.points = []; changed(); });
  const drawHelp = make("span", {}, say("Pulsa en la imagen grande; con el teclado, flechas y Espacio.", "Press on the large picture; with the keyboard, arrows and Space."));
  const drawBar = make("div", { class: "bar wide" }, penned.element, clear, drawHelp);
  const cursor = [0, 0];
  function draw(x, y) {
    state.data.points.push(Number(x.toFixed(2)), Number(y.toFixed(2)), pen);
    changed();
  }
  host.addEventListener("keydown", event => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!drawing || !views.some(v => v.picture.element === event.target)) return;
    if (move) move.forEach((d, axis) => { cursor[axis] = Math.max(-1, Math.min(1, cursor[axis] + 0.05 * d)); });
    else if (event.key === " " || event.key === "Enter") draw(cursor[0], cursor[1]);
    else return;
    event.preventDefault();
    refresh(true);
    kit.tell(`${cursor[0].toFixed(2)}, ${cursor[1].toFixed(2)}`);
  });

  const own = () => state.runs[active];
  const onRun = change => v => { change(own(), v); sigma.element.hidden = own().init !== "Normal"; changed(); };
  const presets = data.presets.length > 1 ? select(say("empezar por", "start from"), data.presets.map(({ name }, i) => [String(i), name]), "0", v => {
    state.runs[active] = { ...USUAL, ...data.presets[Number(v)].settings };
    sync();
    changed();
  }) : null;
  const layers = make("span", { class: "bar" });
  const fewer = button("−", say("Una capa menos", "One layer fewer"), () => { own().hidden.pop(); sync(); changed(); });
  const more = button("+", say("Una capa más", "One layer more"), () => { own().hidden.push(own().hidden[own().hidden.length - 1] || 8); sync(); changed(); });
  const activation = select(say("activación", "activation"), Object.entries(ACTIVATION), own().activation, onRun((s, v) => { s.activation = v; }));
  const init = select(say("pesos", "weights"), INITS.map(key => [key, key === "Normal" ? "N(0, σ)" : key === "Zeros" ? "0" : key]), own().init, onRun((s, v) => { s.init = v; }));
  const sigma = slider("σ_w", { min: 0.001, max: 10, log: true, value: own().sigma, act: onRun((s, v) => { s.sigma = v; }) });
  const batchNorm = check("batch norm", own().batchNorm, onRun((s, v) => { s.batchNorm = v; }));
  const rule = select(say("optimizador", "optimiser"), Object.entries(RULES), own().rule, onRun((s, v) => { s.rule = v; }));
  const eta = slider("η", { min: 1e-4, max: 10, log: true, value: own().eta, act: onRun((s, v) => { s.eta = v; }) });
  const batch = slider("batch", { values: BATCHES, value: own().batch, act: onRun((s, v) => { s.batch = v; }) });
  const cost = select(say("coste", "cost"), Object.entries(COSTS), own().cost, onRun((s, v) => { s.cost = v; }));
  const lambda2 = slider("λ (L2)", { values: LAMBDAS, value: own().l2, act: onRun((s, v) => { s.l2 = v; }) });
  const lambda1 = slider("λ (L1)", { values: LAMBDAS, value: own().l1, act: onRun((s, v) => { s.l1 = v; }) });
  const dropout = slider("dropout p", { values: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], value: own().dropout, act: onRun((s, v) => { s.dropout = v; }) });
  const patience = slider(say("parar tras", "stop after"), { values: [0, 5, 10, 20, 50], value: 0, format: v => (v ? say(`${v} épocas sin mejorar`, `${v} epochs without a better one`) : say("nunca", "never")),
    act: v => { state.patience = v; changed(); } });
  const seed = whole(say("semilla", "seed"), 0, 999, state.seed, v => { state.seed = v; changed(); });
  const tabs = ["A", "B"].map((name, i) => button(name, say("Mandos de la red ", "Controls of network ") + name, () => { active = i; sync(); names(); }));
  const compare = check(say("comparar dos", "compare two"), state.runs.length > 1, v => {
    if (v) state.runs[1] = { ...own(), hidden: [...own().hidden] };
    else state.runs = [own()];
    active = v ? 1 : 0;
    sync();
    changed();
  });

  const text = make("input", { type: "text", class: "grow", spellcheck: "false", "aria-label": say("Este estado, como texto", "This state, as text") });
  const problem = make("span", { class: "problem", role: "status" });
  const restore = () => {
    try {
      read(text.value);
      problem.textContent = "";
      sync();
      changed();
      return true;
    } catch (error) {
      problem.textContent = error.message;
      return false;
    }
  };
  text.addEventListener("keydown", event => { if (event.key === "Enter") restore(); });
  const code = make("textarea", { rows: 12, readonly: "", spellcheck: "false", "aria-label": say("La celda en Rust", "The cell in Rust") });
  const copier = (name, field) => {
    const copy = button(say("Copiar", "Copy"), name, () => {
      field.focus();
      field.select();
      const done = () => {
        kit.tell(say("Copiado", "Copied"));
        copy.textContent = "✓";
        setTimeout(() => { copy.textContent = say("Copiar", "Copy"); }, 1500);
      };
      const old = () => { if (document.execCommand("copy")) done(); };
      if (navigator.clipboard) navigator.clipboard.writeText(field.value).then(done, old);
      else old();
    });
    return copy;
  };
  const copyCode = copier(say("Copiar la celda en Rust", "Copy the cell in Rust"), code);
  const copyText = copier(say("Copiar el texto de este estado", "Copy the text of this state"), text);
  // An address of one's own: where the page is no application's.
  const link = make("a", {}, say("Enlace a este estado", "Link to this state"));
  link.hidden = location.protocol.startsWith("vscode") || Boolean(document.getElementById("jupyter-config-data"));
  /// The text and the cell are of this state.
  function keepState() {
    text.value = written();
    link.href = "#state=" + encodeURIComponent(text.value);
    code.value = rust(active);
  }
  /// The state that the address says, if it says one.
  function follow() {
    const [, said] = /^#state=(.+)/.exec(location.hash) || [];
    if (!said || link.hidden) return;
    try {
      text.value = decodeURIComponent(said);
    } catch {
      text.value = said;
    }
    if (text.value === written()) return;
    for (let part = host.parentElement; part; part = part.parentElement) if (part.tagName === "DETAILS") part.open = true;
    keep.open = restore() ? keep.open : true;
    host.scrollIntoView();
  }

  /// The controls show the state.
  function sync() {
    const s = own();
    layers.replaceChildren(...s.hidden.map((units, i) => whole("", 1, 64, units, v => { own().hidden[i] = v; changed(); }).element));
    layers.querySelectorAll("input").forEach((input, i) => input.setAttribute("aria-label", say("unidades de la capa ", "units of layer ") + (i + 1)));
    fewer.disabled = !s.hidden.length;
    more.disabled = s.hidden.length >= 6;
    for (const [control, v] of [[activation, s.activation], [init, s.init], [sigma, s.sigma], [batchNorm, s.batchNorm], [rule, s.rule], [eta, s.eta], [batch, s.batch],
      [cost, s.cost], [lambda2, s.l2], [lambda1, s.l1], [dropout, s.dropout], [seed, state.seed], [pace, state.pace], [patience, state.patience], [source, state.data.name], [count, state.data.n],
      [noise, state.data.noise], [dataSeed, state.data.seed], [part, state.data.validation], [compare, state.runs.length > 1]]) control.set(v);
    sigma.element.hidden = s.init !== "Normal";
    drawing = state.data.name === "drawn";
    drawBar.hidden = !drawing;
    for (const control of [count, noise, dataSeed]) control.element.hidden = !MADE[state.data.name] && control !== dataSeed;
    tabs.forEach((tab, i) => {
      tab.hidden = state.runs.length < 2;
      tab.setAttribute("aria-pressed", String(i === active));
    });
    for (const v of views) {
      v.picture.element.classList.toggle("aim", drawing);
      if (drawing) v.picture.element.tabIndex = 0;
      else v.picture.element.removeAttribute("tabindex");
    }
  }

  const views = [], shelf = make("div", { class: "runs" });
  views[0] = view(0);
  views[1] = view(1);
  const bar = make("div", { class: "bar", role: "group", "aria-label": data.title }, reset, play, step, epoch, pace.element, make("label", {}, say("en grande", "large picture"), picked), compare.element, ...tabs);
  const groups = kit.groups(
    group(say("Datos", "Data"), source, count, noise, part, dataSeed, drawBar),
    group(say("Red", "Network"), ...(presets ? [presets] : []), make("label", {}, say("capas", "layers")), fewer, layers, more, activation, init, sigma, batchNorm, dropout),
    group(say("Entrenamiento", "Training"), rule, eta, batch, cost, lambda2, lambda1, patience, seed));
  const keep = make("details", {}, make("summary", {}, say("Guardar este estado, o entrenar la misma red en Rust", "Keep this state, or train the same network in Rust")),
    make("div", { class: "bar" }, text, copyText, button(say("Restaurar", "Restore"), say("Restaurar el estado que dice el texto", "Restore the state that the text says"), restore), link, problem),
    make("div", { class: "bar" }, copyCode), code);
  kit.show(bar, groups, shelf, costs.element, keep);
  sync();
  restart();
  label();
  if (!kit.still) start();
  window.addEventListener("hashchange", follow);
  follow();
  return { state, runs: () => runs, written, read: line => { read(line); sync(); changed(); }, rust, pause, start };
}
