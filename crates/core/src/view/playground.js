// Draws a moment of a training: decision boundary, cost, gradients and activations by layer. All numbers come from Rust.
(data, clip, frame) => {
  const ABC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const at = c => ABC.indexOf(c);
  const escape = s => String(s).replace(/&/g, "&amp;").replace(/</g, "&lt;");
  const text = (x, y, s, more) => `<text x="${x}" y="${y}" ${more || ""}>${escape(s)}</text>`;
  const middle = 'text-anchor="middle"', end = 'text-anchor="end"';
  const short = v => { const s = v.toPrecision(2); return Math.abs(v) >= 1e-3 && Math.abs(v) < 1e4 || v === 0 ? String(Number(s)) : v.toExponential(0); };
  const out = [];
  const set = data.sets[clip.set];
  const heading = (x, y, s) => out.push(text(x, y, s, 'font-size="15"'));
  const box = (x, y, w, h) => out.push(`<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="none" stroke="#787878"/>`);

  // A logarithmic axis for exponents from `low` to `high`, with a line at each whole one that fits.
  const powers = (x, y, w, h, low, high) => {
    const place = e => y + h - h * (Math.max(low, Math.min(high, e)) - low) / (high - low);
    const gap = Math.ceil((high - low) / 6);
    for (let e = Math.ceil(low); e <= high; e += gap) {
      out.push(`<path d="M${x} ${place(e)}h${w}" stroke="#e1e1e1"/>`);
      out.push(text(x - 6, place(e) + 4, e === 0 ? "1" : e === 1 ? "10" : e === -1 ? "0.1" : "1e" + e, end));
    }
    box(x, y, w, h);
    return place;
  };

  // The plane: one pale cell per answer, stronger where the network is surer.
  const [bx, by, bs] = [30, 40, 272];
  heading(bx, by - 10, data.words_map);
  const classes = set.classes, side = data.side, cell = bs / side, levels = Math.floor(64 / classes);
  const map = clip.maps[frame];
  for (let row = 0; row < side; row++) for (let column = 0; column < side;) {
    const code = map[row * side + column];
    let until = column + 1;
    while (until < side && map[row * side + until] === code) until++;
    const value = at(code), kind = Math.floor(value / levels);
    const sure = (value % levels) / (levels - 1);
    out.push(`<rect x="${(bx + column * cell).toFixed(1)}" y="${(by + bs - (row + 1) * cell).toFixed(1)}" width="${((until - column) * cell).toFixed(1)}" height="${cell.toFixed(1)}" shape-rendering="crispEdges" fill="${data.colours[kind]}" fill-opacity="${(.06 + .44 * sure).toFixed(2)}"/>`);
    column = until;
  }
  const points = set.points;
  for (let i = 0; i < points.length; i += 3) {
    const [x, y, kind] = [bx + bs * points[i] / 999, by + bs - bs * points[i + 1] / 999, points[i + 2]];
    const look = `fill="${data.colours[kind]}" stroke="#fff" stroke-width=".7"`;
    out.push(kind % 2 ? `<rect x="${(x - 2.6).toFixed(1)}" y="${(y - 2.6).toFixed(1)}" width="5.2" height="5.2" ${look}/>` : `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3" ${look}/>`);
  }
  box(bx, by, bs, bs);
  out.push(text(bx + bs / 2, by + bs + 16, "x₁", middle), text(bx - 14, by + bs / 2, "x₂", middle));

  // The cost, up to this moment.
  const [cx, cy, cw, ch] = [375, 40, 270, 270];
  heading(cx, cy - 10, data.words_cost);
  const cost = powers(cx, cy, cw, ch, set.cost[0], set.cost[1]);
  const last = data.epochs[data.epochs.length - 1];
  const along = i => cx + cw * data.epochs[i] / last;
  const way = clip.costs.slice(0, frame + 1).map((c, i) => `${along(i).toFixed(1)},${cost(c).toFixed(1)}`);
  out.push(`<polyline points="${way.join(" ")}" fill="none" stroke="${data.colours[0]}" stroke-width="2"/>`);
  out.push(`<circle cx="${along(frame).toFixed(1)}" cy="${cost(clip.costs[frame]).toFixed(1)}" r="4" fill="${data.colours[0]}"/>`);
  out.push(text(cx, cy + ch + 16, "0", middle), text(cx + cw, cy + ch + 16, last, middle), text(cx + cw / 2, cy + ch + 16, data.words_epoch, middle));

  // How much gradient arrives at the weights of each layer.
  const [gx, gy, gw, gh] = [720, 40, 250, 270];
  heading(gx, gy - 10, data.words_gradient);
  const gradient = powers(gx, gy, gw, gh, data.gradient[0], data.gradient[1]);
  const gradients = clip.gradients[frame];
  gradients.forEach((g, i) => {
    const w = gw / gradients.length, x = gx + w * (i + .2);
    if (g !== null) out.push(`<rect x="${x.toFixed(1)}" y="${gradient(g).toFixed(1)}" width="${(w * .6).toFixed(1)}" height="${(gy + gh - gradient(g)).toFixed(1)}" fill="${data.colours[2]}"/>`);
    else out.push(text(x + w * .3, gy + gh - 6, "0", middle));
    out.push(text(x + w * .3, gy + gh + 16, i + 1, middle));
  });
  out.push(text(gx + gw / 2, gy + gh + 32, data.words_layer, middle));

  // The outputs of each hidden layer.
  const [hy, hh] = [400, 110];
  heading(bx, hy - 28, data.words_activations);
  clip.layers.forEach((layer, l) => {
    const w = 940 / clip.layers.length, x = 30 + l * w, width = w - 24;
    const bins = clip.histograms[frame][l];
    for (let i = 0; i < bins.length; i++) {
      const high = hh * at(bins[i]) / 63;
      if (high) out.push(`<rect x="${(x + i * width / bins.length).toFixed(1)}" y="${(hy + hh - high).toFixed(1)}" width="${(width / bins.length - .5).toFixed(1)}" height="${high.toFixed(1)}" fill="${data.colours[0]}"/>`);
    }
    box(x, hy, width, hh);
    out.push(text(x + 4, hy - 8, `${data.words_layer} ${l + 1}`));
    out.push(text(x, hy + hh + 16, short(layer[0])), text(x + width, hy + hh + 16, short(layer[1]), end));
  });
  const height = clip.layers.length ? 540 : 350;
  return `<svg viewBox="0 0 1000 ${height}" xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" font-size="12" fill="#1e1e1e"><rect width="1000" height="${height}" fill="#fff"/>${out.join("")}</svg>`;
}
