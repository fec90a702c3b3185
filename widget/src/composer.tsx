// The box in which people write.

import type { RefObject } from "preact";
import { say, type Language } from "./words.ts";

interface Properties {
  language: Language;
  box: RefObject<HTMLTextAreaElement | null>;
  onSay: (text: string) => void;
}

export function Composer({ language, box, onSay }: Properties) {
  function send() {
    const text = box.current!.value.trim();
    if (!text) return;
    box.current!.value = "";
    grow();
    onSay(text);
    box.current!.focus();
  }
  function grow() {
    const { style } = box.current!;
    style.height = "auto";
    style.height = `${box.current!.scrollHeight + 2}px`;
  }
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={box}
        rows={1}
        dir="auto"
        autocomplete="off"
        enterkeyhint="send"
        aria-label={say(language, "page_placeholder")}
        placeholder={say(language, "page_placeholder")}
        onInput={grow}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      <button type="submit" class="send">
        {say(language, "page_send")}
      </button>
    </form>
  );
}
