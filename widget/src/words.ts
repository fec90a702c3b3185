// What the server wrote into the page: its words in both languages, and what must be there
// without the network. No sentence is written in a script.

export const LANGUAGES = ["en", "es"] as const;
export type Language = (typeof LANGUAGES)[number];
export type Both<T = string> = Record<Language, T>;

/** An urgent situation and its first steps, one a line. */
export interface Situation {
  id: string;
  title: Both;
  body: Both;
}

/** A line to call: `note` says what for, in which languages and when. */
export interface Hotline {
  name: Both;
  number: string;
  note: Both;
}

export interface Source {
  label: string;
  url: string;
}

export interface Boot {
  language: Language;
  /** Whether the page stands in a frame on another site. */
  framed: boolean;
  /** Where quick exit leads. */
  exit: string;
  texts: Both<Record<string, string>>;
  topics: { id: string; title: Both }[];
  situations: Situation[];
  hotlines: Hotline[];
  /** When to renew DACA, in days before it expires, and who says so. */
  renewal: { earliest: number; latest: number; source: Both<Source> };
}

export const boot: Boot = JSON.parse(document.getElementById("boot")!.textContent!);

export const other = (language: Language): Language => (language === "en" ? "es" : "en");

/** The text of a key; `{name}` in it becomes the value of that name. */
export function say(language: Language, key: string, values: Record<string, string> = {}): string {
  const text = boot.texts[language][key];
  if (text === undefined) throw new Error(`No text "${key}": add it to TEXTS in page.py.`);
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
