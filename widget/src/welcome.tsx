// What people see first: who is speaking, what not to write, and the topics.

import { blocksOf } from "./blocks.ts";
import { Blocks } from "./text.tsx";
import { boot, say, type Language } from "./words.ts";

export function Welcome({ language, onTopic }: { language: Language; onTopic: (title: string) => void }) {
  return (
    <section class="welcome" aria-label={say(language, "page_welcome")}>
      <p>{say(language, "page_intro")}</p>
      <div class="first">
        <Blocks blocks={blocksOf(say(language, "first_contact"))} />
      </div>
      <h2>{say(language, "page_topics")}</h2>
      <ul class="choices">
        {boot.topics.map(({ id, title }) => (
          <li key={id}>
            <button type="button" onClick={() => onTopic(title[language])}>
              {title[language]}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
