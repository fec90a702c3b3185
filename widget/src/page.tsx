// The page: one conversation, and beside it what must be there without the network.

import { render } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Composer } from "./composer.tsx";
import { Connection, type Line, type Rating } from "./connection.ts";
import { answered, asked, translated, type Turn } from "./conversation.ts";
import { EmergencyDialog, RightsDialog } from "./emergency.tsx";
import { leave, leaveOnEscapes } from "./exit.ts";
import { onHost, tellHost } from "./host.ts";
import { newId } from "./ids.ts";
import { KeepDialog } from "./keep_dialog.tsx";
import { RenewalDialog } from "./renewal_dialog.tsx";
import { SheetDialog } from "./sheet_dialog.tsx";
import { ToolsDialog, type Tool } from "./tools.tsx";
import { TurnView } from "./turn.tsx";
import { Welcome } from "./welcome.tsx";
import { boot, other, say, type Language } from "./words.ts";

/** As many characters as the server takes. */
const MAX_CHARACTERS = 4_000;

/** After so many milliseconds without an answer people are told that it takes long. */
const SLOW = 6_000;

type Open = Tool | "tools" | "emergency" | "";

function App() {
  const [language, setLanguage] = useState<Language>(boot.language);
  const [turns, setTurns] = useState<Turn[]>([]);
  const [line, setLine] = useState<Line>("ready");
  const [open, setOpen] = useState<Open>("");
  const [status, setStatus] = useState("");
  const chosen = useRef(false);
  const begun = useRef(false);
  const opener = useRef<HTMLElement | null>(null);
  const box = useRef<HTMLTextAreaElement>(null);
  const connection = useMemo(() => new Connection(setLine), []);
  const waiting = turns.some((turn) => turn.waiting);

  useEffect(() => {
    document.documentElement.lang = language;
    document.title = say(language, "page_tab");
  }, [language]);
  useEffect(leaveOnEscapes, []);
  useEffect(() => {
    if (!open) opener.current?.focus();
  }, [open]);
  useEffect(() => {
    const begin = () => {
      connection.open();
      const topic = boot.topics.find(({ id }) => id === new URLSearchParams(location.search).get("topic"));
      if (topic && !begun.current) void utter(topic.title[language], true);
      begun.current = true;
    };
    if (!boot.framed) return begin();
    return onHost({ open: begin, exit: leave });
  }, []);
  useEffect(() => {
    if (!waiting) return;
    setStatus("page_typing");
    const timer = window.setTimeout(() => setStatus("page_slow"), SLOW);
    return () => {
      window.clearTimeout(timer);
      setStatus("");
    };
  }, [waiting]);

  async function utter(text: string, pressed = false) {
    const turn = asked(newId(), text, language, pressed);
    setTurns((before) => [...before, turn]);
    const answer =
      text.length > MAX_CHARACTERS
        ? { error: { code: "too_long", text: say(language, "too_long") } }
        : await connection.say(turn.id, text, language);
    setTurns((before) => answered(before, turn.id, answer));
    const spoken = "replies" in answer ? answer.replies[0]?.conoce.language : undefined;
    if (spoken && !chosen.current) setLanguage(spoken);
  }

  function choose(code: Language) {
    chosen.current = true;
    setLanguage(code);
    setTurns((before) => translated(before, code));
  }

  async function erase() {
    opener.current = box.current;
    setOpen("");
    setTurns([]);
    setStatus("page_deleting");
    setStatus((await connection.erase()) ? "page_deleted" : "page_not_deleted");
  }

  const rate = (id: string, rating: Rating) => connection.rate(id, rating);
  const close = () => setOpen("");
  function show(dialog: Open) {
    // A dialog can lead to another one: the focus goes back to what opened the first.
    if (!open) opener.current = document.activeElement as HTMLElement | null;
    setOpen(dialog);
  }
  const shown = line === "lost" && (waiting || status !== "page_deleted") ? "page_lost_connection" : status;

  return (
    <>
      <header class="top">
        <h1>{say(language, "page_title")}</h1>
        <button type="button" lang={other(language)} onClick={() => choose(other(language))}>
          {say(language, "page_switch_language")}
        </button>
        {boot.framed && (
          <button type="button" onClick={() => tellHost("close")}>
            {say(language, "page_close")}
          </button>
        )}
        <button type="button" class="exit" onClick={leave}>
          {say(language, "page_exit")}
        </button>
      </header>
      <main>
        <Welcome language={language} onTopic={(title) => void utter(title, true)} />
        <div role="log" aria-live="polite" aria-relevant="additions" aria-label={say(language, "page_log")}>
          {turns.map((turn) => (
            <TurnView
              key={turn.id}
              turn={turn}
              language={language}
              onSay={(text) => void utter(text, true)}
              onRate={rate}
              onRenewal={() => show("renewal")}
            />
          ))}
        </div>
      </main>
      <footer>
        <p role="status" class={`status ${waiting ? "waiting" : ""}`}>
          {shown && say(language, shown)}
        </p>
        <button type="button" class="emergency" onClick={() => show("emergency")}>
          <span lang={language}>{say(language, "page_emergency")}</span>
          {" / "}
          <span lang={other(language)}>{say(other(language), "page_emergency")}</span>
        </button>
        <Composer language={language} box={box} onSay={(text) => void utter(text)} />
        <nav aria-label={say(language, "page_shortcuts")}>
          <button
            type="button"
            aria-label={say(language, "page_people")}
            onClick={() => void utter(say(language, "page_people"), true)}
          >
            {say(language, "page_people_short")}
          </button>
          <button type="button" onClick={() => void utter(say(language, "page_menu"), true)}>
            {say(language, "page_menu")}
          </button>
          <button type="button" onClick={() => show("tools")}>
            {say(language, "page_tools")}
          </button>
        </nav>
      </footer>
      {open === "emergency" && (
        <EmergencyDialog language={language} onClose={close} onCard={() => show("rights")} />
      )}
      {open === "rights" && <RightsDialog language={language} onClose={close} />}
      {open === "tools" && (
        <ToolsDialog language={language} onClose={close} onTool={show} onErase={() => void erase()} />
      )}
      {open === "sheet" && <SheetDialog language={language} onClose={close} />}
      {open === "renewal" && <RenewalDialog language={language} onClose={close} />}
      {open === "keep" && <KeepDialog language={language} onClose={close} />}
    </>
  );
}

const place = document.getElementById("app")!;
place.replaceChildren();
render(<App />, place);
