// The one line that another site includes: draws a button and, behind it, the assistant in a frame.
// Of the conversation it knows nothing: only "open", "close" and "exit" pass between the two.

import type { Both, Language } from "./words.ts";

/** The server writes the words of this installation here. */
const words = JSON.parse("__WORDS__") as Both<{ open: string; close: string; frame: string }>;
/** Holds everything; one a page. */
const NAME = "conoce-widget";

const CONTAINER = {
  all: "initial",
  // `all` leaves the direction of the text out.
  direction: "ltr",
  display: "flex",
  "flex-direction": "column-reverse",
  position: "fixed",
  bottom: "16px",
  "max-height": "calc(100% - 32px)",
  "z-index": "2147483647",
};

// The transparent border is what shows in forced colours.
const BUTTON = `flex: none; position: relative; z-index: 1; min-width: 48px; min-height: 48px;
  max-width: calc(100vw - 32px); margin: 0; padding: .7em 1.2em; border: 2px solid transparent;
  border-radius: 1.6em; font: 600 1em/1.25 system-ui, sans-serif; overflow-wrap: break-word;
  cursor: pointer;`;
const PANEL = `flex: 0 1 640px; min-height: 0; width: 400px; box-sizing: border-box; margin: 0 0 12px;
  border: 1px solid #767676; border-radius: 12px; background: #fff;`;
const FULL = `position: fixed; top: 0; left: 0; width: 100%; height: 100%; margin: 0; border: 0;
  border-radius: 0; background: #fff;`;
const GONE = "display: none;";
// Black between two white lines is seen on every background.
const FOCUS = "outline: 3px solid #000; outline-offset: 2px; box-shadow: 0 0 0 2px #fff, 0 0 0 7px #fff;";

function languageOf(wish: string | undefined): Language {
  const wishes = [wish, document.documentElement.lang, ...navigator.languages];
  const codes = wishes.map((tag) => tag?.trim().toLowerCase().split("-")[0]);
  return codes.find((code): code is Language => code === "en" || code === "es") ?? "en";
}

function optionsOf({ language: wish, title, colour, color, position, topic = "" }: DOMStringMap) {
  const language = languageOf(wish);
  return {
    language,
    title: title?.trim() || words[language].open,
    colour: [colour, color].find((each) => /^#([\da-f]{3}){1,2}$/i.test(each ?? "")) ?? "#0b5c6b",
    left: position === "left",
    // The page knows which topics there are, and leaves out any other.
    topic: topic.trim(),
  };
}

/** Black or white, whichever has more contrast on a colour: 4.5:1 or more (WCAG 2.2). */
function textOn(colour: string): string {
  const pairs = (colour.length === 4 ? colour.replace(/\w/g, "$&$&") : colour).match(/\w\w/g)!;
  const [red, green, blue] = pairs.map((pair) => {
    const part = parseInt(pair, 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue! > 0.179 ? "#000" : "#fff";
}

/** Only to the web, encrypted; whatever else is asked for leads to an empty page. */
function exitTo(url: unknown): string {
  return typeof url === "string" && /^https:\/\/[\w.-]+(:\d+)?([/?#]|$)/i.test(url) ? url : "about:blank";
}

function containerOf(language: Language, left: boolean): HTMLElement {
  const container = document.createElement(NAME);
  const set = (property: string, value: string) => container.style.setProperty(property, value, "important");
  for (const [property, value] of Object.entries(CONTAINER)) set(property, value);
  set(left ? "left" : "right", "16px");
  set("align-items", left ? "flex-start" : "flex-end");
  container.lang = language;
  return container;
}

function sheetOf(buttonStyle: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`button {${buttonStyle}} button:focus-visible {${FOCUS}} .panel {${PANEL}} .full {${FULL}}
    [hidden] {${GONE}} @media print { * { display: none !important; } }`);
  return sheet;
}

function start(origin: string, options: ReturnType<typeof optionsOf>): void {
  if (document.querySelector(NAME)) return;
  const { language, title, colour, left, topic } = options;
  const query = new URLSearchParams({ lang: language, ...(topic ? { topic } : {}) });
  const small = matchMedia("(max-width: 480px), (max-height: 480px)");
  const container = containerOf(language, left);
  const root = container.attachShadow({ mode: "closed" });
  const button = document.createElement("button");
  const buttonStyle = `${BUTTON} color: ${textOn(colour)}; background: ${colour};`;
  const hasSheets = "adoptedStyleSheets" in root;
  let frame: HTMLIFrameElement | undefined;
  let open = false;
  /** The frame has loaded and said nothing since: it is only the browser's word that there is no network. */
  let failed = false;
  /** The assistant's page in the frame has said that it works. */
  let ready = false;
  let lastEscape = -Infinity;
  let patience = 0;

  function draw(): void {
    button.textContent = open ? words[language].close : title;
    button.setAttribute("aria-expanded", String(open));
    // Only a page that works has a way back of its own.
    button.hidden = open && ready && small.matches;
    if (!hasSheets) button.style.cssText = button.hidden ? GONE : buttonStyle;
    if (!frame) return;
    frame.hidden = !open;
    frame.className = small.matches ? "full" : "panel";
    if (!hasSheets) frame.style.cssText = open ? (small.matches ? FULL : PANEL) : GONE;
  }

  /** Also loads again what did not come the first time. */
  function load(): void {
    frame?.remove();
    failed = false;
    frame = document.createElement("iframe");
    frame.id = "frame";
    frame.title = words[language].frame;
    frame.referrerPolicy = "no-referrer";
    frame.allow = "clipboard-write; web-share";
    // Its word can come a little after it has loaded.
    frame.onload = () => setTimeout(() => (failed = !ready), 3000);
    frame.src = `${origin}/frame?${query}`;
    draw();
    root.append(frame);
  }

  function tell(word: "open" | "exit"): void {
    if (ready) frame!.contentWindow!.postMessage({ conoce: word }, origin);
  }

  function show(wanted: boolean): void {
    open = wanted;
    if (open && (!frame || failed)) load();
    draw();
    if (open) tell("open");
    // A frame that is given the focus before its page is there keeps it from that page.
    if (!open || ready) (open ? frame! : button).focus();
  }

  /** The site's page goes too: it may say just as much, and the next one may be slow to come. */
  function hideAll(): void {
    open = false;
    document.documentElement.style.setProperty("display", "none", "important");
  }

  function leave(url?: unknown): void {
    clearTimeout(patience);
    hideAll();
    location.replace(exitTo(url));
  }

  if (hasSheets) root.adoptedStyleSheets = [sheetOf(buttonStyle)];
  button.type = "button";
  button.setAttribute("aria-controls", "frame");
  button.onclick = () => show(!open);
  draw();
  root.append(button);
  document.body.append(container);
  small.addEventListener("change", draw);

  addEventListener("message", (event: MessageEvent<unknown>) => {
    if (!frame || event.source !== frame.contentWindow || event.origin !== origin) return;
    const { conoce, url } = Object(event.data) as { conoce?: unknown; url?: unknown };
    if (conoce === "ready") {
      ready = true;
      draw();
      if (!open) return;
      tell("open");
      frame.focus();
    } else if (conoce === "close") show(false);
    else if (conoce === "exit") leave(url);
  });

  // In the capturing phase, so that nothing on the site's page can keep the key to itself.
  const keydown = ({ key, repeat, timeStamp }: KeyboardEvent): void => {
    if (!open || key !== "Escape" || repeat) return;
    const waited = timeStamp - lastEscape;
    lastEscape = timeStamp;
    if (waited > 1000) return;
    hideAll();
    tell("exit");
    // The frame knows where to; should it not answer, an empty page is better than this one.
    patience = setTimeout(leave, 1000);
  };
  addEventListener("keydown", keydown, true);

  const whenIdle = window.requestIdleCallback ?? ((then: () => void) => setTimeout(then, 1000));
  const prepare = () => whenIdle(() => frame ?? load());
  if (document.readyState === "complete") prepare();
  else addEventListener("load", prepare);
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement) {
  const begin = () => start(new URL(script.src).origin, optionsOf(script.dataset));
  if (document.body) begin();
  else addEventListener("DOMContentLoaded", begin);
}
