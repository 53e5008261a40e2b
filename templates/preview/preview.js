// The preview's page: asks for what is chosen, shows it, and asks again whenever the server tells of a saved change.
"use strict";

const at = (id) => document.getElementById(id);
const made = (kind, className, text) => {
  const element = document.createElement(kind);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
};
const chosen = (name) => document.querySelector(`input[name="${name}"]:checked`).value;
const counted = (number, one) => `${number} ${one}${number === 1 ? "" : "s"}`;

const COLOURS = ["#2f9e44", "#e8590c", "#1c7ed6", "#ae3ec9", "#c2a000", "#0ca6a6", "#d6336c", "#7048e8", "#74b816", "#868e96"];
const DEPTHS = ["#1c7ed6", "#e8590c", "#2f9e44", "#ae3ec9", "#0b7285"];
const PAUSE = 1500; // Milliseconds before what takes long and can wait: whoever saves again is not held up by it.
const state = { revision: 0, savedAt: 0, files: [], sheet: null, toner: null, asked: 0, choices: null };

// --- what is chosen, kept in the address so that a reload keeps it ---

function wish() {
  const view = { document: at("document").value, language: at("language").value, second: at("second").value };
  view.paper = chosen("paper");
  view.size = chosen("size");
  view.sample = at("sample").checked ? "yes" : "";
  return new URLSearchParams(view).toString();
}

function fill(select, choices, keep) {
  select.replaceChildren(...keep, ...choices.map(({ value, name }) => {
    const option = made("option", "", name);
    option.value = value;
    return option;
  }));
}

async function choose(path) {
  const choices = await asked(path);
  if (!choices) return;
  const before = new URLSearchParams(at("document").value ? wish() : location.hash.slice(1));
  const first = choices.documents.find((each) => each.value.endsWith("aftercare")) ?? choices.documents[0];
  state.choices = choices;
  at("clinic").textContent = choices.clinic || at("clinic").textContent;
  fill(at("document"), choices.documents, []);
  at("document").value = before.get("document") || first?.value || "";
  mark(before.get("language") || choices.language, before.get("second") || "");
  for (const name of ["paper", "size"]) {
    const input = document.querySelector(`input[name="${name}"][value="${CSS.escape(before.get(name) ?? "")}"]`);
    if (input) input.checked = true;
  }
  at("sample").checked = before.get("sample") === "yes";
}

// Of each language it is told whether the document is whole in it.
function mark(language, second) {
  const document = state.choices.documents.find((each) => each.value === at("document").value);
  const named = state.choices.languages.map(({ value, name }) => ({
    value, name: document?.whole && !document.whole.includes(value) ? `${name} (not whole)` : name,
  }));
  fill(at("language"), named, []);
  fill(at("second"), named, [at("second").options[0]]);
  at("language").value = language;
  at("second").value = second;
}

// --- asking ---

async function asked(path) {
  try {
    const answer = await fetch(path);
    if (answer.ok) return await answer.json();
    tell("lost", answer.status === 401 ? "This window is no longer let in. Start handouts preview again." : "The preview itself failed: its terminal says why.");
  } catch {
    tell("lost", "The preview has ended. Start handouts preview again.");
  }
  return null;
}

function tell(kind, text) {
  document.body.dataset.state = kind;
  at("said").textContent = text;
}

// The newest answer counts; one that is late is passed over.
async function show() {
  const number = ++state.asked;
  const view = wish();
  history.replaceState(null, "", `#${view}`);
  at("pages").setAttribute("aria-busy", "true");
  tell("busy", state.savedAt ? `Making it anew: ${state.files.join(", ")}` : "Making the sheet …");
  const sheet = await asked(`/sheet?${view}`);
  if (!sheet || number !== state.asked) return;
  await showSheet(sheet);
  if (!sheet.made) at("phone").classList.add("failed"); // It has the same fault, and would take as long to say so.
  for (const form of sheet.made ? ["phone", "email"] : ["email"]) {
    if (at(form).hidden) continue;
    const answer = await asked(`/${form}?${view}`);
    if (!answer || number !== state.asked) return;
    showForm(form, answer, view);
  }
  document.body.dataset.shown = `${number}`;
  await new Promise((resolve) => setTimeout(resolve, PAUSE));
  if (number !== state.asked) return;
  if (!at("phone").hidden && sheet.made) {
    const judged = await asked(`/phone?${view}&judged`);
    if (judged && number === state.asked && !judged.made) showProblems(at("phone"), judged.problems, "On a phone");
  }
  if (number === state.asked) await choose("/choices?whole");
}

async function showSheet(sheet) {
  const same = state.sheet && state.sheet.stem === sheet.stem;
  at("pages").setAttribute("aria-busy", "false");
  showProblems(at("pages"), sheet.made ? [] : sheet.problems, "This sheet");
  if (sheet.pages) {
    state.sheet = sheet;
    state.toner = null;
    await drawPages();
    overlay();
  } else if (!same) {
    state.sheet = null;
    at("paper").replaceChildren();
    at("legend").hidden = true;
  }
  showNotes(sheet.made ? sheet.problems : []);
  at("pdf").hidden = !sheet.pages;
  at("pdf").href = `/pdf?${wish()}`;
  at("pages-said").textContent = sheet.pages ? `${counted(sheet.pages.length, "page")}${sheet.made ? changesSaid(sheet) : ", as last made"}` : "";
  const seconds = ((performance.now() - state.savedAt) / 1000).toFixed(1);
  const since = state.savedAt ? ` ${seconds} s after ${state.files.join(", ")} was saved` : "";
  state.savedAt = 0;
  if (sheet.made) tell("good", `Made${since}, ${new Date().toLocaleTimeString()}`);
  else tell("wrong", `${counted(sheet.problems.filter(({ severity }) => severity === "error").length, "problem")}${since}`);
  document.body.dataset.revision = `${sheet.revision}`;
}

function changesSaid(sheet) {
  if (!sheet.difference) return "";
  const { pages } = sheet.difference;
  return pages.length ? ` · ${counted(pages.length, "page")} changed since the last save` : " · no page changed since the last save";
}

function showForm(form, answer, view) {
  const pane = at(form), frame = pane.querySelector("iframe");
  showProblems(pane, answer.made ? [] : answer.problems, form === "phone" ? "On a phone" : "The email");
  if (!answer.made) return;
  const address = `/frame/${form}?${view}&revision=${answer.revision}`;
  const scrolled = frame.hidden ? 0 : frame.contentWindow.scrollY;
  frame.hidden = false;
  frame.onload = () => frame.contentWindow.scrollTo(0, scrolled);
  frame.contentWindow.location.replace(new URL(address, location.href));
  if (form === "phone") return;
  for (const name of ["sender", "subject", "attachment", "text"]) at(name).textContent = answer[name];
  pane.querySelectorAll(".envelope, h3, #text").forEach((each) => { each.hidden = false; });
}

// --- problems ---

function problem({ severity, place, line, what, do: remedy, excerpt }) {
  const shown = made("div", `problem ${severity}`);
  shown.append(made("p", "place", place), made("p", "what", what), made("p", "do", remedy));
  if (excerpt.length) {
    const lines = made("pre");
    lines.tabIndex = 0;
    lines.setAttribute("role", "group");
    lines.setAttribute("aria-label", `Lines of ${place}`);
    for (const [number, text] of excerpt) {
      const row = made("span", number === line ? "here" : "");
      row.append(made("b", "", `${number}`), text);
      lines.append(row);
    }
    shown.append(lines);
  }
  return shown;
}

function showProblems(pane, problems, subject) {
  const shown = pane.querySelector(".problems");
  const told = problems.filter(({ severity }) => severity === "error");
  pane.classList.toggle("failed", problems.length > 0);
  shown.hidden = !problems.length;
  shown.setAttribute("role", problems.length ? "alert" : "none");
  shown.replaceChildren(made("h3", "", `${subject} cannot be made: ${counted(told.length, "problem")}`), ...told.map(problem));
  if (!problems.length) shown.replaceChildren();
}

function showNotes(problems) {
  at("notes").hidden = !problems.length;
  at("notes").querySelector("summary").textContent = counted(problems.length, "warning");
  at("notes").querySelector("div").replaceChildren(...problems.map(problem));
}

// --- pages and what lies on them ---

// The pictures are ready before they take the place of the last ones: nothing flickers, and the page stays where it was.
async function drawPages() {
  const sheets = state.sheet.pages.map(({ width, height, picture }, index) => {
    const sheet = made("div", "sheet"), image = made("img"), over = made("div", "over");
    image.alt = `Page ${index + 1} of ${state.sheet.pages.length}`;
    image.src = picture;
    sheet.style.aspectRatio = `${width} / ${height}`;
    over.setAttribute("aria-hidden", "true");
    sheet.append(image, over);
    return sheet;
  });
  await Promise.all(sheets.map((sheet) => sheet.firstChild.decode().catch(() => {})));
  at("paper").replaceChildren(...sheets);
  await look();
}

async function look() {
  const kind = chosen("look");
  document.body.classList.toggle("blurred", kind === "blurred");
  document.body.classList.toggle("toner", kind === "toner");
  if (!state.sheet) return;
  const sheet = state.sheet;
  if (kind === "toner" && !state.toner) {
    const answer = await asked(`/toner?${wish()}`);
    if (!answer || sheet !== state.sheet) return;
    state.toner = answer.pages;
  }
  const pages = chosen("look") === "toner" && state.toner ? state.toner : sheet.pages;
  [...at("paper").querySelectorAll("img")].forEach((image, index) => { image.src = pages[index].picture; });
}

function placed(className, box, colour, text) {
  const { width, height } = state.sheet.pages[box.page - 1];
  const element = made("i", className, text);
  const share = (length, whole) => `${(length / whole * 100).toFixed(3)}%`;
  element.style.left = share(box.left, width);
  element.style.top = share(box.top, height);
  if (className !== "mark") {
    element.style.width = share(box.right - box.left, width);
    element.style.height = share(box.bottom - box.top, height);
  }
  if (colour && className === "word") element.style.background = colour;
  else if (colour) element.style.borderColor = colour;
  at("paper").children[box.page - 1].lastChild.append(element);
}

function overlay() {
  const kind = chosen("overlay"), legend = at("legend");
  at("paper").querySelectorAll(".over").forEach((over) => over.replaceChildren());
  at("paper").querySelectorAll(".sheet").forEach((sheet) => sheet.classList.remove("whole"));
  legend.hidden = kind === "none" || !state.sheet;
  if (legend.hidden) return;
  legend.replaceChildren(...OVERLAYS[kind](state.sheet));
  legend.tabIndex = 0;
  legend.setAttribute("role", "region");
  legend.setAttribute("aria-label", document.querySelector('input[name="overlay"]:checked').nextSibling.textContent);
}

const OVERLAYS = {
  boxes({ anatomy }) {
    const kinds = new Map();
    for (const tag of anatomy.tags.filter(({ kind }) => kind !== "Document")) {
      kinds.set(tag.kind, (kinds.get(tag.kind) ?? 0) + 1);
      for (const box of tag.boxes) placed("box", box, DEPTHS[tag.depth % DEPTHS.length]);
    }
    const counts = [...kinds].map(([kind, count]) => `${kind} ${count}`).join(" · ");
    return [made("strong", "", "Boxes"), " ", made("small", "", `around what each element holds, a colour for each depth: ${counts}`)];
  },
  fonts({ anatomy }) {
    const fonts = new Map();
    for (const words of anatomy.words) {
      if (!fonts.has(words.font)) fonts.set(words.font, { letters: 0, sizes: new Set(), text: words.text.trim() });
      const font = fonts.get(words.font);
      font.letters += [...words.text.replace(/\s/g, "")].length;
      font.sizes.add(words.size);
      placed("word", words.box, COLOURS[[...fonts.keys()].indexOf(words.font) % COLOURS.length]);
    }
    const list = made("ul");
    [...fonts].forEach(([name, { letters, sizes, text }], index) => {
      const item = made("li"), swatch = made("span", "swatch");
      swatch.style.background = COLOURS[index % COLOURS.length];
      const points = [...sizes].sort((one, other) => one - other).join(", ");
      item.append(swatch, made("strong", "", name), " ", made("small", "", `${letters} letters, ${points} pt, such as “${text.slice(0, 40)}”`));
      list.append(item);
    });
    return [made("strong", "", counted(fonts.size, "font")), list];
  },
  order({ anatomy }) {
    const list = made("ol");
    for (const tag of anatomy.tags.filter(({ number }) => number)) {
      for (const box of tag.own) {
        placed("read", box);
        placed("mark", box, "", `${tag.number}`);
      }
      const item = made("li"), more = [tag.language && `language ${tag.language}`, tag.alternative && `“${tag.alternative}”`];
      item.append(made("strong", "", tag.kind), " ", tag.text, " ", made("small", "", more.filter(Boolean).join(", ")));
      list.append(item);
    }
    for (const words of anatomy.unread) placed("silent", words.box);
    const silent = anatomy.unread.length ? `; hatched: ${counted(anatomy.unread.length, "piece")} of text that nobody hears` : "";
    return [made("strong", "", "Reading order"), " ", made("small", "", `as a screen reader goes through the PDF’s tags${silent}`), list];
  },
  changes({ difference }) {
    if (!difference) return [made("strong", "", "Changes"), " ", made("small", "", "none yet: save a file.")];
    for (const box of difference.regions) if (at("paper").children[box.page - 1]) placed("change", box);
    for (const page of difference.pages) {
      const sheet = at("paper").children[page - 1];
      if (sheet && !difference.regions.some((box) => box.page === page)) sheet.classList.add("whole");
    }
    const said = difference.pages.length
      ? `${counted(difference.pages.length, "page")} changed: ${difference.pages.join(", ")}; ${counted(difference.regions.length, "region")}`
      : "no page changed";
    return [made("strong", "", "Changes since the last save"), " ", made("small", "", said)];
  },
};

// --- what somebody does ---

function next(select, step) {
  const count = select.options.length;
  if (!count) return;
  select.selectedIndex = (select.selectedIndex + step + count) % count;
  select.dispatchEvent(new Event("change", { bubbles: true }));
}

function cycle(name) {
  const inputs = [...document.querySelectorAll(`input[name="${name}"]`)];
  inputs[(inputs.findIndex((input) => input.checked) + 1) % inputs.length].click();
}

function toggle(name, value) {
  const other = document.querySelector(`input[name="${name}"]`);
  const input = document.querySelector(`input[name="${name}"][value="${value}"]`);
  (input.checked && input.type === "radio" ? other : input).click();
}

const KEYS = {
  d: () => next(at("document"), 1), D: () => next(at("document"), -1),
  l: () => next(at("language"), 1), L: () => next(at("language"), -1),
  p: () => cycle("paper"), s: () => cycle("size"),
  w: () => toggle("look", "toner"), e: () => toggle("look", "blurred"),
  b: () => toggle("overlay", "boxes"), f: () => toggle("overlay", "fonts"),
  o: () => toggle("overlay", "order"), c: () => toggle("overlay", "changes"),
  1: () => toggle("pane", "pages"), 2: () => toggle("pane", "phone"), 3: () => toggle("pane", "email"),
  "?": () => at("help").showModal(),
};

document.addEventListener("keydown", (event) => {
  const busy = event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select, [type=text]") || at("help").open;
  if (busy || !KEYS[event.key]) return;
  event.preventDefault();
  KEYS[event.key]();
});

document.addEventListener("change", ({ target }) => {
  if (target.name === "look") look();
  else if (target.name === "overlay") overlay();
  else if (target.name === "pane") {
    at(target.value).hidden = !target.checked;
    if (target.checked) show();
  } else {
    if (target.id === "document") mark(at("language").value, at("second").value);
    show();
  }
});
document.querySelectorAll("header form").forEach((form) => form.addEventListener("submit", (event) => event.preventDefault()));
at("help-button").addEventListener("click", () => at("help").showModal());

// --- what is saved ---

function listen() {
  const events = new EventSource("/events");
  const heard = async ({ revision, files }) => {
    if (revision === state.revision) return;
    const first = state.revision === 0;
    state.revision = revision;
    if (first) return;
    state.savedAt = performance.now();
    state.files = files ?? [];
    await show();
  };
  events.addEventListener("present", ({ data }) => heard(JSON.parse(data)));
  events.addEventListener("changed", ({ data }) => heard(JSON.parse(data)));
  events.addEventListener("error", () => tell("lost", "The preview has ended. Start handouts preview again."));
}

listen();
choose("/choices").then(show);
