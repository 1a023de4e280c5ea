// What the pages that compute share: controls with names and values, canvases that follow the size and colours of their page,
// and a clock. `host` is the element of the figure, `data` what Rust wrote: language and title among it.
function (host, data) {
  "use strict";
  const say = (es, en) => (data.language === "es" ? es : en);
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const name in attributes) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), attributes[name]);
      else if (attributes[name] !== undefined) element.setAttribute(name, attributes[name]);
    }
    element.append(...children);
    return element;
  };
  const button = (sign, name, act) => make("button", { type: "button", title: name, "aria-label": name, onclick: act }, sign);

  /// A number in few digits.
  const short = v => {
    if (!Number.isFinite(v)) return v > 0 ? "∞" : "–";
    if (v === 0) return "0";
    const size = Math.abs(v);
    return size >= 1e-3 && size < 1e5 ? String(Number(v.toPrecision(3))) : v.toExponential(1);
  };

  /// A slider over `values` or from `min` to `max`, evenly or by factors (`log`); `set` moves it without a call.
  const slider = (name, { min, max, log, digits = 2, values, value, act, format = short }) => {
    const steps = values ? values.length - 1 : 200;
    const round = v => Number(v.toPrecision(digits));
    const at = i => (values ? values[i] : log ? round(min * (max / min) ** (i / steps)) : round(min + (max - min) * i / steps));
    const place = v => {
      if (!values) return Math.round(steps * (log ? Math.log(v / min) / Math.log(max / min) : (v - min) / (max - min)));
      return values.reduce((best, w, i) => (Math.abs(w - v) < Math.abs(values[best] - v) ? i : best), 0);
    };
    const input = make("input", { type: "range", min: 0, max: steps, step: 1, "aria-label": name });
    const shown = make("span", {});
    const show = v => {
      shown.textContent = format(v);
      input.setAttribute("aria-valuetext", format(v));
    };
    input.addEventListener("input", () => {
      const v = at(Number(input.value));
      show(v);
      act(v);
    });
    const set = v => {
      input.value = place(v);
      show(v);
    };
    set(value);
    return { element: make("label", { class: "slider" }, make("span", {}, name), shown, input), input, set };
  };
  const select = (name, options, value, act) => {
    const input = make("select", { "aria-label": name, onchange: () => act(input.value) },
      ...options.map(([key, text]) => make("option", { value: key }, text)));
    input.value = value;
    return { element: make("label", {}, name, input), input, set: v => { input.value = v; } };
  };
  const check = (name, value, act) => {
    const input = make("input", { type: "checkbox", onchange: () => act(input.checked) });
    input.checked = value;
    return { element: make("label", {}, input, name), input, set: v => { input.checked = v; } };
  };
  const whole = (name, min, max, value, act) => {
    const input = make("input", { type: "number", min, max, step: 1, value, "aria-label": name, onchange: () => {
      const v = Math.round(Number(input.value));
      const within = Math.min(max, Math.max(min, Number.isFinite(v) ? v : min));
      input.value = within;
      act(within);
    } });
    return { element: make("label", {}, name, input), input, set: v => { input.value = v; } };
  };
  const group = (name, ...controls) => make("fieldset", {}, make("legend", {}, name), ...controls.map(c => c.element || c));

  const groups = (...all) => make("div", { class: "groups" }, ...all);
  /// These are what the figure shows.
  const show = (...parts) => host.querySelector(".gradus-stage").replaceChildren(make("h4", {}, data.title), ...parts, live);

  /// The colours of the page: those of its text, and what is nearly its ground.
  const COLOURS = data.colours;
  const theme = () => {
    const text = getComputedStyle(host).color;
    const [r, g, b] = (text.match(/[\d.]+/g) || [30, 30, 30]).map(Number);
    const dark = 0.3 * r + 0.6 * g + 0.1 * b > 128;
    return { text, dark, ground: dark ? [30, 32, 36] : [250, 250, 250], faint: dark ? "#ffffff33" : "#00000022" };
  };
  /// A colour for words: nearer to that of the page's text.
  const legible = colour => `color-mix(in srgb, ${colour} 55%, currentColor)`;
  const rgb = colour => [1, 3, 5].map(i => parseInt(colour.slice(i, i + 2), 16));

  // The page has turned dark or light: what is at rest is drawn anew.
  const painted = [];
  let ink = getComputedStyle(host).color;
  const turn = () => {
    const now = getComputedStyle(host).color;
    if (now === ink) return;
    ink = now;
    // Chromium mixes the former colour of the text into names unless they are set again.
    for (const name of host.querySelectorAll("[style*=color-mix]")) [name.style.color] = [name.style.color, (name.style.color = "")];
    for (const paint of painted) paint();
  };
  for (const root of [document.documentElement, document.body]) new MutationObserver(turn).observe(root, { attributes: true });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", turn);

  /// A canvas of this height that is drawn with `draw(context, width, height)` when it is asked for or its size changes.
  const canvas = (name, height, draw, attributes) => {
    const element = make("canvas", { role: "img", "aria-label": name, ...attributes });
    element.style.height = height + "px";
    let width = 0;
    const paint = () => {
      const now = element.clientWidth;
      if (!now) return;
      const scale = Math.min(2, window.devicePixelRatio || 1);
      const [w, h] = [Math.round(now * scale), Math.round(element.clientHeight * scale)];
      if (element.width !== w || element.height !== h) [element.width, element.height] = [w, h];
      width = now;
      const context = element.getContext("2d");
      context.setTransform(scale, 0, 0, scale, 0, 0);
      context.clearRect(0, 0, now, element.clientHeight);
      context.font = "11px system-ui, sans-serif";
      draw(context, now, element.clientHeight);
    };
    new ResizeObserver(() => { if (element.clientWidth !== width) paint(); }).observe(element);
    painted.push(paint);
    return { element, paint, describe: text => element.setAttribute("aria-label", text) };
  };

  /// Lines over a grid, `y` by factors of 10, and `x`, too, where it goes `from` a number to another. `lines` have points [x, y], a
  /// colour, a dash, and `dots` instead of a line.
  const chart = (c, width, height, lines, xName, yName, [from, to] = []) => {
    const { text, faint } = theme();
    const points = lines.flatMap(line => line.points.filter(p => p[1] > 0 && Number.isFinite(p[1])));
    const [left, top, w, h] = [46, 22, width - 58, height - (from ? 60 : 48)];
    const last = to ?? Math.max(1, ...lines.map(line => (line.points.length ? line.points[line.points.length - 1][0] : 1)));
    let low = Infinity, high = -Infinity;
    for (const [, y] of points) {
      low = Math.min(low, Math.log10(y));
      high = Math.max(high, Math.log10(y));
    }
    if (!points.length) [low, high] = [-1, 0];
    [low, high] = [Math.max(Math.floor(low), Math.ceil(high) - 20), Math.max(Math.ceil(high), Math.floor(low) + 1)];
    const X = x => left + w * (from ? Math.log(x / from) / Math.log(to / from) : x / last), Y = y => top + h * (1 - (Math.max(low, Math.min(high, Math.log10(y))) - low) / (high - low));
    c.fillStyle = text;
    c.strokeStyle = faint;
    c.lineWidth = 1;
    c.textAlign = "right";
    for (let e = low, gap = Math.ceil((high - low) / 5); e <= high; e += gap) {
      const y = Y(10 ** e);
      c.beginPath();
      c.moveTo(left, y);
      c.lineTo(left + w, y);
      c.stroke();
      c.fillText(e >= -3 && e <= 3 ? short(10 ** e) : "1e" + e, left - 5, y + 4);
    }
    c.textAlign = "center";
    const ticks = from ? Array.from({ length: Math.floor(Math.log10(to / from) + 1e-9) + 1 }, (_, i) => 10 ** (Math.ceil(Math.log10(from) - 1e-9) + i)) : [0, last];
    for (const x of ticks) c.fillText(short(x), X(x), top + h + 14);
    c.fillText(xName, left + w / 2, top + h + 14 + (from ? 12 : 0));
    c.textAlign = "left";
    c.fillText(yName, 2, 11);
    c.lineWidth = 2;
    for (const { points, colour, dash, dots } of lines) {
      c.strokeStyle = c.fillStyle = colour;
      if (dots) {
        for (const [x, y] of points) if (y > 0) c.fillRect(X(x) - 3, Y(y) - 3, 6, 6);
        continue;
      }
      c.setLineDash(dash || []);
      c.beginPath();
      // As many points as there are pixels.
      const gap = Math.max(1, Math.floor(points.length / w / 2));
      let open = false;
      points.forEach(([x, y], i) => {
        if (i % gap && i < points.length - 1) return;
        if (!(y > 0) || !Number.isFinite(y)) return void (open = false);
        if (open) c.lineTo(X(x), Y(y));
        else c.moveTo(X(x), Y(y));
        open = true;
      });
      c.stroke();
    }
    c.setLineDash([]);
    return { X, Y, left, top, w, h };
  };

  /// A table whose caption is for those who do not see it. A row has a name and so many cells, which `fill` fills.
  const row = (name, count, colour) => {
    const head = make("th", { scope: "row" }, name);
    if (colour) head.style.color = legible(colour);
    return make("tr", {}, head, ...Array.from({ length: count }, () => make("td", {})));
  };
  const fill = (row, texts) => texts.forEach((text, i) => { if (row.children[i + 1].textContent !== text) row.children[i + 1].textContent = text; });
  const table = (caption, head, rows) => make("div", { class: "scroll" }, make("table", {}, make("caption", { class: "hidden" }, caption),
    make("thead", {}, make("tr", {}, ...head.map(text => make("th", { scope: "col" }, text)))), make("tbody", {}, ...rows)));

  /// Calls `act(x, y, width, height)` where one points or drags on a canvas, and `act(null, [dx, dy])` for the arrows.
  const drag = (element, act) => {
    const at = event => {
      const place = element.getBoundingClientRect();
      act(event.clientX - place.left, event.clientY - place.top, place.width, place.height);
    };
    element.addEventListener("pointerdown", event => {
      element.setPointerCapture(event.pointerId);
      at(event);
    });
    element.addEventListener("pointermove", event => { if (element.hasPointerCapture(event.pointerId)) at(event); });
    element.addEventListener("keydown", event => {
      const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!move) return;
      event.preventDefault();
      act(null, move);
    });
  };

  /// A map of a cost of two numbers, in bands by factors over the lowest so that the bottom shows, too, with ways down and the place
  /// where they start, which `begin(x, y)` is told. `now()` says what is to be seen: `value(x, y)`, the `window`, the `names` of the
  /// axes, the `minima`, the `start`, and `ways` of `points` up to `to`, each with a `colour` and a `dash`.
  const map = (height, now, begin) => {
    const NX = 160, NY = 120, BANDS = 14;
    const picture = make("canvas", { width: NX, height: NY });
    let drawn = {};
    const frame = (w, h) => ({ left: 34, top: 8, w: w - 42, h: h - 32 });
    function paintCost({ value, window: [[x0, x1], [y0, y1]] }, dark) {
      if (drawn.value === value && drawn.dark === dark) return;
      drawn = { value, dark };
      const values = new Float64Array(NX * NY);
      let low = Infinity, high = -Infinity;
      for (let j = 0, k = 0; j < NY; j++) {
        for (let i = 0; i < NX; i++, k++) {
          const v = values[k] = value(x0 + (x1 - x0) * (i + 0.5) / NX, y1 - (y1 - y0) * (j + 0.5) / NY);
          if (Number.isFinite(v)) [low, high] = [Math.min(low, v), Math.max(high, v)];
        }
      }
      const pen = picture.getContext("2d"), image = pen.createImageData(NX, NY), unit = (high - low) / 400 || 1, top = Math.log1p((high - low) / unit);
      // From the valley's colour up to the ridge's, one hue.
      const [valley, ridge] = dark ? [[20, 34, 52], [150, 180, 205]] : [[120, 170, 205], [248, 250, 252]];
      values.forEach((v, k) => {
        const part = Number.isFinite(v) ? Math.floor(BANDS * Math.log1p((v - low) / unit) / top) / BANDS : 1;
        image.data.set([...valley.map((c, i) => c + (ridge[i] - c) * part), 255], 4 * k);
      });
      pen.putImageData(image, 0, 0);
    }
    const ground = canvas("", height, (c, w, h) => {
      const seen = now(), f = frame(w, h), { dark, text } = theme(), [[x0, x1], [y0, y1]] = seen.window;
      const X = x => f.left + f.w * (x - x0) / (x1 - x0), Y = y => f.top + f.h * (y1 - y) / (y1 - y0);
      const ink = dark ? "#fff" : "#000";
      paintCost(seen, dark);
      c.imageSmoothingEnabled = true;
      c.drawImage(picture, f.left, f.top, f.w, f.h);
      c.strokeStyle = "#888";
      c.strokeRect(f.left, f.top, f.w, f.h);
      c.fillStyle = text;
      c.textAlign = "center";
      for (const [v, x] of [[x0, f.left + 10], [x1, f.left + f.w - 10]]) c.fillText(short(v), x, f.top + f.h + 14);
      c.fillText(seen.names[0], f.left + f.w / 2, f.top + f.h + 14);
      c.textAlign = "right";
      for (const [v, y] of [[y0, f.top + f.h], [y1, f.top + 9]]) c.fillText(short(v), f.left - 4, y);
      c.fillText(seen.names[1], f.left - 8, f.top + f.h / 2);
      c.save();
      c.beginPath();
      c.rect(f.left, f.top, f.w, f.h);
      c.clip();
      c.lineWidth = 2;
      c.strokeStyle = ink;
      for (const [x, y] of seen.minima) {
        c.beginPath();
        for (const turn of [-5, 5]) {
          c.moveTo(X(x) - 5, Y(y) - turn);
          c.lineTo(X(x) + 5, Y(y) + turn);
        }
        c.stroke();
      }
      for (const { points, to, colour, dash } of seen.ways) {
        c.strokeStyle = c.fillStyle = colour;
        c.setLineDash(dash || []);
        c.beginPath();
        for (let t = 0; t <= to; t++) c.lineTo(X(points[t][0]), Y(points[t][1]));
        c.stroke();
        c.setLineDash([]);
        if (to <= 60) for (let t = 0; t <= to; t++) c.fillRect(X(points[t][0]) - 1.5, Y(points[t][1]) - 1.5, 3, 3);
        c.beginPath();
        c.arc(X(points[to][0]), Y(points[to][1]), 4.5, 0, 7);
        c.fill();
        c.strokeStyle = dark ? "#000" : "#fff";
        c.lineWidth = 1;
        c.stroke();
        c.lineWidth = 2;
      }
      c.strokeStyle = ink;
      c.beginPath();
      c.arc(X(seen.start[0]), Y(seen.start[1]), 7, 0, 7);
      c.stroke();
      c.restore();
    }, { tabindex: "0", role: "application", class: "aim" });
    drag(ground.element, (x, y, w, h) => {
      const { start, window: [[x0, x1], [y0, y1]] } = now(), f = frame(w, h), within = (v, low, high) => Math.max(low, Math.min(high, v));
      const [u, v] = x === null ? [start[0] + y[0] * (x1 - x0) / 50, start[1] + y[1] * (y1 - y0) / 50]
        : [x0 + (x1 - x0) * (x - f.left) / f.w, y1 - (y1 - y0) * (y - f.top) / f.h];
      begin(within(u, x0, x1), within(v, y0, y1));
    });
    return ground;
  };

  /// Calls `tick` before each picture while it runs and is on the screen.
  const clock = tick => {
    let running = false, seen = true, request = 0, last = 0;
    const next = () => { if (running && seen && !request) request = requestAnimationFrame(frame); };
    const frame = now => {
      request = 0;
      if (!host.isConnected) running = false;
      if (!running) return;
      // Who wants less motion sees two pictures a second.
      if (!still || now - last > 500) {
        last = now;
        tick(now);
      }
      next();
    };
    new IntersectionObserver(entries => {
      seen = entries[entries.length - 1].isIntersecting;
      next();
    }).observe(host);
    return { get running() { return running; }, start() { running = true; next(); }, stop() { running = false; } };
  };

  /// The bar of a way that is walked: back to the start, play, one step, the moment. `last()` is how long it is, `draw()` shows it up to
  /// `at`, `said()` is what is told at rest. One that is `opening` moves by itself, again and again, until one touches it; others begin
  /// at the end. A step takes `pace` pictures.
  const player = ({ last, draw, said, unit = say("paso", "step"), opening, pace = 1 }) => {
    let at = 0, held = 0, pictures = 0;
    const moment = make("input", { type: "range", class: "grow", min: 0, step: 1, "aria-label": unit, oninput: () => go(Number(moment.value)) });
    const text = make("output", {});
    const play = button("▶", "", () => {
      opening = false;
      if (ticks.running) return void pause();
      if (at >= last()) at = 0;
      start();
    });
    play.className = "play";
    const ticks = clock(() => {
      if (!still && ++pictures % pace) return;
      if (at >= last()) {
        if (!opening) return void pause();
        // As it opens it goes on again after a rest.
        if (++held < 90) return;
        held = at = 0;
      }
      at = Math.min(last(), at + (still ? Math.ceil(last() / 10) : Math.ceil(last() / 400)));
      show();
    });
    function show() {
      moment.max = last();
      moment.value = at;
      text.textContent = `${unit} ${at}`;
      moment.setAttribute("aria-valuetext", text.textContent);
      play.textContent = ticks.running ? "❚❚" : "▶";
      play.title = ticks.running ? say("Pausa", "Pause") : say("Reproducir", "Play");
      play.setAttribute("aria-label", play.title);
      draw();
    }
    function start() {
      ticks.start();
      show();
    }
    function pause() {
      opening = false;
      ticks.stop();
      show();
      live.textContent = said();
    }
    function go(to) {
      at = Math.max(0, Math.min(last(), to));
      pause();
    }
    return {
      element: make("div", { class: "bar", role: "group", "aria-label": data.title }, button("|◀", say("Volver al principio", "Back to the start"), () => go(0)), play,
        button("▶|", say("Un paso adelante", "One step forward"), () => go(at + 1)), moment, text),
      get at() { return at; },
      get running() { return ticks.running; },
      /// The way has changed: all of it is seen at once, unless it is being walked.
      changed() {
        opening = false;
        at = ticks.running ? Math.min(at, last()) : last();
        show();
      },
      begin() {
        if (opening && !still) return void start();
        at = last();
        show();
      },
    };
  };

  // Nothing that is typed here reaches the notebook's shortcuts.
  for (const kind of ["keydown", "keyup", "keypress"]) host.addEventListener(kind, event => event.stopPropagation());

  const live = make("div", { class: "hidden", "aria-live": "polite" });
  return {
    say, still, make, button, short, slider, select, check, whole, group, groups, show, theme, legible, rgb, canvas, chart, row, fill, table, drag, map,
    clock, player, live, COLOURS,
    tell: text => { live.textContent = text; },
  };
}
