// The desk's page: what is typed -> the sheet beside it -> paper, email or a file. Nothing is kept in the browser, and
// no address holds what was typed: everything goes out in the body of a POST and comes back as data.
(function () {
  "use strict";

  var PAUSE = 150; // Milliseconds after the last keystroke,
  var SHORT = 20; // where the last sheet came at once.
  var PATIENCE = 400; // Milliseconds after which the page says that it is at work.
  var body = document.body;
  var words = JSON.parse(document.getElementById("words").textContent);
  var page = body.dataset.page;
  var ended = false;

  function $(id) { return document.getElementById(id); }
  function all(selector, within) { return Array.from((within || document).querySelectorAll(selector)); }
  function say(name, values) {
    return words[name].replace(/\{(\w+)\}/g, function (whole, key) {
      return values && key in values ? values[key] : whole;
    });
  }
  function element(name, attributes, text) {
    var made = document.createElement(name);
    Object.entries(attributes || {}).forEach(function (one) { made.setAttribute(one[0], one[1]); });
    if (text !== undefined) made.textContent = text;
    return made;
  }

  // --- asking the desk ----------------------------------------------------------------------------------------------

  // Returns {status, data}; a status of 0 says that nobody answers.
  async function ask(path, given) {
    lastAsked = Date.now();
    try {
      var answer = await fetch(path, {
        method: "POST",
        headers: { "content-type": "application/json", "x-csrf-token": body.dataset.csrf },
        body: JSON.stringify(Object.assign({ page: page }, given)),
      });
      if (answer.status === 401) { end(); }
      var isData = (answer.headers.get("content-type") || "").startsWith("application/json");
      return { status: answer.status, data: isData ? await answer.json() : {} };
    } catch (unanswered) {
      return { status: 0, data: {} };
    }
  }

  function general(status) { return status === 0 ? words.gone : words.failed; }

  // --- what the form holds ------------------------------------------------------------------------------------------

  function moment(field) {
    return all("[data-part]", field).map(function (one) { return one.value; }).filter(Boolean).join(" ");
  }

  function details() {
    var found = {};
    all("[data-path]").forEach(function (one) { found[one.dataset.path] = one.value; });
    all("[data-moment]").forEach(function (one) { found[one.dataset.moment] = moment(one); });
    all("[data-choice]:checked").forEach(function (one) { found[one.dataset.choice] = one.value; });
    all("[data-each], [data-lines]").forEach(function (one) {
      var name = one.dataset.each || one.dataset.lines;
      var lines = one.dataset.lines ? one.value.split("\n") : one.checked ? [one.value] : [];
      found[name] = (found[name] || []).concat(lines);
    });
    all("[data-setting]").forEach(function (one) {
      found.settings = found.settings || {};
      found.settings[one.dataset.setting] = one.value;
    });
    all("[data-period]").forEach(function (one) {
      found.waiting_periods = found.waiting_periods || {};
      found.waiting_periods[one.dataset.period] = Object.fromEntries(
        all("[data-part]", one).map(function (part) { return [part.dataset.part, part.value]; }),
      );
    });
    var reasons = Object.values(found.waiting_periods || {}).some(function (one) { return one.reason; });
    all("[data-with-note]").forEach(function (one) {
      if (found.note || reasons) found[one.dataset.withNote] = one.value;
    });
    return found;
  }

  var chosen = "";

  function beside() {
    return all("#beside input:checked").map(function (one) { return one.value; });
  }

  // The sheet that is looked at may be another one of the envelope.
  function shownWish() { return Object.assign(wish(), { document: $("shown").value || chosen, beside: [] }); }

  function wish() {
    return {
      document: chosen,
      beside: beside(),
      languages: [$("language").value, $("second-language").value],
      large: $("large").checked,
      details: details(),
    };
  }

  // --- the library --------------------------------------------------------------------------------------------------

  function folded(text) { return text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, ""); }

  function search() {
    var wanted = folded($("search").value).split(/\s+/).filter(Boolean);
    var shown = 0;
    all(".choice").forEach(function (one) {
      var inHead = wanted.every(function (word) { return one.dataset.head.includes(word); });
      var fits = inHead || wanted.every(function (word) {
        return one.dataset.head.includes(word) || one.dataset.words.includes(word);
      });
      one.hidden = !fits;
      one.style.order = inHead ? "0" : "1";
      shown += fits ? 1 : 0;
    });
    $("found").textContent = shown ? say("found", { count: shown }) : words.none;
  }

  async function openLibrary() {
    var answer = await ask("/library");
    if (answer.status !== 200) { refuse(answer); return; }
    $("library").innerHTML = answer.data.html;
    $("clinic").textContent = answer.data.clinic;
    $("clinic").lang = answer.data.clinicLanguage;
    Object.entries(answer.data.look).forEach(function (one) {
      document.documentElement.style.setProperty(one[0], one[1]);
    });
    search();
  }

  async function choose(input, values) {
    chosen = input.value;
    input.checked = true;
    var answer = await ask("/form", { document: chosen });
    if (answer.status !== 200) { refuse(answer); return; }
    $("fields").innerHTML = answer.data.html;
    $("chosen-title").replaceChildren(...input.parentElement.querySelector("strong").cloneNode(true).childNodes);
    $("chooser").hidden = true;
    $("chosen").hidden = false;
    clearPages(); // They are another patient's, or of another sheet.
    offerBeside();
    tidy();
    enable(true);
    if (values) fill(values);
    $("patient-name").focus();
    preview();
  }

  // --- several sheets in one envelope -------------------------------------------------------------------------------

  function titleOf(name) {
    var input = all(".choice input").find(function (one) { return one.value === name; });
    return input.parentElement.querySelector("strong").cloneNode(true);
  }

  function offerBeside() {
    var others = all(".choice input").filter(function (one) { return one.value !== chosen; });
    $("beside").replaceChildren(...others.map(function (one) {
      var label = element("label", { class: "tick" });
      label.append(element("input", { type: "checkbox", value: one.value }), " ", ...titleOf(one.value).childNodes);
      return label;
    }));
    $("envelope").hidden = !others.length;
    $("envelope").open = false;
    offerShown();
  }

  function offerShown() {
    var names = [chosen].concat(beside());
    var before = $("shown").value;
    $("shown").replaceChildren(...names.map(function (name) {
      return element("option", { value: name }, titleOf(name).textContent);
    }));
    $("shown").value = names.includes(before) ? before : chosen;
    $("which").hidden = names.length < 2;
    $("beside-count").textContent = names.length < 2 ? "" : "+" + (names.length - 1);
  }

  // --- today's list -------------------------------------------------------------------------------------------------

  var pending = null; // A patient of the list for whom no sheet is chosen yet.

  function encoded(file) {
    return new Promise(function (resolve, reject) {
      var reader = new FileReader();
      reader.onload = function () { resolve(reader.result.slice(reader.result.indexOf(",") + 1)); };
      reader.onerror = reject;
      reader.readAsDataURL(file);
    });
  }

  async function readList(file) {
    $("list-card").open = true;
    var given = { name: file.name, data: await encoded(file), dates: $("list-dates").value, document: chosen };
    var answer = await ask("/list", given);
    var problems = answer.data.problems || [];
    tellOfList(problems);
    if (answer.status === 200) $("list").innerHTML = answer.data.html;
    else if (!problems.length) $("list-problems").replaceChildren(element("p", { class: "problem" }, general(answer.status)));
    $("list-file").value = "";
  }

  function tellOfList(problems) {
    $("list-problems").replaceChildren(...problems.map(function (one) { return told(one); }));
  }

  async function take(button) {
    var answer = await ask("/list/take", { line: Number(button.dataset.line) });
    if (answer.status !== 200) { refuse(answer); return; }
    tellOfList(answer.data.problems);
    clearDelivery();
    var wanted = answer.data.document || chosen;
    var input = all(".choice input").find(function (one) { return one.value === wanted; });
    if (input) await choose(input, answer.data);
    else {
      pending = answer.data;
      clearPages();
      chooseAnother();
      $("state").textContent = words.which;
    }
    all(".waiting [aria-current]").forEach(function (one) { one.removeAttribute("aria-current"); });
    button.setAttribute("aria-current", "true");
  }

  function set(control, value) { if (control) control.value = value; }

  // Fills in the form with a patient of the list; what it has no field for is told by the sheet's own problems.
  function fill(patient) {
    pending = null;
    var languages = patient.languages || [];
    [["language", languages[0]], ["second-language", languages[1]]].forEach(function (one) {
      var has = all("option", $(one[0])).some(function (option) { return option.value === one[1]; });
      if (one[1] && has) $(one[0]).value = one[1];
    });
    Object.entries(patient.values).forEach(function (entry) { fillIn(entry[0], entry[1]); });
  }

  function fillIn(path, value) {
    touched.add(path);
    var named = function (kind) { return all("[data-" + kind + "]").filter(function (one) { return one.dataset[kind] === path; }); };
    named("path").concat(all("[data-with-note]").filter(function (one) { return one.dataset.withNote === path; }))
      .forEach(function (one) { one.value = value; });
    named("moment").forEach(function (one) {
      var parts = String(value).split(" ");
      set(one.querySelector("[data-part=day]"), parts[0]);
      set(one.querySelector("[data-part=time]"), parts[1] || "");
    });
    named("choice").forEach(function (one) { one.checked = one.value === value; });
    if (Array.isArray(value)) {
      var left = value.slice();
      named("each").forEach(function (one) {
        one.checked = value.includes(one.value);
        if (one.checked) left.splice(left.indexOf(one.value), 1);
      });
      named("lines").forEach(function (one) { one.value = left.join("\n"); });
    }
    if (path === "settings") all("[data-setting]").forEach(function (one) {
      set(one, value[one.dataset.setting] || "");
      touched.add("settings." + one.dataset.setting);
    });
    if (path === "waiting_periods") all("[data-period]").forEach(function (one) {
      Object.entries(value[one.dataset.period] || {}).forEach(function (part) {
        set(one.querySelector("[data-part=" + part[0] + "]"), part[1]);
      });
      touched.add("waiting_periods." + one.dataset.period);
    });
  }

  function takeNext() {
    var current = document.querySelector(".waiting [aria-current]");
    if (!current) return false;
    current.querySelector(".done").hidden = false;
    var buttons = all(".waiting button");
    var next = buttons.slice(buttons.indexOf(current) + 1).find(function (one) { return one.querySelector(".done").hidden; });
    if (next) take(next);
    return Boolean(next);
  }

  async function putListAway() {
    await ask("/list/away");
    $("list").replaceChildren();
    $("list-problems").replaceChildren();
    $("list-card").open = false;
    $("list-card").querySelector("summary").focus();
  }

  function chooseAnother() {
    $("chooser").hidden = false;
    $("chosen").hidden = true;
    $("search").focus();
  }

  // --- the sheet beside the form ------------------------------------------------------------------------------------

  var timer = 0;
  var inFlight = false;
  var isDirty = false;
  var reading = 0;

  function previewSoon() {
    isAllTold = false;
    busy(true);
    clearTimeout(timer);
    timer = setTimeout(preview, body.dataset.took < PAUSE ? SHORT : PAUSE);
  }

  function busy(isBusy) { $("pages").setAttribute("aria-busy", String(isBusy)); }

  // One at a time: what changes meanwhile is asked for when the answer is there.
  async function preview() {
    clearTimeout(timer);
    clearTimeout(reading);
    if (!chosen || ended) return;
    busy(true);
    if (inFlight) { isDirty = true; return; }
    inFlight = true;
    var waiting = setTimeout(function () { $("state").textContent = words.working; }, PATIENCE);
    do {
      isDirty = false;
      var typedAt = performance.now();
      var width = Math.round($("pages").clientWidth * Math.min(devicePixelRatio, 2));
      var answer = await ask("/preview", { wish: shownWish(), width: width });
      if (!isDirty && !ended) show(answer);
      body.dataset.took = Math.round(performance.now() - typedAt);
      body.dataset.asked = Number(body.dataset.asked || 0) + 1;
    } while (isDirty);
    clearTimeout(waiting);
    inFlight = false;
    if (ended) return;
    busy(false);
    if (answer.status === 200) reading = setTimeout(read, 400);
  }

  function clearPages() {
    all("#pages img").forEach(function (one) { URL.revokeObjectURL(one.src); });
    $("pages").replaceChildren();
    $("text").replaceChildren();
  }

  function show(answer) {
    var isGood = answer.status === 200;
    tellProblems(answer.data.problems || [], false);
    $("pages").classList.toggle("stale", !isGood);
    if (!isGood) {
      $("state").textContent = answer.status === 422 ? words.stale : general(answer.status);
      return;
    }
    var old = all("#pages img");
    var pages = answer.data.pages.map(picture);
    $("pages").replaceChildren(...pages);
    old.forEach(function (one) { URL.revokeObjectURL(one.src); });
    $("state").textContent = say("ready", { count: pages.length });
    body.dataset.laidOut = answer.data.laidOut;
    body.dataset.shown = Number(body.dataset.shown || 0) + 1;
    all("[data-period]").forEach(function (one) {
      var row = answer.data.rows[one.dataset.period];
      var by = row && words["set-by-" + row.setBy];
      one.querySelector("[data-now]").textContent = row
        ? say("until", { long: row.long, moment: row.until }) + (by ? " (" + by + ")" : "") : "";
    });
  }

  function picture(encoded, index) {
    var bytes = Uint8Array.from(atob(encoded), function (one) { return one.charCodeAt(0); });
    var made = element("img", { alt: say("page", { number: index + 1 }) });
    made.src = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
    return made;
  }

  async function read() {
    if (inFlight || ended) return;
    inFlight = true;
    isDirty = false;
    var answer = await ask("/text", { wish: shownWish() });
    if (answer.status === 200) $("text").innerHTML = answer.data.html;
    inFlight = false;
    if (isDirty) preview();
  }

  // --- problems -----------------------------------------------------------------------------------------------------

  var touched = new Set();
  var isAllTold = false; // After a sheet was refused, until something is typed: a preview that comes late changes nothing.

  function fieldOf(problem) {
    return problem.field && all("[data-field]").find(function (one) { return one.dataset.field === problem.field; });
  }

  function controlOf(field) { return field.querySelector("input, select, textarea, summary"); }

  function told(problem, id) {
    var made = element("p", { class: problem.error ? "problem" : "problem warning", lang: problem.lang, dir: "auto" });
    if (id) made.id = id;
    made.textContent = problem.what + " " + problem.do;
    return made;
  }

  // Beside its field, once that was left or when the sheet was to be handed out; what has no field stands by the sheet.
  function tellProblems(problems, isAsked) {
    if (!isAsked && isAllTold) return;
    isAllTold = isAsked && problems.length > 0;
    all(".field > .problem").forEach(function (one) { one.remove(); });
    all("[aria-invalid]").forEach(function (one) {
      one.removeAttribute("aria-invalid");
      describe(one, "");
    });
    var general = [];
    var shown = [];
    problems.forEach(function (problem, index) {
      var field = fieldOf(problem);
      if (!field) { general.push(problem); return; }
      if (!isAllTold && !touched.has(problem.field)) return;
      var control = controlOf(field);
      var id = "problem-" + index;
      field.hidden = false;
      if (field.tagName === "DETAILS") field.open = true;
      field.append(told(problem, id));
      if (problem.error) control.setAttribute("aria-invalid", "true");
      describe(control, id);
      shown.push({ problem: problem, control: control });
    });
    $("notes").replaceChildren(...general.map(function (one) { return told(one); }));
    summarise(isAsked ? shown : [], isAsked ? general : []);
  }

  function describe(control, id) {
    var hints = (control.getAttribute("aria-describedby") || "").split(" ").filter(function (one) {
      return one && !one.startsWith("problem-");
    });
    if (id) hints.push(id);
    if (hints.length) control.setAttribute("aria-describedby", hints.join(" "));
    else control.removeAttribute("aria-describedby");
  }

  function summarise(shown, general) {
    var errors = shown.filter(function (one) { return one.problem.error; });
    var others = general.filter(function (one) { return one.error; });
    $("summary").hidden = !errors.length && !others.length;
    if ($("summary").hidden) return;
    var list = element("ul");
    errors.forEach(function (one) {
      if (!one.control.id) one.control.id = "control-" + one.problem.field.replace(/\W/g, "-");
      var link = element("a", { href: "#" + one.control.id }, labelOf(one.control) + ": " + one.problem.what);
      link.addEventListener("click", function (event) { event.preventDefault(); one.control.focus(); });
      list.append(element("li"));
      list.lastChild.append(link);
    });
    others.forEach(function (one) { list.append(element("li", {}, one.what + " " + one.do)); });
    $("summary").replaceChildren(element("h2", {}, words.mend), list);
    $("summary").focus();
  }

  function labelOf(control) {
    var legend = control.closest("fieldset") && control.closest("fieldset").querySelector("legend");
    var label = control.labels && control.labels[0];
    var found = control.tagName === "SUMMARY" ? control.firstElementChild : legend || label || control;
    return found.textContent.trim().replace(/\s+/g, " ");
  }

  function refuse(answer) {
    var problems = answer.data.problems || [];
    if (problems.length) tellProblems(problems, true);
    else $("state").textContent = general(answer.status);
  }

  // --- printers -----------------------------------------------------------------------------------------------------

  async function openPrinters() {
    var answer = await ask("/printers");
    if (answer.status === 200) {
      $("printers").innerHTML = answer.data.html;
      choosePrinter();
    } else {
      $("printers").replaceChildren(...(answer.data.problems || []).map(function (one) { return told(one); }));
    }
    enable(Boolean(chosen));
  }

  function choosePrinter() {
    var option = $("queue") && $("queue").selectedOptions[0];
    if (!option) return;
    $("queue-state").textContent = option.dataset.state;
    var trays = option.dataset.trays.split("\n").filter(Boolean);
    var select = $("tray");
    select.replaceChildren(select.options[0], ...trays.map(function (name) {
      return element("option", { value: name }, name);
    }));
    select.value = trays.includes(select.dataset.kept) ? select.dataset.kept : "";
    select.closest(".field").hidden = !trays.length;
  }

  // --- handing out --------------------------------------------------------------------------------------------------

  var isHandingOut = false;

  function enable(isReady) {
    ["email", "save", "open"].forEach(function (id) { $(id).disabled = !isReady || isHandingOut; });
    $("print").disabled = !isReady || isHandingOut || !$("queue");
    $("read-back").disabled = isHandingOut;
  }

  async function handOut(way) {
    if (isHandingOut) return;
    isHandingOut = true;
    enable(true);
    tell(words.making);
    var target = way.kind === "open" ? window.open("about:blank", "_blank") : null;
    var answer = await ask("/hand-out", { wish: wish(), way: way });
    if (answer.status === 200) follow(answer.data.way, way, target);
    else settle({ problems: answer.data.problems || [] }, answer, target);
  }

  function tell(text) {
    $("outcome").replaceChildren(element("p", {}, text));
  }

  function follow(name, way, target) {
    var source = new EventSource("/progress/" + name);
    source.addEventListener("made", function () { tell(way.kind === "email" ? words.sending : words.made); });
    source.addEventListener("queued", function () { tell(words.queued); });
    source.addEventListener("refused", function (event) { source.close(); settle(JSON.parse(event.data), null, target); });
    source.addEventListener("done", function (event) { source.close(); done(JSON.parse(event.data), way, target); });
  }

  function settle(data, answer, target) {
    if (target) target.close();
    isHandingOut = false;
    enable(true);
    var isTold = data.problems.length > 0;
    tell(isTold ? words.refused : general(answer ? answer.status : 500));
    if (isTold) tellProblems(data.problems, true);
  }

  function done(data, way, target) {
    isHandingOut = false;
    enable(true);
    isAllTold = false;
    tellProblems([], false);
    $("outcome").innerHTML = data.html;
    data.problems.forEach(function (one) {
      if (one.error) $("outcome").append(told(one));
    });
    $("notes").replaceChildren(...data.problems.filter(function (one) { return !one.error; }).map(function (one) {
      return told(one);
    }));
    $("next-patient").hidden = false;
    if (way.kind === "save") data.sheets.forEach(save);
    if (target) {
      target.location = data.sheets[0];
      data.sheets.slice(1).forEach(offer);
    }
    tidyTimes($("outcome"));
    openPrinters();
  }

  function save(address) {
    var link = element("a", { href: address, download: "" });
    body.append(link);
    link.click();
    link.remove();
  }

  // A browser opens one window for a click; the other sheets of an envelope are one more click away.
  function offer(address, index) {
    var line = element("p");
    line.append(element("a", { href: address, target: "_blank", rel: "noopener" }, titleOf(beside()[index]).textContent));
    $("outcome").append(line);
  }

  function tidyTimes(within) {
    var form = new Intl.DateTimeFormat(page, { dateStyle: "medium", timeStyle: "short" });
    all("time", within).forEach(function (one) { one.textContent = form.format(new Date(one.dateTime)); });
  }

  function print() {
    handOut({ kind: "print", queue: $("queue").value, tray: $("tray").value, copies: copies() });
  }

  function copies() { return /^\d{1,4}$/.test($("copies").value.trim()) ? Number($("copies").value) : 0; }

  function openEmail() {
    var panel = $("email-panel");
    panel.hidden = !panel.hidden;
    $("email").setAttribute("aria-expanded", String(!panel.hidden));
    if (!panel.hidden) $("address").focus();
  }

  function readBack() {
    touched.add("patient.email");
    if (!$("address").value.trim()) { send(); return; }
    $("confirm-address").textContent = $("address").value.trim();
    $("confirm").showModal();
  }

  function send() {
    if ($("confirm").open) $("confirm").close();
    handOut({ kind: "email", password: $("password").value });
  }

  function nextPatient() {
    if (takeNext()) return;
    clearDelivery();
    touched.clear();
    var input = all(".choice input").find(function (one) { return one.value === chosen; });
    if (input) choose(input); else location.reload();
  }

  function clearDelivery() {
    $("address").value = "";
    $("password").value = "";
    $("email-panel").hidden = true;
    $("email").setAttribute("aria-expanded", "false");
    $("outcome").replaceChildren();
    $("next-patient").hidden = true;
  }

  // --- what was handed out before -----------------------------------------------------------------------------------

  async function find() {
    var wanted = { record_number: $("find-number").value, patient: $("find-name").value, birth_date: $("find-birth").value };
    var answer = await ask("/find", wanted);
    $("found-sheets").innerHTML = answer.data.html || "";
    var problems = answer.data.problems || [];
    problems.forEach(function (one) { $("found-sheets").append(told(one)); });
    if (answer.status !== 200 && !problems.length) $("found-sheets").textContent = general(answer.status);
    tidyTimes($("found-sheets"));
  }

  async function again(name) {
    if (isHandingOut || !$("queue")) return;
    isHandingOut = true;
    enable(Boolean(chosen));
    tell(words.queued);
    var way = { kind: "print", queue: $("queue").value, tray: $("tray").value, copies: copies() };
    var answer = await ask("/again", { sheet: name, way: way });
    isHandingOut = false;
    enable(Boolean(chosen));
    $("outcome").innerHTML = answer.data.html || "";
    var problems = answer.data.problems || [];
    problems.forEach(function (one) { $("outcome").append(told(one)); });
    if (answer.status !== 200 && !problems.length) tell(general(answer.status));
    tidyTimes($("outcome"));
    $("hand-out").scrollIntoView();
  }

  // --- the end of a session -----------------------------------------------------------------------------------------

  var idle = Number(body.dataset.idle) * 1000;
  var lastAsked = Date.now();
  var lastUsed = Date.now();

  function used() {
    lastUsed = Date.now();
    if (lastUsed - lastAsked > 60000 && !ended) ask("/stay");
  }

  function watch() {
    if (ended) return;
    var left = lastUsed + idle - Date.now();
    if (left <= 0) { ask("/leave"); end(); return; }
    if (left < 60000 && !$("idle").open && idle > 60000) $("idle").showModal();
  }

  function stay() {
    $("idle").close();
    lastUsed = Date.now();
    ask("/stay");
  }

  function end() {
    if (ended) return;
    ended = true;
    clearPages();
    body.replaceChildren($("ended").content.cloneNode(true));
    document.querySelector(".ended").focus();
  }

  // --- what happens when --------------------------------------------------------------------------------------------

  function tidy() { touched.clear(); isAllTold = false; tellProblems([], false); }

  function touch(event) {
    var field = event.target.closest("[data-field]");
    if (field) touched.add(field.dataset.field);
  }

  $("search").addEventListener("input", search);
  $("library").addEventListener("change", function (event) { choose(event.target, pending); });
  $("beside").addEventListener("change", function () { offerShown(); preview(); });
  $("shown").addEventListener("change", preview);
  $("list-file").addEventListener("change", function () { if (this.files[0]) readList(this.files[0]); });
  $("list").addEventListener("click", function (event) {
    var button = event.target.closest("button");
    if (button && button.id === "list-away") putListAway();
    else if (button) take(button);
  });
  ["dragover", "dragleave", "drop"].forEach(function (name) {
    addEventListener(name, function (event) {
      if (!event.dataTransfer || !Array.from(event.dataTransfer.types).includes("Files")) return;
      event.preventDefault();
      body.classList.toggle("dropping", name === "dragover");
      if (name === "drop" && event.dataTransfer.files[0]) readList(event.dataTransfer.files[0]);
    });
  });
  $("choose-another").addEventListener("click", chooseAnother);
  $("form").addEventListener("submit", function (event) { event.preventDefault(); });
  $("find-go").addEventListener("click", find);
  $("found-sheets").addEventListener("click", function (event) {
    if (event.target.dataset.again) again(event.target.dataset.again);
  });
  $("fields").addEventListener("input", previewSoon);
  $("fields").addEventListener("change", function (event) { touch(event); previewSoon(); });
  $("large").addEventListener("change", preview);
  $("printers").addEventListener("change", function (event) { if (event.target.id === "queue") choosePrinter(); });
  $("print").addEventListener("click", print);
  $("email").addEventListener("click", openEmail);
  $("read-back").addEventListener("click", readBack);
  $("confirm-send").addEventListener("click", send);
  $("confirm-change").addEventListener("click", function () { $("confirm").close(); $("address").focus(); });
  $("save").addEventListener("click", function () { handOut({ kind: "save" }); });
  $("open").addEventListener("click", function () { handOut({ kind: "open" }); });
  $("next-patient").addEventListener("click", nextPatient);
  $("leave").addEventListener("click", function () { ask("/leave"); end(); });
  $("idle-stay").addEventListener("click", stay);
  $("page-language").addEventListener("change", async function (event) {
    await ask("/language", { language: event.target.value });
    location.reload();
  });
  ["keydown", "pointerdown", "scroll"].forEach(function (name) { addEventListener(name, used, { passive: true }); });
  document.addEventListener("visibilitychange", watch);
  setInterval(watch, 1000);

  $("state").textContent = words.blank;
  enable(false);
  openLibrary();
  openPrinters();
})();
