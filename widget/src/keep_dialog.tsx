// "Keep on this phone": says what it means before it does it, and takes everything away again.

import { useEffect, useRef, useState } from "preact/hooks";
import { Dialog } from "./dialog.tsx";
import { keep, look, remove, type Found } from "./keeping.ts";
import { say, type Language } from "./words.ts";

/** What is on this phone, or what came of the last button; its words are page_keep_<state>. */
type State =
  | "checking"
  | "unable"
  | "off"
  | "part"
  | "working"
  | "kept"
  | "removed"
  | "not_kept"
  | "not_removed";

const FOUND: Record<Found, State> = { all: "kept", part: "part", nothing: "off" };

const MAY_KEEP: State[] = ["off", "part", "removed", "not_kept"];
const MAY_REMOVE: State[] = ["part", "kept", "not_removed"];

interface Properties {
  language: Language;
  onClose: () => void;
}

export function KeepDialog({ language, onClose }: Properties) {
  const [state, setState] = useState<State>("checking");
  const status = useRef<HTMLParagraphElement>(null);

  useEffect(() => {
    // Private windows may refuse to be asked.
    look().then((found) => setState(FOUND[found]), () => setState("unable"));
  }, []);

  const act = async (action: () => Promise<State>) => {
    // The button that has the focus goes away.
    status.current!.focus();
    setState("working");
    setState(await action());
  };

  return (
    <Dialog language={language} title={say(language, "page_keep_title")} name="keep" onClose={onClose}>
      <p>{say(language, "page_keep_intro")}</p>
      <Lines text={say(language, "page_keep_list")} />
      {MAY_KEEP.includes(state) && <p>{say(language, "page_keep_warning")}</p>}
      <p ref={status} role="status" tabIndex={-1}>
        {say(language, `page_keep_${state}`)}
      </p>
      <div class="actions">
        {MAY_KEEP.includes(state) && (
          <button type="button" onClick={() => act(tryToKeep)}>
            {say(language, "page_keep_keep")}
          </button>
        )}
        {MAY_REMOVE.includes(state) && (
          <button type="button" onClick={() => act(tryToRemove)}>
            {say(language, "page_keep_remove")}
          </button>
        )}
      </div>
    </Dialog>
  );
}

function Lines({ text }: { text: string }) {
  return (
    <ul>
      {text.split("\n").map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

async function tryToKeep(): Promise<State> {
  try {
    await keep();
    return "kept";
  } catch {
    return (await tryToRemove()) === "removed" ? "not_kept" : "not_removed";
  }
}

async function tryToRemove(): Promise<State> {
  try {
    return (await remove()) ? "removed" : "not_removed";
  } catch {
    return "not_removed";
  }
}
