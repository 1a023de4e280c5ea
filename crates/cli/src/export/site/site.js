// The bar, the side and the search of a page. Everything can be read without it.
"use strict";

const main = document.querySelector("main");
const bar = document.querySelector("header.bar");
const side = document.querySelector(".side");

// On a phone a button shows the contents; a link or Escape hides them.
{
  const menu = document.querySelector(".menu");
  const open = (yes) => {
    side.classList.toggle("open", yes);
    menu.setAttribute("aria-expanded", yes);
  };
  menu.addEventListener("click", () => open(!side.classList.contains("open")));
  side.addEventListener("click", (event) => event.target.closest("a") && open(false));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && side.classList.contains("open")) {
      open(false);
      menu.focus();
    }
  });
  // Who leaves them with Tab reads on.
  side.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !side.contains(event.relatedTarget) && event.relatedTarget !== menu) open(false);
  });
  // In a long list the current lesson is to be seen.
  const here = side.querySelector("[aria-current]");
  const list = here?.closest("nav");
  if (here && list.scrollHeight > list.clientHeight) list.scrollTop = here.offsetTop - list.clientHeight / 2;
}

// The heading that is being read is marked; the other language opens at the same cell.
{
  const links = new Map([...side.querySelectorAll(".headings a")].map((link) => [link.hash.slice(1), link]));
  const headings = [...links.keys()].map((id) => document.getElementById(id));
  const cells = [...main.querySelectorAll(".cell")];
  // The last one that begins above this line of the window.
  const current = (elements, line) => elements.findLast((element) => element.getBoundingClientRect().top <= line);
  let marked = null;
  const mark = () => {
    const end = scrollY + innerHeight > document.documentElement.scrollHeight - 4;
    const link = links.get(current(headings, end ? innerHeight : innerHeight / 3)?.id);
    if (link === marked) return;
    marked?.removeAttribute("aria-current");
    link?.setAttribute("aria-current", "location");
    link?.scrollIntoView({ block: "nearest" });
    marked = link;
  };
  let waiting = false;
  addEventListener("scroll", () => {
    if (!waiting) requestAnimationFrame(() => { waiting = false; mark(); });
    waiting = true;
  }, { passive: true });
  mark();

  document.querySelector("a.language")?.addEventListener("click", (event) => {
    const link = event.currentTarget;
    link.hash = "";
    if (scrollY < innerHeight / 4) return;
    const line = bar.offsetHeight + 24;
    const heading = current(headings, line);
    const cell = current(cells, line);
    // A heading may begin in the middle of a cell.
    const place = heading && cell?.contains(heading) ? heading : cell;
    if (place) link.hash = place.id;
  });
}

// Code can be copied.
{
  const template = document.getElementById("copy");
  const said = document.getElementById("said");
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Without https, or when it is forbidden.
      const field = document.createElement("textarea");
      field.value = text;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
  };
  for (const code of main.querySelectorAll(".code")) {
    const around = document.createElement("div");
    around.className = "copyable";
    code.replaceWith(around);
    const button = template.content.firstElementChild.cloneNode(true);
    around.append(code, button);
    const name = button.textContent;
    button.addEventListener("click", async () => {
      await copy(code.textContent);
      button.focus();
      button.textContent = said.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = name; said.textContent = ""; }, 2000);
    });
  }
}

// What is wider than the page scrolls by itself, by keys, too.
{
  const wide = () => {
    for (const formula of main.querySelectorAll(":is(p, li) math:not([display=block])")) {
      formula.classList.remove("wide");
      const block = formula.closest("p, li");
      if (formula.getBoundingClientRect().right > block.getBoundingClientRect().right + 1) formula.classList.add("wide");
    }
    for (const box of main.querySelectorAll("pre, .output, .table, .formula, .gradus-stage, .scroll, math.wide")) {
      if (box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).overflowX === "auto") box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  new ResizeObserver(wide).observe(main);
  main.addEventListener("toggle", wide, true);
}

// Paper shows what is folded, and the end of what moves.
{
  let folded = [];
  let moving = [];
  const move = (slider, value) => {
    slider.value = value;
    slider.dispatchEvent(new Event("input"));
  };
  addEventListener("beforeprint", () => {
    folded = [...main.querySelectorAll("details:not([open])")];
    for (const details of folded) details.open = true;
    moving = [...main.querySelectorAll(".gradus-bar input[type=range]")].filter((slider) => Number(slider.value) === 0);
    for (const slider of moving) move(slider, slider.max);
  });
  addEventListener("afterprint", () => {
    for (const details of folded) details.open = false;
    for (const slider of moving) move(slider, 0);
  });
}

// The search: all words must stand in a part of a lesson; accents and capitals do not matter.
{
  const MOST = 20;
  const form = document.querySelector(".search");
  const input = form.querySelector("input");
  const found = form.querySelector(".found");
  const status = found.querySelector("p");
  const list = found.querySelector("ol");
  let parts = null;

  // As long as the text, so that what is found here stands there.
  const fold = (text) =>
    text.toLowerCase().replace(/[\u0080-\uffff]/g, (letter) => {
      const plain = letter.normalize("NFD").replace(/\p{M}/gu, "");
      return plain.length === 1 ? plain : letter;
    });

  // The index is a script that calls this, since a page that was opened as a file may read no other file.
  window.gradusSearch = (pages) => {
    parts = pages.flatMap(([file, title, sections]) =>
      sections.map(([id, heading, text]) => ({
        href: id ? `${file}#${id}` : file, title, heading, text,
        name: fold(`${title} ${heading}`), folded: fold(text),
      })));
    show();
  };
  const load = () => {
    if (document.getElementById("index")) return;
    const script = document.createElement("script");
    script.id = "index";
    script.src = "search.js";
    document.head.append(script);
  };

  // How well a part fits: a word in the heading weighs more than one in the text, and the more the oftener it stands there.
  function score(part, words) {
    let sum = 0;
    for (const word of words) {
      const fits = (part.name.includes(word) ? 10 : 0) + Math.min(5, part.folded.split(word).length - 1);
      if (fits === 0) return 0;
      sum += fits;
    }
    return sum;
  }

  // The text around the first word, with all of them marked.
  function excerpt(part, words) {
    const at = Math.min(...words.map((word) => part.folded.indexOf(word)).filter((at) => at >= 0));
    // From the beginning of a word to the end of another; from the first where all words stand in the heading.
    const from = at > 60 && at < Infinity ? part.text.indexOf(" ", at - 60) + 1 : 0;
    const until = from + 200 < part.text.length ? part.text.lastIndexOf(" ", from + 200) : part.text.length;
    const line = document.createElement("small");
    line.append(from > 0 ? "… " : "");
    marked(line, part.text.slice(from, until), part.folded.slice(from, until), words);
    line.append(until < part.text.length ? " …" : "");
    return line;
  }

  function marked(element, text, folded, words) {
    let at = 0;
    while (at < text.length) {
      const next = words.map((word) => [folded.indexOf(word, at), word.length]).filter(([place]) => place >= 0).sort(([a], [b]) => a - b)[0];
      if (!next) break;
      const mark = document.createElement("mark");
      mark.textContent = text.slice(next[0], next[0] + next[1]);
      element.append(text.slice(at, next[0]), mark);
      at = next[0] + next[1];
    }
    element.append(text.slice(at));
  }

  function show() {
    const words = fold(input.value).split(/\s+/).filter(Boolean);
    found.hidden = words.length === 0 || parts === null;
    if (found.hidden) return;
    const hits = parts.map((part) => [score(part, words), part]).filter(([points]) => points > 0).sort(([a], [b]) => b - a);
    const kind = ["none", "one"][hits.length] ?? (hits.length > MOST ? "most" : "some");
    status.textContent = status.dataset[kind].replace("%", hits.length === 0 ? input.value.trim() : hits.length);
    list.replaceChildren(...hits.slice(0, MOST).map(([, part]) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = part.href;
      const heading = document.createElement("strong");
      heading.textContent = part.heading || part.title;
      const lesson = document.createElement("small");
      lesson.textContent = part.title;
      link.append(heading);
      if (part.heading && part.heading !== part.title) link.append(lesson);
      link.append(excerpt(part, words));
      item.append(link);
      return item;
    }));
  }

  const close = () => { found.hidden = true; };
  input.addEventListener("focus", load);
  input.addEventListener("input", show);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    list.querySelector("a")?.click();
  });
  form.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") {
      close();
      input.focus();
    } else if (step && !found.hidden) {
      const stops = [input, ...list.querySelectorAll("a")];
      stops[Math.max(0, Math.min(stops.length - 1, stops.indexOf(document.activeElement) + step))].focus();
      event.preventDefault();
    }
  });
  list.addEventListener("click", (event) => event.target.closest("a") && close());
  form.addEventListener("focusout", (event) => event.relatedTarget && !form.contains(event.relatedTarget) && close());
  document.addEventListener("pointerdown", (event) => form.contains(event.target) || close());
  document.addEventListener("keydown", (event) => {
    if (event.key === "k" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      input.select();
      input.focus();
    }
  });
}
