// Reading aloud, with voices of the device only: others send the text to a server.

import type { Language } from "./words.ts";

export function localVoice(language: Language): SpeechSynthesisVoice | undefined {
  const voices = window.speechSynthesis?.getVoices() ?? [];
  const fitting = voices.filter((voice) => voice.localService === true && voice.lang.startsWith(language));
  return fitting.find((voice) => /[-_](US|MX)$/.test(voice.lang)) ?? fitting[0];
}

/** Calls back now and whenever the device has found more voices; returns how to stop that. */
export function onVoices(changed: () => void): () => void {
  changed();
  window.speechSynthesis?.addEventListener("voiceschanged", changed);
  return () => window.speechSynthesis?.removeEventListener("voiceschanged", changed);
}

/** Reads a text; a text that is being read is stopped instead. Returns whether it reads now. */
export function readAloud(text: string, voice: SpeechSynthesisVoice, onEnd: () => void): boolean {
  if (speechSynthesis.speaking) {
    speechSynthesis.cancel();
    return false;
  }
  const utterance = Object.assign(new SpeechSynthesisUtterance(text), { voice, lang: voice.lang });
  utterance.onend = utterance.onerror = onEnd;
  speechSynthesis.speak(utterance);
  return true;
}
