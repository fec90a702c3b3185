// When to renew DACA, from the end date on the permit. The date never leaves the device.

import { useState } from "preact/hooks";
import { Dialog } from "./dialog.tsx";
import { download } from "./download.ts";
import { calendarFile, localDay, renewalOf, type Renewal } from "./renewal.ts";
import { boot, say, type Language } from "./words.ts";

interface Properties {
  language: Language;
  onClose: () => void;
}

export function RenewalDialog({ language, onClose }: Properties) {
  const [end, setEnd] = useState("");
  const renewal = renewalOf(end, localDay(new Date()), boot.renewal);
  const source = boot.renewal.source[language];
  return (
    <Dialog language={language} title={say(language, "page_renewal_title")} name="renewal" onClose={onClose}>
      <p>{say(language, "page_renewal_intro")}</p>
      <div class="field">
        <label for="renewal-end">{say(language, "page_renewal_end")}</label>
        <input
          id="renewal-end"
          type="date"
          autocomplete="off"
          aria-describedby="renewal-private"
          value={end}
          onInput={(event) => setEnd(event.currentTarget.value)}
        />
        <p id="renewal-private" class="note">
          {say(language, "page_renewal_private")}
        </p>
      </div>
      <div aria-live="polite">
        {renewal && <Result language={language} renewal={renewal} />}
        {end && !renewal && <p>{say(language, "page_renewal_bad")}</p>}
      </div>
      {renewal && renewal.phase !== "long_expired" && <Papers language={language} />}
      {renewal && renewal.left >= boot.renewal.latest && <Reminder language={language} renewal={renewal} />}
      <p class="note">{say(language, "page_renewal_note")}</p>
      <p class="note">
        {say(language, "sources_label")}:{" "}
        <a href={source.url} target="_blank" rel="noopener noreferrer nofollow">
          {source.label}
        </a>
      </p>
    </Dialog>
  );
}

interface ResultProperties {
  language: Language;
  renewal: Renewal;
}

function Result({ language, renewal }: ResultProperties) {
  const { phase, left, first, last } = renewal;
  const dates = { first: spoken(first, language), last: spoken(last, language) };
  return (
    <>
      {left >= 0 && (
        <p>
          <strong>{say(language, "page_renewal_window", dates)}</strong>
        </p>
      )}
      <p>
        {left >= 0
          ? say(language, "page_renewal_left", { left: String(left) })
          : say(language, "page_renewal_since", { since: String(-left) })}
      </p>
      <p>{say(language, `page_renewal_${phase}`)}</p>
    </>
  );
}

function Papers({ language }: { language: Language }) {
  return (
    <section>
      <h3>{say(language, "page_renewal_prepare")}</h3>
      <ul>
        {say(language, "page_renewal_papers").split("\n").map((paper) => (
          <li key={paper}>{paper}</li>
        ))}
      </ul>
      <p>{say(language, "page_renewal_lawyer")}</p>
    </section>
  );
}

function Reminder({ language, renewal }: ResultProperties) {
  const event = say(language, "page_renewal_event");
  const save = () =>
    download(
      `${say(language, "page_renewal_file")}.ics`,
      "text/calendar",
      calendarFile(renewal.first, renewal.last, event, new Date()),
    );
  return (
    <>
      <div class="actions">
        <button type="button" onClick={save}>
          {say(language, "page_renewal_calendar")}
        </button>
      </div>
      <p class="note">{say(language, "page_renewal_calendar_note", { event })}</p>
    </>
  );
}

function spoken(date: Date, language: Language): string {
  const locale = language === "es" ? "es-US" : "en-US";
  return new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" }).format(date);
}
