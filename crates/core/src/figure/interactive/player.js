// The controls of an interactive figure. `data` has a title, words and a text for each frame; `draw(data, frame)` gives its SVG.
function (hash, data, draw) {
  "use strict";
  const words = data.words;
  const still = window.matchMedia && window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const make = (tag, attributes, text) => {
    const element = document.createElement(tag);
    for (const name in attributes) element.setAttribute(name, attributes[name]);
    if (text !== undefined) element.textContent = text;
    return element;
  };

  function start(host) {
    host.dataset.on = "";
    const stage = host.querySelector(".gradus-stage");
    const bar = make("div", { class: "gradus-bar", role: "group", "aria-label": data.title });
    let frame = 0, timer = null;

    const button = (sign, name, act) => {
      const element = make("button", { type: "button", title: name, "aria-label": name }, sign);
      element.addEventListener("click", act);
      bar.append(element);
      return element;
    };
    button("|◀", words.reset, () => { pause(); show(0); });
    button("◀", words.back, () => { pause(); show(frame - 1); });
    const play = button("▶", words.play, () => (timer ? pause() : run()));
    play.className = "gradus-play";
    button("▶|", words.step, () => { pause(); show(frame + 1); });
    const slider = make("input", { type: "range", min: 0, step: 1, "aria-label": words.frame });
    slider.addEventListener("input", () => { pause(); show(Number(slider.value)); });
    const caption = make("output", { class: "gradus-caption", "aria-live": "polite" });
    bar.append(slider, caption);
    stage.after(bar);

    function show(to) {
      const last = data.texts.length - 1;
      frame = Math.max(0, Math.min(last, to));
      stage.innerHTML = draw(data, frame);
      const picture = stage.firstElementChild;
      picture.setAttribute("role", "img");
      const detail = data.details.length ? data.details[frame] : data.texts[frame];
      picture.setAttribute("aria-label", data.title + ". " + detail + (data.about ? ". " + data.about : ""));
      slider.max = last;
      slider.value = frame;
      slider.setAttribute("aria-valuetext", data.texts[frame]);
      caption.textContent = data.texts[frame];
    }
    function label(sign, name) {
      play.textContent = sign;
      play.title = name;
      play.setAttribute("aria-label", name);
    }
    function pause() {
      clearInterval(timer);
      timer = null;
      label("▶", words.play);
      caption.setAttribute("aria-live", "polite");
    }
    function run() {
      if (frame >= data.texts.length - 1) show(0);
      label("❚❚", words.pause);
      caption.setAttribute("aria-live", "off");
      timer = setInterval(() => {
        if (!host.isConnected || frame >= data.texts.length - 1) pause();
        else show(frame + 1);
      }, still ? 1000 : data.delay);
    }

    host.addEventListener("keydown", event => {
      const on = event.target.tagName;
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const steps = { ArrowRight: 1, ArrowLeft: -1 };
      if (event.key === " " && on !== "BUTTON") timer ? pause() : run();
      else if (event.key in steps && on !== "INPUT") { pause(); show(frame + steps[event.key]); }
      else if (event.key === "Home" && on !== "INPUT") { pause(); show(0); }
      else return;
      event.preventDefault();
    });
    show(0);
  }

  const roots = [document];
  if (document.currentScript) roots.push(document.currentScript.getRootNode());
  for (const root of roots) {
    if (root.querySelectorAll) root.querySelectorAll('[data-gradus="' + hash + '"]:not([data-on])').forEach(start);
  }
}
