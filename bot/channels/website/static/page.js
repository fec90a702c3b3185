// The page's script. Words come from the JSON block in the page (data/texts.yml) and from the
// server; both are shown as text, never as HTML.

import { emit, renew, start } from "./socket.js";

const MAX_CHARACTERS = 5000;
const byId = (id) => document.getElementById(id);
const texts = JSON.parse(byId("texts").textContent);
const log = byId("log"), box = byId("text"), link = byId("switch");
const unanswered = []; // sent again after a lost connection
const said = []; // the answers of a guided report: they stay in this page and go on paper only
let lang = document.documentElement.lang, chosen = false, status = "", lastSaid = "";

function make(parent, tag, text = "", properties = {}) {
  const node = Object.assign(document.createElement(tag), properties);
  node.textContent = text;
  return parent.appendChild(node);
}

function setStatus(key) {
  status = key;
  byId("status").textContent = status && texts[lang][status];
}

function setLanguage(code) {
  lang = code;
  const other = lang === "en" ? "es" : "en";
  document.documentElement.lang = lang;
  document.title = texts[lang].page_title;
  Object.assign(link, { lang: other, hreflang: other, href: "/?lang=" + other });
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = texts[lang][node.dataset.text];
  for (const node of document.querySelectorAll("[data-label]")) node.ariaLabel = texts[lang][node.dataset.label];
  for (const sheet of ["card", "plan"]) byId(sheet).href = `/print/${sheet}?lang=${lang}`;
  box.placeholder = texts[lang].page_placeholder;
  setStatus(status);
}

function showBody(parent, text) {
  let list = null;
  for (const line of text.split("\n")) {
    const [, dash, number, item] = /^\s*(?:(-)|(\d+)[.)])\s+(.*)$/.exec(line) || [];
    if (item === undefined) {
      list = null;
      if (line.trim()) make(parent, "p", line);
    } else {
      const tag = dash ? "ul" : "ol";
      if (list?.localName !== tag) list = make(parent, tag, "", dash ? {} : { start: number });
      make(list, "li", item);
    }
  }
}

function showLinks(parent, title, links = []) {
  const safe = links.filter(({ url }) => /^https?:\/\//.test(url));
  if (!safe.length) return;
  make(parent, "p", title, { className: "label" });
  const list = make(parent, "ul");
  for (const { label, url } of safe)
    make(make(list, "li"), "a", label, { href: url, target: "_blank", rel: "noopener noreferrer nofollow" });
}

function show(who, { text = "", conoce = {}, buttons = [] }) {
  const entry = make(log, "article", "", { className: who });
  make(entry, "h2", texts[lang]["page_" + who], { lang });
  const spoken = { lang: conoce.lang || lang, dir: conoce.dir || "auto" };
  const said = make(entry, "div", "", { className: "said", ...spoken });
  if (who === "you") said.textContent = text;
  else showBody(said, conoce.body || text);
  showLinks(said, conoce.resources_label, conoce.resources);
  showLinks(said, conoce.sources_label, conoce.sources);
  for (const note of conoce.notes || []) make(said, "p", note, { className: "note" });
  const choices = buttons.length && make(entry, "div", "", { className: "choices", ...spoken });
  for (const { title, payload } of buttons)
    make(choices, "button", title, { type: "button" }).onclick = () => say(payload, title);
  if (who === "bot") followReport(entry, conoce.sheet);
  entry.scrollIntoView({ block: who === "you" ? "nearest" : "start" });
}

// After the last question of a report its answers become a sheet to print.
function followReport(entry, sheet) {
  if (!sheet || sheet.step === 1) said.length = 0;
  if (!sheet || sheet.step === 1) return;
  said[sheet.step - 2] = lastSaid;
  if (!sheet.done) return;
  const paper = make(entry, "section", "", { className: "sheet" });
  const list = make(paper, "dl");
  sheet.labels.forEach((label, place) => {
    make(list, "dt", label);
    make(list, "dd", said[place] || "");
  });
  make(paper, "p", texts[lang].report_sheet_note, { className: "note" });
  make(entry, "button", texts[lang].report_print, { type: "button", className: "print" }).onclick = () => window.print();
  said.length = 0;
}

function say(text, shown = text) {
  if (!text.trim()) return;
  show("you", { text: shown });
  if (text.length > MAX_CHARACTERS) return show("bot", { text: texts[lang].too_long });
  lastSaid = shown;
  unanswered.push(text);
  utter(text);
}

const utter = (message) => emit("user_uttered", { message, metadata: { language: lang } });

byId("form").onsubmit = (event) => {
  event.preventDefault();
  say(box.value);
  box.value = "";
  box.focus();
};
box.onkeydown = (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  byId("form").requestSubmit();
};
link.onclick = (event) => {
  event.preventDefault();
  chosen = true;
  setLanguage(link.lang);
};
byId("new").onclick = () => (log.replaceChildren(), (unanswered.length = 0), renew());
byId("delete").onclick = () => (log.replaceChildren(), say(texts[lang].page_delete));
for (const button of document.querySelectorAll("[data-say]"))
  button.onclick = () => say(texts[lang][button.dataset.say]);

setStatus("page_connecting");
start({
  ready: () => (setStatus(""), unanswered.forEach(utter)),
  lost: () => setStatus("page_lost_connection"),
  bot_uttered(message) {
    unanswered.length = 0;
    const spoken = message.conoce?.language;
    if (!chosen && texts[spoken] && spoken !== lang) setLanguage(spoken);
    show("bot", message);
  },
  error({ text }) {
    unanswered.length = 0;
    show("bot", { text: text || texts[lang].system_trouble });
  },
});
