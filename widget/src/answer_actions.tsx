// What can be done with an answer: take it along, hear it, and say whether it helped.

import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Rating } from "./connection.ts";
import type { Wording } from "./replies.ts";
import { localVoice, onVoices, readAloud } from "./speech.ts";
import { say, type Language } from "./words.ts";

const RATINGS: Rating[] = ["helped", "not_helped", "outdated", "wrong"];

interface Properties {
  wording: Wording;
  language: Language;
  article: RefObject<HTMLElement | null>;
  onRate: (rating: Rating) => Promise<boolean>;
}

export function AnswerActions({ wording, language, article, onRate }: Properties) {
  const [told, setTold] = useState("");
  const [rated, setRated] = useState(false);
  const [voice, setVoice] = useState<SpeechSynthesisVoice>();
  useEffect(() => onVoices(() => setVoice(localVoice(language))), [language]);

  async function copy() {
    try {
      await navigator.clipboard.writeText(wording.text);
      setTold("page_copied");
    } catch {
      setTold("page_not_copied");
    }
  }
  function share() {
    // Whoever closes the phone's own sheet has not failed.
    navigator.share({ text: wording.text }).catch(() => undefined);
  }
  function print() {
    article.current!.classList.add("printing");
    window.print();
    article.current!.classList.remove("printing");
  }
  async function rate(rating: Rating) {
    setTold((await onRate(rating)) ? "page_rated" : "page_not_rated");
    // The button that has the focus goes away.
    article.current!.focus({ preventScroll: true });
    setRated(true);
  }

  return (
    <div class="with-answer" lang={language}>
      <div class="actions">
        <button type="button" onClick={() => void copy()}>
          {say(language, "page_copy")}
        </button>
        {"share" in navigator && (
          <button type="button" onClick={share}>
            {say(language, "page_share")}
          </button>
        )}
        <button type="button" onClick={print}>
          {say(language, "page_print")}
        </button>
        {voice && (
          <button type="button" onClick={() => readAloud(wording.conoce.body, voice, () => undefined)}>
            {say(language, "page_read")}
          </button>
        )}
      </div>
      {!rated && (
        <div class="actions" role="group" aria-label={say(language, "page_rate")}>
          <span>{say(language, "page_rate")}</span>
          {RATINGS.map((rating) => (
            <button key={rating} type="button" onClick={() => void rate(rating)}>
              {say(language, `page_rate_${rating}`)}
            </button>
          ))}
        </div>
      )}
      <p role="status" class="note">
        {told && say(language, told)}
      </p>
    </div>
  );
}
