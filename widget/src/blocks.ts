// An answer's text as paragraphs and lists, and the phones and addresses in it as links.

export type Block = { kind: "p"; text: string } | { kind: "ul" | "ol"; items: string[]; start: number };
export type Piece = { text: string; href?: string };

const ITEM = /^\s*(?:(-)|(\d+)[.)])\s+(.*)$/;
const LINK =
  /(?<phone>\b(?:1-)?\d{3}-\d{3}-\d{4}\b)|(?<url>\b(?:https?:\/\/)?(?:[a-z0-9-]+\.)+(?:org|gov|com|net|edu|us)\b(?:\/[\w./?=&%#-]*[\w/])?)/gi;

/** Returns the blocks of a text: each line a paragraph, lines with a dash or a number a list. */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  for (const line of text.split("\n")) {
    const [, dash, number, item] = ITEM.exec(line) ?? [];
    const last = blocks[blocks.length - 1];
    if (item === undefined) {
      // An empty line ends a list.
      blocks.push({ kind: "p", text: line.trim() });
      continue;
    }
    const kind = dash ? "ul" : "ol";
    if (last?.kind === kind) last.items.push(item);
    else blocks.push({ kind, items: [item], start: Number(number ?? 1) });
  }
  return blocks.filter((block) => block.kind !== "p" || block.text);
}

/** Returns the pieces of a line, those that can be called or opened with their address. */
export function piecesOf(line: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of line.matchAll(LINK)) {
    if (match.index > end) pieces.push({ text: line.slice(end, match.index) });
    const { phone, url } = match.groups!;
    const address = url && (/^https?:/i.test(url) ? url : `https://${url}`);
    pieces.push({ text: match[0], href: phone ? `tel:+${phone.replace(/^(?!1-)/, "1-").replace(/-/g, "")}` : address });
    end = match.index + match[0].length;
  }
  if (end < line.length) pieces.push({ text: line.slice(end) });
  return pieces;
}

/** Returns how many blocks a long answer shows before it is unfolded, or all of them. */
export function foldAt(blocks: Block[], most = 520): number {
  let length = 0;
  for (const [place, block] of blocks.entries()) {
    length += block.kind === "p" ? block.text.length : block.items.join(" ").length;
    // A remainder of a line or two is not worth a button.
    if (length > most && place < blocks.length - 2) return place + 1;
  }
  return blocks.length;
}
