import assert from "node:assert/strict";
import { test } from "node:test";
import { blocksOf, foldAt, piecesOf } from "../src/blocks.ts";

const BLOCKS = [
  // a line is a paragraph, an empty line is none
  ["one\n\ntwo", ["p", "p"]],
  // lines with dashes are one list
  ["- a\n- b", ["ul"]],
  // numbers too, with a dot or a parenthesis
  ["1. a\n2) b", ["ol"]],
  // an empty line ends a list
  ["- a\n\n- b", ["ul", "ul"]],
  // another kind of list is another list
  ["1. a\n- b", ["ol", "ul"]],
  // a year or a price at the start of a line is no list
  ["2026 is\n150 days", ["p", "p"]],
  // a dash without a space is text
  ["-a", ["p"]],
  // nothing
  ["", []],
] as const;

for (const [text, kinds] of BLOCKS) {
  test(`blocks of ${JSON.stringify(text)}`, () => {
    assert.deepEqual(
      blocksOf(text).map((block) => block.kind),
      kinds,
    );
  });
}

test("a list that is interrupted goes on counting", () => {
  const [, , second] = blocksOf("1. a\ntext\n2. b");
  assert.deepEqual(second, { kind: "ol", items: ["b"], start: 2 });
});

const LINKS = [
  // a phone with and without the country's code
  ["Call 1-844-363-1423 now", ["tel:+18443631423"]],
  ["209-757-3733", ["tel:+12097573733"]],
  // bare addresses, with a path, at the end of a sentence
  ["See immigrationlawhelp.org.", ["https://immigrationlawhelp.org"]],
  ["uscis.gov/DACA, then", ["https://uscis.gov/DACA"]],
  ["https://988lifeline.org/es", ["https://988lifeline.org/es"]],
  // forms, years, hours and dates are no phones; an abbreviation is no address
  ["I-821D, 2026-11-24, 9-5, 150-120", []],
  ["e.g. this, a.m. and p.m.", []],
  // no script hides behind an address
  ["javascript:alert(1)//a.org", ["https://a.org"]],
] as const;

for (const [text, links] of LINKS) {
  test(`links in ${JSON.stringify(text)}`, () => {
    const pieces = piecesOf(text);
    assert.equal(pieces.map((piece) => piece.text).join(""), text);
    assert.deepEqual(
      pieces.flatMap((piece) => piece.href ?? []),
      links,
    );
  });
}

test("short answers are whole, and no button hides two lines", () => {
  const lines = (count: number) => blocksOf(Array(count).fill("x".repeat(100)).join("\n"));
  assert.equal(foldAt(lines(5)), 5);
  assert.equal(foldAt(lines(7)), 7);
  assert.equal(foldAt(lines(12)), 6);
});
