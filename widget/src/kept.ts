// What "Keep on this phone" keeps, for the page and for its worker.

/** The name of the cache. */
export const CACHE = "kept-1";

/** The copies. `/keep` is the page itself with all that it needs. */
export const KEPT = [
  "/keep?lang=en",
  "/keep?lang=es",
  "/print/card?lang=en",
  "/print/card?lang=es",
  "/print/card?lang=en&size=large",
  "/print/card?lang=es&size=large",
  "/print/plan?lang=en",
  "/print/plan?lang=es",
  "/print.css",
];

/** Fetches all copies, or throws and leaves those of before. */
export async function fetchCopies(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll(KEPT.map((copy) => new Request(copy, { cache: "reload", redirect: "error" })));
}

/** The copy that stands in for an address without the network, if there is one. */
export function copyOf({ pathname, search }: URL): string | undefined {
  const query = new URLSearchParams(search);
  const path = pathname === "/" ? "/keep" : pathname;
  const language = (query.get("lang") ?? navigator.language).startsWith("es") ? "es" : "en";
  // The links of the sheets also name the size that they have anyway.
  const size = path === "/print/card" && query.get("size") === "large" ? "&size=large" : "";
  return KEPT.find((copy) => copy === path || copy === `${path}?lang=${language}${size}`);
}
