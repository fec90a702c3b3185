// "Keep on this phone" from the side of the page: set the worker up, take it away, look what is there.

import { fetchCopies, KEPT } from "./kept.ts";

/** Trusted Types, which the browser's types do not have yet. */
interface ScriptPolicy {
  createScriptURL: (address: string) => string;
}
declare global {
  interface Window {
    trustedTypes?: { createPolicy: (name: string, rules: ScriptPolicy) => ScriptPolicy };
  }
}

/** The only address that the page may ever run as a script. */
const WORKER = "/sw.js";

const untyped: ScriptPolicy = { createScriptURL: () => WORKER };
let policy: ScriptPolicy | undefined;

export type Found = "all" | "part" | "nothing";

/** How much of the assistant is on this phone. */
export async function look(): Promise<Found> {
  const registrations = await navigator.serviceWorker.getRegistrations();
  const names = await caches.keys();
  if (!registrations.length && !names.length) return "nothing";
  const copies = await Promise.all(KEPT.map((copy) => caches.match(copy, { ignoreVary: true })));
  return registrations.some(({ active }) => active) && copies.every(Boolean) ? "all" : "part";
}

/** Keeps everything, or throws. */
export async function keep(): Promise<void> {
  // A policy of a name can be made only once.
  policy ??= window.trustedTypes?.createPolicy("conoce", untyped) ?? untyped;
  const address = policy.createScriptURL(WORKER);
  const { installing, waiting, active } = await navigator.serviceWorker.register(address);
  await activation((installing ?? waiting ?? active)!);
  // A worker that was there before, or was removed while this page is still open, does not install again.
  if ((await look()) !== "all") await fetchCopies();
  if ((await look()) !== "all") throw new Error("Not everything was kept.");
}

/** Removes everything, and tells whether nothing is left. */
export async function remove(): Promise<boolean> {
  // The worker first: it could bring its copies back.
  const registrations = await navigator.serviceWorker.getRegistrations();
  for (const registration of registrations) await registration.unregister();
  for (const name of await caches.keys()) await caches.delete(name);
  return (await look()) === "nothing";
}

function activation(worker: ServiceWorker): Promise<void> {
  return new Promise((done, failed) => {
    const check = () => {
      if (worker.state === "activated") done();
      if (worker.state === "redundant") failed(new Error("The worker could not fetch its copies."));
    };
    worker.addEventListener("statechange", check);
    check();
  });
}
