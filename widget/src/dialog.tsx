// A modal dialog on the browser's own <dialog>, which keeps the focus inside and gives it back.

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { say, type Language } from "./words.ts";

interface Properties {
  language: Language;
  title: string;
  name: string;
  onClose: () => void;
  children: ComponentChildren;
}

export function Dialog({ language, title, name, onClose, children }: Properties) {
  const element = useRef<HTMLDialogElement>(null);
  // Before the next key is pressed: Escape is for the dialog.
  useLayoutEffect(() => {
    element.current!.showModal();
    // A long dialog would scroll down to its first control.
    element.current!.scrollTop = 0;
  }, []);
  return (
    <dialog ref={element} class={name} lang={language} aria-labelledby={`${name}-title`} onClose={onClose}>
      <header class="bar">
        <h2 id={`${name}-title`}>{title}</h2>
        <button type="button" class="close" onClick={() => element.current!.close()}>
          {say(language, "page_close")}
        </button>
      </header>
      {children}
    </dialog>
  );
}
