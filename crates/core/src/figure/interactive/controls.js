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

  /// The colours of the page: those of its text, and what is nearly its ground.
  const COLOURS = data.colours;
  const theme = () => {
    const text = getComputedStyle(host).color;
    const [r, g, b] = (text.match(/[\d.]+/g) || [30, 30, 30]).map(Number);
    const dark = 0.3 * r + 0.6 * g + 0.1 * b > 128;
    return { text, dark, ground: dark ? [30, 32, 36] : [250, 250, 250], faint: dark ? "#ffffff33" : "#00000022" };
  };
  /// A colour for words: nearer to that of the page's text.
  const legible = colour => `color-mix(in srgb, ${colour} 65%, currentColor)`;
  const rgb = colour => [1, 3, 5].map(i => parseInt(colour.slice(i, i + 2), 16));

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
    return { element, paint, describe: text => element.setAttribute("aria-label", text) };
  };

  /// Lines over a grid, `y` by factors of 10. `lines` have points [x, y], a colour and a dash.
  const chart = (c, width, height, lines, xName, yName) => {
    const { text, faint } = theme();
    const points = lines.flatMap(line => line.points.filter(p => p[1] > 0 && Number.isFinite(p[1])));
    const [left, top, w, h] = [46, 22, width - 58, height - 48];
    const last = Math.max(1, ...lines.map(line => (line.points.length ? line.points[line.points.length - 1][0] : 1)));
    let low = Infinity, high = -Infinity;
    for (const [, y] of points) {
      low = Math.min(low, Math.log10(y));
      high = Math.max(high, Math.log10(y));
    }
    if (!points.length) [low, high] = [-1, 0];
    [low, high] = [Math.max(Math.floor(low), Math.ceil(high) - 20), Math.max(Math.ceil(high), Math.floor(low) + 1)];
    const X = x => left + w * x / last, Y = y => top + h * (1 - (Math.max(low, Math.min(high, Math.log10(y))) - low) / (high - low));
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
    c.fillText(String(last), left + w, top + h + 14);
    c.textAlign = "left";
    c.fillText("0", left, top + h + 14);
    c.fillText(yName, 2, 11);
    c.textAlign = "center";
    c.fillText(xName, left + w / 2, top + h + 14);
    c.lineWidth = 2;
    for (const { points, colour, dash } of lines) {
      c.strokeStyle = colour;
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
    return { X, Y };
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

  // Nothing that is typed here reaches the notebook's shortcuts.
  for (const kind of ["keydown", "keyup", "keypress"]) host.addEventListener(kind, event => event.stopPropagation());

  const live = make("div", { class: "hidden", "aria-live": "polite" });
  return {
    say, still, make, button, short, slider, select, check, whole, group, theme, legible, rgb, canvas, chart, clock, live, COLOURS,
    tell: text => { live.textContent = text; },
  };
}
