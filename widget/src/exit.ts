// Quick exit: the page is empty at once, then another one takes its place, also in the history.

import { tellHost } from "./host.ts";
import { boot } from "./words.ts";

/** Two Escapes within this many milliseconds leave. */
const TWICE = 1_000;

export function leave(): void {
  document.title = "";
  document.body.replaceChildren();
  window.speechSynthesis?.cancel();
  if (!boot.framed) {
    location.replace(boot.exit);
    return;
  }
  tellHost("exit", boot.exit);
  location.replace("about:blank");
}

/** Leaves at the second Escape, whatever has the focus. */
export function leaveOnEscapes(): void {
  let last = -TWICE;
  window.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || event.repeat) return;
      if (event.timeStamp - last < TWICE) leave();
      last = event.timeStamp;
    },
    true,
  );
}
