// A graph that one walks through, operation by operation, values forward and gradients backward; its inputs are fields to write in.
function (host, data, trainer, kit, autograd) {
  "use strict";
  const { say, make, short, group, show, row, fill, table, theme, legible, COLOURS } = kit;
  const nodes = data.nodes.map(node => ({ ...node })), { boxes, edges } = data;
  const own = new Set(boxes.map(box => box.node)), top = boxes.length - 1, root = boxes[top].name;
  const operations = boxes.map((_, i) => i).filter(i => edges.some(edge => edge.to === i));
  const FORWARD = operations.length, LAST = 2 * FORWARD + 1;
  let now = null, local = [], arrived = [];

  /// What each moment knows: values up to an operation, then the gradient of the output, 1, then what each operation passes back.
  function compute() {
    now = autograd.run(nodes);
    local = edges.map(({ from, to, input }) => (input !== null ? now.locals[boxes[to].node][input]
      : autograd.back(nodes, now.locals, boxes[to].node, i => own.has(i))[boxes[from].node]));
    walk.changed();
  }
  const value = i => now.values[boxes[i].node], gradient = i => now.gradients[boxes[i].node];
  /// The operation whose turn it is in this moment, and whether forward.
  const turn = at => (at <= FORWARD ? [operations[at - 1], true] : at === FORWARD + 1 ? [top, false] : [operations[LAST - at], false]);
  const known = (i, at) => !operations.includes(i) || operations.indexOf(i) < at;
  /// What has come back along an edge by then.
  const passed = ({ to }, at) => at > FORWARD + 1 && LAST - at <= operations.indexOf(to);
  function received(i, at) {
    if (i === top) return at > FORWARD ? 1 : null;
    const all = edges.map((edge, k) => [edge, k]).filter(([edge]) => edge.from === i && passed(edge, at));
    return all.length ? all.reduce((sum, [edge, k]) => sum + gradient(edge.to) * local[k], 0) : null;
  }

  // ---- The picture.

  const svg = (tag, attributes, text) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const name in attributes) element.setAttribute(name, attributes[name]);
    if (text) element.textContent = text;
    return element;
  };
  const [wide, high] = data.size;
  const picture = svg("svg", { viewBox: `0 0 ${wide} ${high}`, role: "img", width: wide, height: high });
  picture.style.cssText = `display: block; width: 100%; max-width: ${wide}px; min-width: ${Math.round(0.8 * wide)}px; height: auto`;
  const words = (x, y, size, text, weight) => svg("text", { x, y, "font-size": size, "font-weight": weight || 400, fill: "currentColor", "text-anchor": "middle", "dominant-baseline": "central" }, text);
  const arrows = edges.map(({ start: [x1, y1], end: [x, y], down, label: [left, upper, right, lower] }) => {
    const line = svg("line", { x1, y1, x2: x, y2: y });
    const head = svg("path", { d: down ? `M${x} ${y}l-4 -8h8z` : `M${x} ${y}l-8 -4v8z` });
    const ground = svg("rect", { x: left, y: upper, width: right - left, height: lower - upper });
    const middle = (left + right) / 2, quarter = (lower - upper) / 4;
    const slope = words(middle, upper + quarter, 12), back = words(middle, lower - quarter, 12);
    picture.append(line, head);
    return { line, head, ground, slope, back };
  });
  for (const { ground, slope, back } of arrows) picture.append(ground, slope, back);
  const frames = boxes.map(({ corners: [left, upper, right, lower], heading }) => {
    const frame = svg("rect", { x: left, y: upper, width: right - left, height: lower - upper, rx: 3, stroke: "currentColor" });
    const quarter = (right - left) / 4, value = words(left + quarter, lower - 15, 13), gradient = words(right - quarter, lower - 15, 13);
    picture.append(frame, words((left + right) / 2, upper + 16, 14, heading, 600), value, gradient);
    return { frame, value, gradient };
  });

  const rows = boxes.map(({ heading }) => row(heading, 2));
  const saying = make("p", { role: "status" });
  function sentence(at) {
    const [i, forward] = at ? turn(at) : [];
    if (!at) return say("Las entradas. Hacia delante se calculan los valores.", "The inputs. Forward, the values are computed.");
    const name = boxes[i].name;
    if (forward) return say("Hacia delante: ", "Forward: ") + `${boxes[i].heading}: ${short(value(i))}`;
    if (at === FORWARD + 1) return say("Hacia atrás: ", "Backward: ") + `∂${root}/∂${root} = 1`;
    const gone = edges.map((edge, k) => [edge, k]).filter(([edge]) => edge.to === i);
    return say("Hacia atrás: ", "Backward: ") + gone.map(([edge, k]) => `${name} → ${boxes[edge.from].name}: ${short(gradient(i))} · ${short(local[k])} = ${short(gradient(i) * local[k])}`).join("; ");
  }
  function refresh() {
    const { at } = walk, [active, forward] = at && at < LAST ? turn(at) : [], [ahead, backward] = [0, 1].map(i => legible(COLOURS[i]));
    const { dark } = theme();
    boxes.forEach((_, i) => {
      const { frame, value: first, gradient: second } = frames[i], slope = received(i, at);
      frame.setAttribute("stroke-width", i === active ? 3 : 1);
      frame.setAttribute("fill", dark ? "#8882" : "#f6f7f9");
      first.textContent = known(i, at) ? short(value(i)) : "";
      second.textContent = slope === null ? "" : short(slope);
      first.style.fill = ahead;
      second.style.fill = backward;
      fill(rows[i], [first.textContent, second.textContent]);
    });
    arrows.forEach(({ line, head, ground, slope, back }, k) => {
      const edge = edges[k], busy = edge.to === active, gone = passed(edge, at), colour = busy ? (forward ? ahead : backward) : "#888";
      for (const part of [line, head]) part.style.cssText = `stroke: ${colour}; fill: ${colour}; stroke-width: ${busy ? 2.5 : 1}`;
      slope.textContent = known(edge.to, at) ? `× ${short(local[k])}` : "";
      back.textContent = gone ? `← ${short(gradient(edge.to) * local[k])}` : "";
      back.style.fill = backward;
      ground.setAttribute("fill", dark ? "#16181ce6" : "#ffffffe6");
      ground.setAttribute("visibility", slope.textContent ? "visible" : "hidden");
    });
    const text = sentence(at);
    if (saying.textContent !== text) saying.textContent = text;
    picture.setAttribute("aria-label", say("Grafo. ", "Graph. ") + boxes.map((box, i) => `${box.heading}: ${frames[i].value.textContent || "?"}${frames[i].gradient.textContent ? `, ∂${root}/∂${box.name} = ${frames[i].gradient.textContent}` : ""}`).join("; "));
  }
  const walk = kit.player({ last: () => LAST, draw: refresh, said: () => sentence(walk.at), pace: 40 });

  const fields = boxes.filter(box => box.input).map(({ name, node }) => {
    const take = () => {
      const v = input.valueAsNumber;
      if (!Number.isFinite(v) || v === nodes[node].value) return;
      nodes[node].value = v;
      compute();
    };
    const input = make("input", { type: "number", step: "any", value: nodes[node].value, "aria-label": name, oninput: take, onchange: take });
    return make("label", {}, `${name} =`, input);
  });
  show(kit.groups(group(say("Entradas", "Inputs"), ...fields)), walk.element, saying, make("div", { class: "scroll" }, picture),
    make("details", {}, make("summary", {}, say("Como tabla", "As a table")), table(say("Valores y gradientes", "Values and gradients"), ["", say("valor", "value"), `∂${root}/∂·`], rows)));
  compute();
  return { nodes, now: () => now, at: () => walk.at, local: () => local, received };
}
