// In a frame: the site around it says when it is opened, and passes on that somebody wants to leave.

interface Handlers {
  open: () => void;
  exit: () => void;
}

/** Listens to the site around; returns how to stop that. */
export function onHost({ open, exit }: Handlers): () => void {
  const receive = (event: MessageEvent) => {
    if (event.source !== window.parent) return;
    const word = (event.data as { conoce?: unknown } | null)?.conoce;
    if (word === "open") open();
    if (word === "exit") exit();
  };
  window.addEventListener("message", receive);
  tellHost("ready");
  return () => window.removeEventListener("message", receive);
}

/** Tells the site around that the frame is there, or wants to be closed or left: never what was said. */
export function tellHost(word: "ready" | "close" | "exit", url?: string): void {
  window.parent.postMessage({ conoce: word, url }, "*");
}
