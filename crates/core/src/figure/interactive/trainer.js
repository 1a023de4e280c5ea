// Trains dense networks in the page as the library does: the same random numbers, the same operations in the same order, each
// rounded to 32 bits where the library rounds, so that the same seed gives the same start and the same way down.
// `tests/trainer.rs` holds the two together. It draws nothing; what draws is beside it.
//
//   const net = network(2, [{ kind: "dense", units: 8, init: { kind: "Xavier" }, activation: "tanh" }, …], seed)
//   const run = training(net, data, { cost: "CrossEntropy", rule: { kind: "Adam", eta: 0.01 }, batch: 32, seed: 0 })
//   run.step(); net.evaluate(data, cost)
function () {
  "use strict";
  const f = Math.fround;

  // ---- Random numbers: ChaCha with 8 rounds, and the conversions of the crates rand and rand_distr.

  class Rng {
    constructor(seed, stream) {
      this.state = new Uint32Array(16);
      this.block = new Uint32Array(16);
      this.state.set([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574]);
      let s = BigInt.asUintN(64, BigInt(seed));
      for (let i = 4; i < 12; i++) {
        s = BigInt.asUintN(64, s * 6364136223846793005n + 11634580027462260723n);
        const x = Number(BigInt.asUintN(32, ((s >> 18n) ^ s) >> 27n)), turn = Number(s >> 59n);
        this.state[i] = (x >>> turn) | (x << ((32 - turn) & 31));
      }
      this.state[14] = stream || 0;
      this.at = 16;
    }

    refill() {
      const { state, block } = this;
      block.set(state);
      const mix = (a, b, c, d) => {
        let x = (block[a] + block[b]) | 0, y = block[d] ^ x;
        y = (y << 16) | (y >>> 16);
        let z = (block[c] + y) | 0, u = block[b] ^ z;
        u = (u << 12) | (u >>> 20);
        x = (x + u) | 0;
        y ^= x;
        y = (y << 8) | (y >>> 24);
        z = (z + y) | 0;
        u ^= z;
        block[a] = x;
        block[b] = (u << 7) | (u >>> 25);
        block[c] = z;
        block[d] = y;
      };
      for (let round = 0; round < 8; round += 2) {
        mix(0, 4, 8, 12); mix(1, 5, 9, 13); mix(2, 6, 10, 14); mix(3, 7, 11, 15);
        mix(0, 5, 10, 15); mix(1, 6, 11, 12); mix(2, 7, 8, 13); mix(3, 4, 9, 14);
      }
      for (let i = 0; i < 16; i++) block[i] += state[i];
      if (++state[12] === 0) state[13]++;
      this.at = 0;
    }

    bits() {
      if (this.at === 16) this.refill();
      return this.block[this.at++];
    }

    /// Uniform in [0, 1), of 24 bits.
    float32() {
      return (this.bits() >>> 8) / 16777216;
    }

    /// Uniform in [0, 1), of 53 bits.
    float64() {
      const low = this.bits();
      return (this.bits() * 2097152 + (low >>> 11)) / 9007199254740992;
    }

    /// Uniform in (0, 1).
    open() {
      const low = this.bits();
      return 1 + (this.bits() * 1048576 + (low >>> 12)) / 4503599627370496 - (1 - 2 ** -53);
    }

    /// A whole number below `n`.
    below(n) {
      const zone = ((n << Math.clz32(n)) - 1) >>> 0;
      for (;;) {
        const v = this.bits();
        if (Math.imul(v, n) >>> 0 <= zone) {
          return Math.floor(((v >>> 16) * n + Math.floor((v & 65535) * n / 65536)) / 65536);
        }
      }
    }

    /// Normal with mean 0 and variance 1: the ziggurat.
    normal() {
      for (;;) {
        const low = this.bits(), high = this.bits();
        const i = low & 255;
        const u = (high * 1048576 + (low >>> 12)) / 2251799813685248 - 1;
        const x = u * ZIGGURAT.x[i];
        if (Math.abs(x) < ZIGGURAT.x[i + 1]) return x;
        if (i === 0) {
          let x = 1, y = 0;
          while (-2 * y < x * x) {
            x = Math.log(this.open()) / TAIL;
            y = Math.log(this.open());
          }
          return u < 0 ? x - TAIL : TAIL - x;
        }
        const [low_y, high_y] = [ZIGGURAT.y[i + 1], ZIGGURAT.y[i]];
        if (low_y + (high_y - low_y) * this.float64() < Math.exp(-x * x / 2)) return x;
      }
    }

    /// Each order of the items equally likely.
    shuffle(items) {
      for (let i = items.length - 1; i > 0; i--) {
        const j = this.below(i + 1), item = items[i];
        items[i] = items[j];
        items[j] = item;
      }
    }
  }

  /// Where the tail of the ziggurat begins, and its 256 layers of one area.
  const TAIL = 3.654152885361008796;
  const ZIGGURAT = (() => {
    const density = x => Math.exp(-x * x / 2);
    const x = [3.910757959537090045, TAIL];
    const area = x[0] * density(TAIL);
    for (let i = 1; i < 255; i++) x.push(Math.sqrt(-2 * Math.log(area / x[i] + density(x[i]))));
    x.push(0);
    return { x, y: x.map(density) };
  })();

  // ---- Elementary functions of 32 bits. A product that is added is rounded once, as by a fused multiply-add.

  const LOG2_E = f(1.4426950408889634), ROUND = 12582912, LN2_HIGH = f(0.6933594), LN2_LOW = f(-2.1219444e-4);
  const EXP = [1.9554775e-4, 0.0013934035, 0.008333912, 0.041666474, 0.16666664, 0.5].map(f);
  const POWER = Float32Array.from({ length: 256 }, (_, i) => (i === 0 ? 0 : 2 ** (i - 127)));
  let minus1 = 0, power1 = 1, power2 = 1;
  function reduce(x) {
    const n = f(x * LOG2_E + ROUND) - ROUND;
    const r = f(n * -LN2_LOW + f(n * -LN2_HIGH + x));
    let p = EXP[0];
    for (let i = 1; i < 6; i++) p = f(p * r + EXP[i]);
    const half = n >> 1;
    minus1 = f(f(p * r) * r + r);
    power1 = POWER[half + 127];
    power2 = POWER[n - half + 127];
  }
  function exp(x) {
    if (x !== x) return x;
    if (x < -87.33654) return 0;
    reduce(x > 89 ? 89 : x);
    return f(f(f(minus1 + 1) * power1) * power2);
  }
  function expMinus1(x) {
    if (x !== x) return x;
    reduce(x < -20 ? -20 : x > 89 ? 89 : x);
    const power = f(power1 * power2);
    return f(minus1 * power + f(power - 1));
  }
  const LN = [0.24238811, 0.21445458, 0.2861509, 0.39998952, 0.66666675].map(f);
  function ln1Plus(u) {
    const s = f(u / f(2 + u)), v = f(s * s);
    let q = LN[0];
    for (let i = 1; i < 5; i++) q = f(q * v + LN[i]);
    return f(f(s * v) * q + f(2 * s));
  }
  function sigmoid(x) {
    const e = exp(-Math.abs(x));
    return f((x < 0 ? e : 1) / f(1 + e));
  }
  function tanh(x) {
    const above = Math.abs(x), e = expMinus1(f(2 * (above > 10 ? 10 : above)));
    const t = f(e / f(e + 2));
    return x < 0 ? -t : t;
  }
  const sqrt = x => f(Math.sqrt(x));

  // ---- Activations: in place, and the way back from the output alone.

  const LEAK = f(0.01);
  const ACTIVATIONS = {
    linear: { value: z => z, slope: () => 1 },
    sigmoid: { value: sigmoid, slope: a => f(a * f(1 - a)) },
    tanh: { value: tanh, slope: a => f(1 - f(a * a)) },
    relu: { value: z => (z < 0 ? 0 : z), slope: a => (a > 0 ? 1 : 0) },
    leaky: { value: z => (z > 0 ? z : f(LEAK * z)), slope: a => (a > 0 ? 1 : LEAK) },
  };
  function activate(name, z, length) {
    if (name === "linear") return;
    const { value } = ACTIVATIONS[name];
    for (let i = 0; i < length; i++) z[i] = value(z[i]);
  }
  function timesSlope(name, delta, a, length) {
    if (name === "linear") return;
    if (name === "relu") {
      // No product: 0 · ∞ would be NaN.
      for (let i = 0; i < length; i++) if (!(a[i] > 0)) delta[i] = 0;
      return;
    }
    const { slope } = ACTIVATIONS[name];
    for (let i = 0; i < length; i++) delta[i] = f(delta[i] * slope(a[i]));
  }

  // ---- Products. A sum is a chain of fused multiply-adds in blocks of 256 terms.

  const BLOCK = 256;

  /// `z = x W + b`, with `x` of `rows` by `n`, `W` of `n` by `m`.
  function product(z, x, w, b, rows, n, m) {
    for (let row = 0; row < rows; row++) {
      const at = row * n;
      for (let j = 0; j < m; j++) {
        let whole = f(0);
        for (let from = 0; from < n; from += BLOCK) {
          const to = Math.min(n, from + BLOCK);
          let sum = f(0);
          for (let p = from, k = from * m + j; p < to; p++, k += m) sum = f(x[at + p] * w[k] + sum);
          whole = from ? f(whole + sum) : sum;
        }
        z[row * m + j] = f(whole + b[j]);
      }
    }
  }

  /// `dx = δ Wᵀ`, with `δ` of `rows` by `m`. For up to 4 rows a sum is 16 chains.
  function back(dx, delta, w, rows, n, m) {
    const few = rows <= 4, chains = new Float32Array(16);
    for (let row = 0; row < rows; row++) {
      const at = row * m;
      for (let i = 0; i < n; i++) {
        const k = i * m;
        if (few) {
          chains.fill(0);
          for (let j = 0; j < m; j++) chains[j & 15] = f(delta[at + j] * w[k + j] + chains[j & 15]);
          for (let half = 8; half; half >>= 1) for (let l = 0; l < half; l++) chains[l] = f(chains[l] + chains[l + half]);
          dx[row * n + i] = chains[0];
          continue;
        }
        let whole = f(0);
        for (let from = 0; from < m; from += BLOCK) {
          const to = Math.min(m, from + BLOCK);
          let sum = f(0);
          for (let j = from; j < to; j++) sum = f(delta[at + j] * w[k + j] + sum);
          whole = from ? f(whole + sum) : sum;
        }
        dx[row * n + i] = whole;
      }
    }
  }

  /// `dW = xᵀ δ`.
  function outer(dw, scratch, x, delta, rows, n, m) {
    for (let from = 0; from < rows; from += BLOCK) {
      const to = Math.min(rows, from + BLOCK), sums = from ? scratch : dw;
      sums.fill(0);
      for (let row = from; row < to; row++) {
        for (let i = 0, k = 0; i < n; i++) {
          const xi = x[row * n + i];
          for (let j = row * m, end = j + m; j < end; j++, k++) sums[k] = f(xi * delta[j] + sums[k]);
        }
      }
      if (from) for (let k = 0; k < dw.length; k++) dw[k] = f(dw[k] + sums[k]);
    }
  }

  // ---- Initialisation.

  function deviation({ kind, value }, n, m) {
    switch (kind) {
      case "Normal": return f(value);
      case "Uniform": return f(f(value) / f(Math.sqrt(3)));
      case "Xavier": case "XavierUniform": return sqrt(f(2 / (n + m)));
      case "He": case "HeUniform": return sqrt(f(2 / n));
      default: return 0;
    }
  }
  function sample(init, w, n, m, rng) {
    const std = deviation(init, n, m);
    if (init.kind === "Constant") w.fill(init.value);
    else if (init.kind === "Zeros") w.fill(0);
    else if (init.kind.endsWith("niform")) {
      const limit = f(std * f(Math.sqrt(3)));
      for (let i = 0; i < w.length; i++) w[i] = f(limit * f(f(2 * rng.float32()) - 1));
    } else for (let i = 0; i < w.length; i++) w[i] = f(std * f(rng.normal()));
  }

  // ---- Networks.

  const parameter = (name, rows, columns) => ({
    name, rows, columns,
    w: new Float32Array(rows * columns), g: new Float32Array(rows * columns), scratch: new Float32Array(rows * columns),
    slots: [],
  });

  function mix(x) {
    x ^= x >>> 16;
    x = Math.imul(x, 0x7feb352d);
    x ^= x >>> 15;
    x = Math.imul(x, 0x846ca68b);
    return x ^ (x >>> 16);
  }

  class Network {
    constructor(inputs, layers, seed) {
      this.inputs = inputs;
      this.layers = [];
      let width = inputs;
      const counts = {};
      for (const settings of layers) {
        const layer = { activation: "linear", init: { kind: "XavierUniform" }, ...settings, n: width, params: [] };
        width = layer.m = layer.kind === "dense" ? layer.units : width;
        const names = { dense: "dense", batchNorm: "batch_norm", dropout: "dropout", activation: "activation" };
        counts[layer.kind] = (counts[layer.kind] || 0) + 1;
        layer.name = names[layer.kind] + "_" + counts[layer.kind];
        if (layer.kind === "dense") layer.params = [parameter("weight", layer.n, layer.m), parameter("bias", 1, layer.m)];
        if (layer.kind === "batchNorm") {
          layer.params = [parameter("gamma", 1, width), parameter("beta", 1, width)];
          layer.keep = f(settings.keep ?? 0.99);
          layer.epsilon = f(settings.epsilon ?? 1e-3);
          layer.mean = new Float32Array(width);
          layer.variance = new Float32Array(width);
          layer.batchMean = new Float32Array(width);
          layer.batchVariance = new Float32Array(width);
          layer.inverse = new Float32Array(width);
        }
        this.layers.push(layer);
      }
      this.outputs = width;
      this.seed = seed || 0;
      this.start();
    }

    /// Draw the weights anew. Each layer has a stream of random numbers of its own.
    start() {
      this.layers.forEach((layer, i) => {
        if (layer.kind === "dense") {
          sample(layer.init, layer.params[0].w, layer.n, layer.m, new Rng(this.seed, i));
          layer.params[1].w.fill(0);
        }
        if (layer.kind === "batchNorm") {
          layer.params[0].w.fill(1);
          layer.params[1].w.fill(0);
          layer.mean.fill(0);
          layer.variance.fill(1);
        }
        for (const param of layer.params) param.slots = [];
      });
    }

    parameters() {
      return this.layers.flatMap(layer => layer.params.map(param => ({ ...param, name: layer.name + "." + param.name, layer })));
    }

    /// The outputs of `rows` examples. In training `batch` is `{ seed, step }`, which decides who drops out, and batch
    /// normalisation uses the statistics of these rows; else the running ones.
    forward(x, rows, batch) {
      this.input = x;
      this.layers.forEach((layer, index) => {
        const length = rows * layer.m;
        if (!layer.a || layer.a.length < length) {
          layer.a = new Float32Array(length);
          layer.delta = new Float32Array(rows * Math.max(layer.n, layer.m));
        }
        const { a, n, m } = layer;
        if (layer.kind === "dense") product(a, x, layer.params[0].w, layer.params[1].w, rows, n, m);
        else if (layer.kind === "batchNorm") normalise(layer, x, rows, batch);
        else {
          a.set(x.subarray(0, length));
          if (layer.kind === "dropout" && batch && layer.p > 0) {
            layer.key = dropoutKey(batch, index);
            drop(a, length, layer.p, layer.key);
          }
        }
        activate(layer.activation, a, length);
        x = a;
      });
      return x;
    }

    /// The gradients of all parameters, from that of the outputs, after `forward` with the same rows.
    backward(delta, rows, batch) {
      for (let i = this.layers.length - 1; i >= 0; i--) {
        const layer = this.layers[i], { n, m, params } = layer;
        const x = i ? this.layers[i - 1].a : this.input;
        timesSlope(layer.activation, delta, layer.a, rows * m);
        if (layer.kind === "dense") {
          const [weight, bias] = params;
          bias.g.fill(0);
          for (let row = 0, k = 0; row < rows; row++) for (let j = 0; j < m; j++, k++) bias.g[j] = f(bias.g[j] + delta[k]);
          outer(weight.g, weight.scratch, x, delta, rows, n, m);
          if (!i) return;
          back(layer.delta, delta, weight.w, rows, n, m);
          delta = layer.delta;
        } else if (layer.kind === "batchNorm") normaliseBack(layer, x, delta, rows, batch);
        else if (layer.kind === "dropout" && batch && layer.p > 0) drop(delta, rows * m, layer.p, layer.key);
      }
    }

    /// Cost and accuracy, as the trained network answers; `{ cost, accuracy }`.
    evaluate(data, cost) {
      const { total, right } = costOf(cost, this.forward(data.x, data.n), this.outputs, data, null, data.n, null);
      return { cost: total / data.n + this.penalty(), accuracy: right / data.n };
    }

    /// The gradients of the cost over a data set go into the parameters' `g`.
    gradients(data, cost) {
      const outputs = this.forward(data.x, data.n), delta = new Float32Array(outputs.length);
      const { total } = costOf(cost, outputs, this.outputs, data, null, data.n, delta);
      this.backward(delta, data.n);
      for (const layer of this.layers) penalise(layer, true);
      return total / data.n + this.penalty();
    }

    penalty() {
      return this.layers.reduce((sum, layer) => sum + penaltyOf(layer), 0);
    }
  }

  function dropoutKey({ seed, step }, index) {
    const key = BigInt.asUintN(64, BigInt(seed) * 0x9e3779b97f4a7c15n + BigInt(step) * 0xbf58476d1ce4e5b9n
      + BigInt(index + 1) * 0x94d049bb133111ebn);
    const mixed = key ^ (key >> 29n);
    return [Number(BigInt.asUintN(32, mixed)), Number(mixed >> 32n)];
  }
  function drop(values, length, p, [low, high]) {
    const threshold = Math.floor(f(p) * 4294967296), scale = f(1 / f(1 - f(p)));
    for (let i = 0; i < length; i++) {
      const kept = mix((mix(i ^ low) + high) | 0) >>> 0 >= threshold;
      values[i] = kept ? f(values[i] * scale) : 0;
    }
  }

  function normalise(layer, x, rows, batch) {
    const { a, m, batchMean, batchVariance, inverse, keep } = layer;
    let [mean, variance] = [layer.mean, layer.variance];
    if (batch) {
      const scale = f(1 / rows);
      batchMean.fill(0);
      batchVariance.fill(0);
      for (let row = 0, k = 0; row < rows; row++) for (let j = 0; j < m; j++, k++) batchMean[j] = f(batchMean[j] + x[k]);
      for (let j = 0; j < m; j++) batchMean[j] = f(batchMean[j] * scale);
      for (let row = 0, k = 0; row < rows; row++) {
        for (let j = 0; j < m; j++, k++) {
          const d = f(x[k] - batchMean[j]);
          batchVariance[j] = f(batchVariance[j] + f(d * d));
        }
      }
      for (let j = 0; j < m; j++) {
        batchVariance[j] = f(batchVariance[j] * scale);
        const rest = f(1 - keep), correction = layer.unbiased ? f(rows / Math.max(rows - 1, 1)) : 1;
        mean[j] = f(f(keep * mean[j]) + f(rest * batchMean[j]));
        variance[j] = f(f(keep * variance[j]) + f(f(rest * batchVariance[j]) * correction));
      }
      [mean, variance] = [batchMean, batchVariance];
    }
    layer.used = mean;
    for (let j = 0; j < m; j++) inverse[j] = f(1 / sqrt(f(variance[j] + layer.epsilon)));
    const [gamma, beta] = layer.params.map(param => param.w);
    for (let row = 0, k = 0; row < rows; row++) {
      for (let j = 0; j < m; j++, k++) a[k] = f(f(gamma[j] * f(f(x[k] - mean[j]) * inverse[j])) + beta[j]);
    }
  }
  function normaliseBack(layer, x, delta, rows, batch) {
    const { m, inverse, used: mean } = layer, [gamma, beta] = layer.params;
    gamma.g.fill(0);
    beta.g.fill(0);
    for (let row = 0, k = 0; row < rows; row++) {
      for (let j = 0; j < m; j++, k++) {
        beta.g[j] = f(beta.g[j] + delta[k]);
        gamma.g[j] = f(gamma.g[j] + f(delta[k] * f(f(x[k] - mean[j]) * inverse[j])));
      }
    }
    const scale = batch ? f(m / (rows * m)) : 0;
    for (let row = 0, k = 0; row < rows; row++) {
      for (let j = 0; j < m; j++, k++) {
        const hat = f(f(x[k] - mean[j]) * inverse[j]);
        const means = f(f(beta.g[j] + f(hat * gamma.g[j])) * scale);
        delta[k] = f(f(gamma.w[j] * inverse[j]) * f(delta[k] - means));
      }
    }
  }

  // ---- Costs: the sum over the rows, how many are right, and the gradient of the mean into `delta`.

  /// `data` has features `x`, `labels`, `classes` and `n`; `order` are the numbers of the rows, or all of them.
  function costOf(cost, outputs, columns, data, order, rows, delta) {
    const scale = f(1 / rows), single = columns === 1 && data.classes <= 2;
    let total = 0, right = 0;
    const g = delta || new Float32Array(rows * columns);
    for (let row = 0; row < rows; row++) {
      const at = row * columns, label = data.labels[order ? order[row] : row];
      if (cost === "CrossEntropy") {
        let most = -Infinity, sum = 0;
        for (let j = 0; j < columns; j++) most = Math.max(most, outputs[at + j]);
        for (let j = 0; j < columns; j++) g[at + j] = f(outputs[at + j] - most);
        total -= g[at + label];
        for (let j = 0; j < columns; j++) sum = f(sum + (g[at + j] = exp(g[at + j])));
        for (let j = 0; j < columns; j++) g[at + j] = f(g[at + j] / sum);
        total += f(Math.log(sum));
        g[at + label] = f(g[at + label] - 1);
      } else {
        for (let j = 0; j < columns; j++) {
          const z = outputs[at + j], y = single ? label : label === j ? 1 : 0;
          if (cost === "BinaryCrossEntropy") {
            total += f(f((z < 0 ? 0 : z) - f(z * y)) + ln1Plus(exp(-Math.abs(z))));
            g[at + j] = f(sigmoid(z) - y);
          } else {
            const difference = f(z - y);
            total += 0.5 * difference * difference;
            g[at + j] = difference;
          }
        }
      }
      let best = 0;
      if (columns === 1) best = outputs[at] > (cost === "BinaryCrossEntropy" ? 0 : 0.5) ? 1 : 0;
      else for (let j = 1; j < columns; j++) if (outputs[at + j] > outputs[at + best]) best = j;
      if (best === label) right++;
    }
    for (let i = 0; i < rows * columns; i++) g[i] = f(g[i] * scale);
    return { total, right };
  }

  // ---- Penalties: `l1 Σ|w| + l2 Σw²` on the weights.

  function penaltyOf({ kind, params, l1, l2 }) {
    if (kind !== "dense" || !(l1 || l2)) return 0;
    let absolute = 0, squares = 0;
    for (const w of params[0].w) {
      absolute += Math.abs(w);
      squares += w * w;
    }
    return f(l1 || 0) * absolute + f(l2 || 0) * squares;
  }
  /// The gradient of the penalty; an L1 with exact zeros is taken after the step instead, unless `all` of it is wanted.
  function penalise({ kind, params, l1, l2, exactZeros }, all) {
    if (kind !== "dense" || !(l1 || l2)) return;
    const { w, g } = params[0], pull = f(exactZeros && !all ? 0 : l1 || 0), shrink = f(2 * f(l2 || 0));
    for (let i = 0; i < w.length; i++) g[i] = f(g[i] + f(f(pull * Math.sign(w[i])) + f(shrink * w[i])));
  }

  // ---- Rules: step `t` from 1 with learning rate `eta`.

  const normalOrZero = x => (Math.abs(x) < 1.1754943508222875e-38 ? 0 : x);
  const RULES = {
    Sgd: { usual: {}, slots: 0, step(w, g, _, eta) {
      for (let i = 0; i < w.length; i++) w[i] = f(w[i] - f(eta * g[i]));
    } },
    Momentum: { usual: { mu: 0.9 }, slots: 1, step(w, g, [v], eta, { mu }) {
      for (let i = 0; i < w.length; i++) {
        v[i] = normalOrZero(f(f(mu * v[i]) - f(eta * g[i])));
        w[i] = f(w[i] + v[i]);
      }
    } },
    Nag: { usual: { mu: 0.9 }, slots: 1, step(w, g, [v], eta, { mu }) {
      for (let i = 0; i < w.length; i++) {
        v[i] = normalOrZero(f(f(mu * v[i]) - f(eta * g[i])));
        w[i] = f(w[i] + f(f(mu * v[i]) - f(eta * g[i])));
      }
    } },
    Adagrad: { usual: { epsilon: 1e-10 }, slots: 1, step(w, g, [s], eta, { epsilon }) {
      for (let i = 0; i < w.length; i++) {
        s[i] = f(s[i] + f(g[i] * g[i]));
        w[i] = f(w[i] - f(f(eta * g[i]) / f(sqrt(s[i]) + epsilon)));
      }
    } },
    RmsProp: { usual: { rho: 0.9, epsilon: 1e-7 }, slots: 1, step(w, g, [s], eta, { rho, epsilon }) {
      const rest = f(1 - rho);
      for (let i = 0; i < w.length; i++) {
        s[i] = normalOrZero(f(f(rho * s[i]) + f(f(rest * g[i]) * g[i])));
        w[i] = f(w[i] - f(f(eta * g[i]) / f(sqrt(s[i]) + epsilon)));
      }
    } },
    Adadelta: { usual: { rho: 0.95, epsilon: 1e-6 }, slots: 2, step(w, g, [s, d], eta, { rho, epsilon }) {
      const rest = f(1 - rho);
      for (let i = 0; i < w.length; i++) {
        s[i] = normalOrZero(f(f(rho * s[i]) + f(f(rest * g[i]) * g[i])));
        const delta = f(f(sqrt(f(d[i] + epsilon)) / sqrt(f(s[i] + epsilon))) * g[i]);
        d[i] = normalOrZero(f(f(rho * d[i]) + f(f(rest * delta) * delta)));
        w[i] = f(w[i] - f(eta * delta));
      }
    } },
    Adam: { usual: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0 }, slots: 2,
      step(w, g, [m, v], eta, { beta1, beta2, epsilon, decay }, t) {
        const rest1 = f(1 - beta1), rest2 = f(1 - beta2), keep = f(1 - f(eta * decay));
        const correct1 = f(1 / (1 - beta1 ** t)), correct2 = f(1 / (1 - beta2 ** t));
        for (let i = 0; i < w.length; i++) {
          m[i] = normalOrZero(f(f(beta1 * m[i]) + f(rest1 * g[i])));
          v[i] = normalOrZero(f(f(beta2 * v[i]) + f(f(rest2 * g[i]) * g[i])));
          const [mean, square] = [f(m[i] * correct1), f(v[i] * correct2)];
          w[i] = f(f(keep * w[i]) - f(f(eta * mean) / f(sqrt(square) + epsilon)));
        }
      } },
  };
  RULES.AdamW = { ...RULES.Adam, usual: { ...RULES.Adam.usual, decay: 0.01 } };

  /// A rule with its hyperparameters rounded to 32 bits: `{ kind, eta, … }` and what is usual where nothing is said.
  function rule(settings) {
    const { usual, slots, step } = RULES[settings.kind], numbers = {};
    for (const name in usual) numbers[name] = f(settings[name] ?? usual[name]);
    return {
      eta: f(settings.eta),
      slots: length => Array.from({ length: slots }, () => new Float32Array(length)),
      step: (w, g, memory, eta, t) => step(w, g, memory, eta, numbers, t),
    };
  }

  /// The factor of the learning rate at step `t`, from 0.
  function decayed(schedule, t) {
    if (!schedule) return 1;
    const warm = schedule.warmUp || 0;
    if (t < warm) return (t + 1) / warm;
    t -= warm;
    switch (schedule.kind) {
      case "step": return schedule.factor ** Math.floor(t / schedule.every);
      case "exponential": return Math.exp(-schedule.rate * t);
      case "oneOverT": return 1 / (1 + schedule.rate * t);
      case "cosine": {
        const floor = schedule.floor || 0;
        return floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * Math.min(t, schedule.steps) / schedule.steps));
      }
      default: return 1;
    }
  }

  // ---- Training.

  class Training {
    constructor(net, data, settings) {
      Object.assign(this, { net, data, cost: settings.cost, batch: settings.batch, schedule: settings.schedule });
      this.seed = settings.seed || 0;
      this.rule = rule(settings.rule);
      this.order = Array.from({ length: data.n }, (_, i) => i);
      this.rng = new Rng(this.seed);
      this.t = 0;
      this.epoch = 0;
      this.at = data.n;
      this.diverged = false;
      this.ratios = false;
      this.input = new Float32Array(0);
      for (const { w, layer, name } of net.parameters()) {
        const param = layer.params.find(param => layer.name + "." + param.name === name);
        param.slots = this.rule.slots(w.length);
        param.ratio = 0;
      }
    }

    /// Where the next step begins a new epoch.
    get between() {
      return this.at >= this.data.n;
    }

    /// One mini-batch: its cost with the penalty, before the step. After a cost that is no number nothing moves.
    step() {
      if (this.diverged) return { cost: NaN, right: 0, rows: 0 };
      const { net, data } = this, width = net.inputs;
      if (this.between) {
        this.rng.shuffle(this.order);
        this.at = 0;
        this.epoch++;
      }
      const rows = this.order.slice(this.at, this.at + this.batch), n = rows.length;
      this.at += n;
      if (this.input.length < this.batch * width) this.input = new Float32Array(this.batch * width);
      rows.forEach((row, i) => { for (let j = 0; j < width; j++) this.input[i * width + j] = data.x[row * width + j]; });
      const batch = { seed: this.seed, step: this.t };
      const outputs = net.forward(this.input, n, batch);
      if (!this.delta || this.delta.length < n * net.outputs) this.delta = new Float32Array(this.batch * net.outputs);
      const { total, right } = costOf(this.cost, outputs, net.outputs, data, rows, n, this.delta);
      if (!Number.isFinite(total)) {
        this.diverged = true;
        return { cost: NaN, right: 0, rows: 0 };
      }
      net.backward(this.delta, n, batch);
      const eta = f(this.rule.eta * decayed(this.schedule, this.t));
      this.t++;
      let penalty = 0;
      for (const layer of net.layers) {
        penalty += penaltyOf(layer);
        penalise(layer, false);
        for (const param of layer.params) {
          const { w, g } = param;
          if (this.ratios) param.scratch.set(w);
          this.rule.step(w, g, param.slots, eta, this.t);
          if (param.name === "weight" && layer.exactZeros && layer.l1) {
            const amount = f(eta * f(layer.l1));
            for (let i = 0; i < w.length; i++) w[i] = Math.sign(w[i]) * Math.max(f(Math.abs(w[i]) - amount), 0);
          }
          if (this.ratios) param.ratio = ratio(param.scratch, w);
        }
      }
      return { cost: total / n + penalty, right, rows: n };
    }
  }
  /// How long the step was beside the parameter, `‖Δw‖ / ‖w‖`.
  function ratio(before, w) {
    let step = 0, size = 0;
    for (let i = 0; i < w.length; i++) {
      step += (w[i] - before[i]) ** 2;
      size += before[i] ** 2;
    }
    return size > 0 ? Math.sqrt(step / size) : 0;
  }

  // ---- Data sets made on the spot.

  function made(n, noise, seed, classes, place) {
    const rng = new Rng(seed), x = new Float32Array(2 * n), labels = new Array(n);
    noise = f(noise);
    for (let i = 0; i < n; i++) {
      const [x1, x2, label] = place(i, rng);
      x[2 * i] = x1 + noise * rng.normal();
      x[2 * i + 1] = x2 + noise * rng.normal();
      labels[i] = label;
    }
    return { x, labels, n, classes };
  }
  const { PI, cos, sin } = Math;
  const DATA = {
    moons: (n, noise, seed) => made(n, noise, seed, 2, (i, rng) => {
      const t = PI * rng.float64();
      return i % 2 ? [1 - cos(t), 0.5 - sin(t), 1] : [cos(t), sin(t), 0];
    }),
    circles: (n, noise, seed) => made(n, noise, seed, 2, (i, rng) => {
      const t = 2 * PI * rng.float64(), radius = i % 2 ? 0.5 : 1;
      return [radius * cos(t), radius * sin(t), i % 2];
    }),
    spirals: (n, noise, seed, classes = 2) => made(n, noise, seed, classes, (i, rng) => {
      const t = rng.float64(), angle = 2 * PI * (i % classes) / classes + 1.5 * PI * t;
      return [t * cos(angle), t * sin(angle), i % classes];
    }),
    blobs: (n, noise, seed, classes = 3) => made(n, noise, seed, classes, i => {
      const angle = 2 * PI * (i % classes) / classes;
      return [3 * cos(angle), 3 * sin(angle), i % classes];
    }),
    xor: (n, noise, seed) => made(n, noise, seed, 2, i => {
      const [x, y] = [i & 1, (i >> 1) & 1];
      return [2 * x - 1, 2 * y - 1, x ^ y];
    }),
  };

  /// These rows of a data set.
  function select(data, rows) {
    const width = data.x.length / data.n, x = new Float32Array(rows.length * width);
    rows.forEach((row, i) => x.set(data.x.subarray(row * width, (row + 1) * width), i * width));
    return { x, labels: rows.map(row => data.labels[row]), n: rows.length, classes: data.classes };
  }
  /// Shuffle with `seed`, then cut: the first part has this fraction of the examples.
  function split(data, fraction, seed) {
    const rows = Array.from({ length: data.n }, (_, i) => i), cut = Math.round(data.n * fraction);
    new Rng(seed).shuffle(rows);
    return [select(data, rows.slice(0, cut)), select(data, rows.slice(cut))];
  }

  return {
    Rng, DATA, ACTIVATIONS, RULES, rule, select, split, exp, sigmoid,
    network: (inputs, layers, seed) => new Network(inputs, layers, seed),
    training: (net, data, settings) => new Training(net, data, settings),
  };
}
