// "Write down what happened": a sheet that is filled, printed or saved on the device and kept nowhere.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Dialog } from "./dialog.tsx";
import { download } from "./download.ts";
import { say, type Language } from "./words.ts";

/** What a lawyer will ask; the question of each is page_sheet_<name>. */
const QUESTIONS = [
  "when",
  "where",
  "what",
  "who",
  "witnesses",
  "papers",
  "injuries",
  "signed",
  "told",
] as const;

type Notes = Record<(typeof QUESTIONS)[number], string>;

const EMPTY = Object.fromEntries(QUESTIONS.map((name) => [name, ""])) as Notes;

interface Properties {
  language: Language;
  onClose: () => void;
}

export function SheetDialog({ language, onClose }: Properties) {
  const [notes, setNotes] = useState(EMPTY);
  const [cleared, setCleared] = useState(false);

  const question = (name: keyof Notes) => say(language, `page_sheet_${name}`);
  const write = (name: keyof Notes, text: string) => {
    setNotes({ ...notes, [name]: text });
    setCleared(false);
  };
  const clear = () => {
    setNotes(EMPTY);
    setCleared(true);
  };
  const save = () => {
    const answered = QUESTIONS.filter((name) => notes[name].trim());
    const text = answered.map((name) => `${question(name)}\n${notes[name].trim()}\n`).join("\n");
    download(`${say(language, "page_sheet_file")}.txt`, "text/plain", text);
  };

  return (
    <Dialog language={language} title={say(language, "page_sheet_title")} name="sheet" onClose={onClose}>
      <p>{say(language, "page_sheet_intro")}</p>
      <p class="note">{say(language, "page_sheet_private")}</p>
      {QUESTIONS.map((name) => (
        <Field
          key={name}
          id={`sheet-${name}`}
          label={question(name)}
          text={notes[name]}
          onText={(text) => write(name, text)}
        />
      ))}
      <div class="actions">
        <button type="button" onClick={() => window.print()}>
          {say(language, "page_sheet_print")}
        </button>
        <button type="button" onClick={save}>
          {say(language, "page_sheet_save")}
        </button>
        <button type="button" onClick={clear}>
          {say(language, "page_sheet_clear")}
        </button>
      </div>
      <p role="status">{cleared && say(language, "page_sheet_cleared")}</p>
      <p class="note">{say(language, "page_sheet_note")}</p>
    </Dialog>
  );
}

interface FieldProperties {
  id: string;
  label: string;
  text: string;
  onText: (text: string) => void;
}

function Field({ id, label, text, onText }: FieldProperties) {
  const box = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const { style } = box.current!;
    style.height = "";
    if (!text) return;
    // The height counts the border, what is scrolled does not.
    const border = box.current!.offsetHeight - box.current!.clientHeight;
    style.height = `${box.current!.scrollHeight + border}px`;
  }, [text]);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {/* Browsers may remember what is typed, and send it away to check its spelling. */}
      <textarea
        ref={box}
        id={id}
        rows={2}
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => onText(event.currentTarget.value)}
      />
      {/* A text box prints only the lines that it shows. */}
      <div class="printed">{text}</div>
    </div>
  );
}
