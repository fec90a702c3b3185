// The service worker, only there for people who keep the assistant on their phone: without the
// network it gives the kept copies. It never keeps anything else.

import { CACHE, copyOf, fetchCopies } from "./kept.ts";

/** How long the network may take before the copy is shown, in milliseconds. */
const PATIENCE = 4_000;

/** The few types of a worker: its library would clash with that of a page. */
interface LastingEvent extends Event {
  waitUntil: (work: Promise<unknown>) => void;
}
interface AskingEvent extends LastingEvent {
  request: Request;
  respondWith: (response: Promise<Response>) => void;
}
interface WorkerScope {
  addEventListener(type: "install" | "activate", listener: (event: LastingEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: AskingEvent) => void): void;
  skipWaiting: () => Promise<void>;
  clients: { claim: () => Promise<void> };
}

const worker = self as unknown as WorkerScope;

worker.addEventListener("install", (event) => {
  event.waitUntil(fetchCopies().then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(deleteOldCaches().then(() => worker.clients.claim()));
});

worker.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const address = new URL(url);
  if (method !== "GET" || address.origin !== location.origin) return;
  const copy = copyOf(address);
  if (!copy) return;
  const online = fetch(event.request);
  event.respondWith(answer(online, copy));
  // Each visit brings the copies up to date.
  if (address.pathname === "/") event.waitUntil(online.then(refresh).catch(() => undefined));
});

async function answer(online: Promise<Response>, copy: string): Promise<Response> {
  const nothing = () => undefined;
  const inTime = await Promise.race([online.catch(nothing), pause(PATIENCE)]);
  return inTime ?? (await caches.match(copy, { ignoreVary: true })) ?? online;
}

async function refresh(): Promise<void> {
  // What the person has removed must not come back.
  if (await caches.has(CACHE)) await fetchCopies();
}

async function deleteOldCaches(): Promise<void> {
  for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
}

function pause(milliseconds: number): Promise<undefined> {
  return new Promise((done) => setTimeout(done, milliseconds, undefined));
}
