// First steps, phones and the rights card: written into the page, so they need no network.

import { blocksOf } from "./blocks.ts";
import { Dialog } from "./dialog.tsx";
import { Blocks } from "./text.tsx";
import { boot, say, type Language } from "./words.ts";

/** The language in which the agent's side of the card is written first. */
const AGENT: Language = "en";

interface Properties {
  language: Language;
  onClose: () => void;
}

export function EmergencyDialog({ language, onClose, onCard }: Properties & { onCard: () => void }) {
  return (
    <Dialog name="first-steps" title={say(language, "page_emergency")} language={language} onClose={onClose}>
      <button type="button" class="emergency" onClick={onCard}>
        {say(language, "page_tool_rights")}
      </button>
      <h3>{say(language, "page_what_happens")}</h3>
      {boot.situations.map((situation, place) => (
        <details key={situation.id} open={place === 0}>
          <summary>{situation.title[language]}</summary>
          <Blocks blocks={blocksOf(situation.body[language])} />
        </details>
      ))}
      <h3>{say(language, "page_hotlines")}</h3>
      <ul class="hotlines">
        {boot.hotlines.map(({ name, number, note }) => (
          <li key={number}>
            <a href={`tel:${number.replace(/[^\d+]/g, "")}`}>
              {name[language]}: {number}
            </a>
            <p class="note">{note[language]}</p>
          </li>
        ))}
      </ul>
      <p class="note">{say(language, "page_offline_note")}</p>
    </Dialog>
  );
}

/** The card to hold against a window: what the agent reads on top, its meaning below. */
export function RightsDialog({ language, onClose }: Properties) {
  const lines = (code: Language) => say(code, "card_statement").trim().split("\n");
  return (
    <Dialog name="rights" title={say(language, "page_card_show")} language={language} onClose={onClose}>
      <div class="agent" lang={AGENT}>
        {lines(AGENT).map((line) => (
          <p key={line}>{line}</p>
        ))}
      </div>
      {language !== AGENT && (
        <div class="own" lang={language}>
          <p class="label">{say(language, "page_card_says")}</p>
          {lines(language).map((line) => (
            <p key={line}>{line}</p>
          ))}
        </div>
      )}
    </Dialog>
  );
}
