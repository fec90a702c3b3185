// The line to the server. Each message has an id and is sent again until it is answered; the server
// processes an id once. The session's token lives in this object and goes with the page.

import { io, type Socket } from "socket.io-client";
import type { Reply } from "./replies.ts";
import type { Language } from "./words.ts";

export type Line = "connecting" | "ready" | "lost";
export type Rating = "helped" | "not_helped" | "outdated" | "wrong";

interface Trouble {
  code: string;
  text: string;
}

export type Answer = { replies: Reply[] } | { error: Trouble };
type Acknowledgement = { replies?: Reply[]; error?: Trouble } | null;

/** Phones lose networks without noticing: after this many milliseconds a new connection is quicker. */
const PATIENCE = 10_000;

/** The server's word for a session that is too old. */
const NO_SESSION = "session";

export class Connection {
  private readonly socket: Socket;
  private readonly onLine: (line: Line) => void;
  private token = "";

  constructor(onLine: (line: Line) => void) {
    this.onLine = onLine;
    this.socket = io({
      autoConnect: false,
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      auth: (give) => give({ session_id: this.token }),
      // One after the other, each until it is acknowledged.
      retries: Number.MAX_SAFE_INTEGER,
      ackTimeout: 2 * PATIENCE,
      reconnectionDelay: 500,
      // Whoever waits for an answer should not wait for the next attempt as well.
      reconnectionDelayMax: 2_000,
    });
    this.socket.on("session_confirm", ({ session_id }: { session_id: string }) => {
      this.token = session_id;
      this.onLine("ready");
    });
    this.socket.on("disconnect", () => this.onLine("lost"));
    this.socket.on("connect_error", () => this.onLine("lost"));
    window.addEventListener("online", () => this.again());
  }

  open(): void {
    if (this.socket.active) return;
    this.onLine("connecting");
    this.socket.connect();
  }

  close(): void {
    this.socket.disconnect();
  }

  /** Sends a message; its answer comes however often the connection is lost before. */
  say(id: string, message: string, language: Language): Promise<Answer> {
    return this.ask("user_uttered", { id, message, metadata: { language } }) as Promise<Answer>;
  }

  async rate(id: string, rating: Rating): Promise<boolean> {
    return !("error" in (await this.ask("user_rated", { id, rating })));
  }

  /** Deletes the conversation on the server; the next message begins a new one. */
  async erase(): Promise<boolean> {
    const done = !("error" in (await this.ask("user_erased", {})));
    if (done) this.renew();
    return done;
  }

  private async ask(event: string, data: object): Promise<object> {
    this.open();
    const impatience = window.setInterval(() => this.again(), PATIENCE);
    try {
      const answer = await this.emit(event, data);
      if (answer?.error?.code !== NO_SESSION) return answer ?? {};
      this.renew();
      return (await this.emit(event, data)) ?? {};
    } finally {
      window.clearInterval(impatience);
    }
  }

  private emit(event: string, data: object): Promise<Acknowledgement> {
    return new Promise((resolve) => {
      this.socket.emit(event, data, (_failure: Error | null, answer: Acknowledgement) => resolve(answer));
    });
  }

  private renew(): void {
    this.token = "";
    this.again();
  }

  private again(): void {
    if (this.socket.active) this.socket.disconnect().connect();
  }
}
