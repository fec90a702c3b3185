// What the server answers, as plain data (bot/answers.py).

import type { Both, Language, Source } from "./words.ts";

export interface Button {
  title: string;
  /** What is sent as the person's message when the button is pressed. */
  payload: string;
}

/** The question of a guided report that comes next, or the end of it. */
export interface ReportStep {
  step: number;
  done: boolean;
  labels: string[];
}

/** A reply in one language. */
export interface Wording {
  text: string;
  buttons?: Button[];
  conoce: {
    lang: string;
    dir: "ltr" | "rtl";
    body: string;
    notes: string[];
    sources_label: string;
    sources: Source[];
    resources_label: string;
    resources: Source[];
    sheet?: ReportStep | null;
  };
}

export interface Reply extends Wording {
  conoce: Wording["conoce"] & {
    language: Language;
    detected?: string;
    decision: "urgent" | "answer" | "choices" | "unknown" | "dialogue";
    faq_id: string | null;
    translations?: Partial<Both<Wording>>;
  };
}

/** Returns a reply in a language, or as it came when there is no other. */
export function inLanguage(reply: Reply, language: Language): Wording {
  return (reply.conoce.language !== language && reply.conoce.translations?.[language]) || reply;
}

/** A reply that the page makes of a text itself, such as an error. */
export function plainReply(text: string, language: Language): Reply {
  const nothing = { notes: [], sources_label: "", sources: [], resources_label: "", resources: [] };
  const conoce = { lang: language, dir: "ltr" as const, body: text, ...nothing };
  return { text, conoce: { ...conoce, language, decision: "unknown", faq_id: null } };
}
