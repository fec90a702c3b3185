// What was said, newest last, and how it changes. Plain functions over plain data.

import { plainReply, type Reply } from "./replies.ts";
import { say, type Language } from "./words.ts";
import type { Answer } from "./connection.ts";

/** What the server says of a text in both languages, or in none that can be told. */
const UNCLEAR = ["mixed", "und"];

/** A message of the person and what was answered to it. */
export interface Turn {
  id: string;
  text: string;
  /** The language of what the person wrote (BCP 47), as far as known. */
  written: string;
  replies: Reply[];
  /** The language in which the replies are shown. */
  shown: Language;
  waiting: boolean;
  /** Whether the person pressed a button rather than wrote. */
  pressed: boolean;
  /** The person's words in the guided report that ends here, to be printed; else none. */
  report?: string[];
}

export function asked(id: string, text: string, language: Language, pressed: boolean): Turn {
  return { id, text, written: language, replies: [], shown: language, waiting: true, pressed };
}

/** Returns the conversation with the answer to one of its messages. */
export function answered(turns: Turn[], id: string, answer: Answer): Turn[] {
  return turns.map((turn, place) => {
    if (turn.id !== id) return turn;
    const replies = "replies" in answer ? answer.replies : [trouble(answer.error.text, turn.shown)];
    const last = replies[replies.length - 1]?.conoce;
    const shown = last?.language ?? turn.shown;
    const detected = last?.detected ?? "und";
    const written = UNCLEAR.includes(detected) ? shown : detected;
    const report = last?.sheet?.done ? reported(turns, place, last.sheet.labels.length) : undefined;
    return { ...turn, replies, shown, written, waiting: false, report };
  });
}

/** Returns the conversation with all its answers in one language. */
export function translated(turns: Turn[], language: Language): Turn[] {
  return turns.map((turn) => ({ ...turn, shown: language }));
}

/** The words of a guided report are the last messages before its end: they go on paper only. */
function reported(turns: Turn[], place: number, questions: number): string[] {
  return turns.slice(Math.max(0, place + 1 - questions), place + 1).map((turn) => turn.text);
}

const trouble = (text: string, language: Language) =>
  plainReply(text || say(language, "system_trouble"), language);
