// A message and the answers to it.

import { useEffect, useRef, useState } from "preact/hooks";
import { AnswerActions } from "./answer_actions.tsx";
import { blocksOf, foldAt } from "./blocks.ts";
import type { Rating } from "./connection.ts";
import type { Turn } from "./conversation.ts";
import { inLanguage, type Reply, type Wording } from "./replies.ts";
import { Blocks, Links } from "./text.tsx";
import { say, type Language } from "./words.ts";

interface Properties {
  turn: Turn;
  language: Language;
  onSay: (text: string) => void;
  onRate: (id: string, rating: Rating) => Promise<boolean>;
  onRenewal: () => void;
}

/** The answer that the calculator of renewal dates belongs to. */
const RENEWAL = "daca_renewal_when";

export function TurnView(properties: Properties) {
  const { turn, language } = properties;
  return (
    <>
      <article class="you">
        <h2 lang={language}>{say(language, "page_you")}</h2>
        <p class="said" lang={turn.written} dir="auto">
          {turn.text}
        </p>
      </article>
      {turn.replies.map((reply, place) => (
        <Answer key={place} reply={reply} last={place === turn.replies.length - 1} {...properties} />
      ))}
    </>
  );
}

function Answer({ reply, last, turn, language, onSay, onRate, onRenewal }: Properties & { reply: Reply; last: boolean }) {
  const article = useRef<HTMLElement>(null);
  const wording = inLanguage(reply, turn.shown);
  const { conoce, buttons = [] } = wording;
  const isAnswer = reply.conoce.faq_id !== null;
  useEffect(() => {
    article.current!.scrollIntoView({ block: "start" });
    // Who pressed a button stands above the answer; who wrote goes on writing.
    if (turn.pressed) article.current!.focus({ preventScroll: true });
  }, []);
  return (
    <article ref={article} class={`bot ${reply.conoce.decision}`} tabIndex={-1}>
      <h2 lang={language}>{say(language, "page_bot")}</h2>
      <div class="said" lang={conoce.lang} dir={conoce.dir}>
        <Body
          wording={wording}
          fold={reply.conoce.decision !== "urgent"}
          // The button that has the focus goes away.
          onUnfold={() => article.current!.focus({ preventScroll: true })}
        />
        <Links title={conoce.resources_label} links={conoce.resources} />
        <Links title={conoce.sources_label} links={conoce.sources} />
        {conoce.notes.map((note) => (
          <p key={note} class="note">
            {note}
          </p>
        ))}
        {reply.conoce.faq_id === RENEWAL && (
          <button type="button" onClick={onRenewal}>
            {say(turn.shown, "page_tool_renewal")}
          </button>
        )}
        {last && turn.report && <Report said={turn.report} wording={wording} language={turn.shown} />}
        {isAnswer && (
          <AnswerActions
            wording={wording}
            language={turn.shown}
            article={article}
            onRate={(rating) => onRate(turn.id, rating)}
          />
        )}
      </div>
      {buttons.length > 0 && (
        <>
          {isAnswer && (
            <p class="label" lang={turn.shown}>
              {say(turn.shown, "page_related")}
            </p>
          )}
          <ul class="choices" lang={conoce.lang}>
            {buttons.map(({ title, payload }) => (
              <li key={title}>
                <button type="button" onClick={() => onSay(payload)}>
                  {title}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </article>
  );
}

interface BodyProperties {
  wording: Wording;
  fold: boolean;
  onUnfold: () => void;
}

function Body({ wording, fold, onUnfold }: BodyProperties) {
  const [whole, setWhole] = useState(false);
  const blocks = blocksOf(wording.conoce.body);
  const end = whole || !fold ? blocks.length : foldAt(blocks);
  const language = wording.conoce.lang === "es" ? "es" : "en";
  return (
    <>
      <Blocks blocks={blocks.slice(0, end)} />
      {end < blocks.length && (
        <button
          type="button"
          class="unfold"
          aria-expanded={false}
          onClick={() => {
            onUnfold();
            setWhole(true);
          }}
        >
          {say(language, "page_read_all")}
        </button>
      )}
    </>
  );
}

/** What was said in a guided report: it stays in this page and goes on paper only. */
function Report({ said, wording, language }: { said: string[]; wording: Wording; language: Language }) {
  return (
    <section class="sheet">
      <dl>
        {wording.conoce.sheet?.labels.map((label, place) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{said[place]}</dd>
          </div>
        ))}
      </dl>
      <p class="note">{say(language, "report_sheet_note")}</p>
      <button type="button" onClick={() => window.print()}>
        {say(language, "report_print")}
      </button>
    </section>
  );
}
