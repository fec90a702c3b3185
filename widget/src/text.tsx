// Text with its paragraphs, lists and links, always as text and never as HTML.

import { Fragment } from "preact";
import { piecesOf, type Block } from "./blocks.ts";
import type { Source } from "./words.ts";

const OUTSIDE = { target: "_blank", rel: "noopener noreferrer nofollow" };

function Line({ text }: { text: string }) {
  return (
    <>
      {piecesOf(text).map(({ text, href }, key) =>
        href ? (
          <a key={key} href={href} {...(href.startsWith("tel:") ? {} : OUTSIDE)}>
            {text}
          </a>
        ) : (
          <Fragment key={key}>{text}</Fragment>
        ),
      )}
    </>
  );
}

export function Blocks({ blocks }: { blocks: Block[] }) {
  return (
    <>
      {blocks.map((block, key) => {
        if (block.kind === "p") {
          return (
            <p key={key}>
              <Line text={block.text} />
            </p>
          );
        }
        const items = block.items.map((item, place) => (
          <li key={place}>
            <Line text={item} />
          </li>
        ));
        return block.kind === "ul" ? (
          <ul key={key}>{items}</ul>
        ) : (
          <ol key={key} start={block.start}>
            {items}
          </ol>
        );
      })}
    </>
  );
}

/** Links to other sites; addresses that are not of the web are left out. */
export function Links({ title, links }: { title: string; links: Source[] }) {
  const safe = links.filter(({ url }) => /^https?:\/\//.test(url));
  if (!safe.length) return null;
  return (
    <>
      <p class="label">{title}</p>
      <ul class="links">
        {safe.map(({ label, url }) => (
          <li key={url}>
            <a href={url} {...OUTSIDE}>
              {label}
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}
