// The renewal dates and the calendar file, row by row.

import assert from "node:assert/strict";
import { test } from "node:test";
import { calendarFile, localDay, renewalOf } from "../src/renewal.ts";

const WINDOW = { earliest: 150, latest: 120 };

const day = (date: Date) => date.toISOString().slice(0, 10);

test("the window is counted back from the end", () => {
  const rows: [end: string, first: string, last: string][] = [
    ["2027-03-02", "2026-10-03", "2026-11-02"], // a plain year, and clocks change on 2026-11-01
    ["2027-08-10", "2027-03-13", "2027-04-12"], // clocks change on 2027-03-14
    ["2028-07-01", "2028-02-02", "2028-03-03"], // the window holds February 29
    ["2028-07-28", "2028-02-29", "2028-03-30"], // the window begins on February 29
    ["2028-02-29", "2027-10-02", "2027-11-01"], // the end is February 29
    ["2027-06-01", "2027-01-02", "2027-02-01"], // the window begins just after New Year
    ["2027-05-15", "2026-12-16", "2027-01-15"], // the window goes over New Year
    ["2026-12-31", "2026-08-03", "2026-09-02"], // the end is the last day of a year
  ];
  for (const [end, first, last] of rows) {
    const renewal = renewalOf(end, "2026-11-24", WINDOW)!;
    assert.deepEqual([day(renewal.first), day(renewal.last)], [first, last], end);
  }
});

test("the window has the length that it is given", () => {
  const renewal = renewalOf("2027-01-31", "2026-11-24", { earliest: 30, latest: 1 })!;
  assert.deepEqual([day(renewal.first), day(renewal.last)], ["2027-01-01", "2027-01-30"]);
});

test("every phase has its first and its last day", () => {
  const rows: [end: string, today: string, phase: string, left: number][] = [
    ["2027-03-02", "2022-03-02", "early", 1826], // five years ahead: the most there is, over one leap day
    ["2027-03-02", "2026-10-02", "early", 151], // the last day before the window
    ["2027-03-02", "2026-10-03", "open", 150], // the first day of the window
    ["2027-03-02", "2026-11-01", "open", 121], // a day of 25 hours
    ["2027-03-02", "2026-11-02", "open", 120], // the last day of the window
    ["2027-03-02", "2026-11-03", "late", 119], // the first day after the window
    ["2027-03-02", "2027-03-01", "late", 1], // the last day but one
    ["2027-03-02", "2027-03-02", "late", 0], // the permit is good through its printed date
    ["2027-03-02", "2027-03-03", "expired", -1], // the first day without
    ["2027-03-02", "2028-03-01", "expired", -365], // the last day of a year that has a leap day
    ["2027-03-02", "2028-03-02", "long_expired", -366], // one year after
    ["2026-03-02", "2027-03-01", "expired", -364], // the last day of a common year
    ["2026-03-02", "2027-03-02", "long_expired", -365], // one common year after
    ["2028-02-29", "2029-02-28", "expired", -365], // a year without a February 29: still within it
    ["2028-02-29", "2029-03-01", "long_expired", -366], // and over on March 1
    ["2026-12-31", "2027-01-01", "expired", -1], // over New Year
    ["2026-03-09", "2026-03-08", "late", 1], // a day of 23 hours
    ["2012-01-01", "2026-11-24", "long_expired", -5441], // the first date that is taken
  ];
  for (const [end, today, phase, left] of rows) {
    const renewal = renewalOf(end, today, WINDOW)!;
    assert.deepEqual([renewal.phase, renewal.left], [phase, left], `${end} seen on ${today}`);
  }
});

test("what cannot be an end date gives nothing", () => {
  const rows = [
    "", // nothing chosen yet
    "soon", // no date at all
    "2026-02-30", // no such day
    "2027-02-29", // no leap year
    "2027-13-01", // no such month
    "2027-00-10", // no month zero
    "2027-3-2", // not two digits
    "03/02/2027", // another order
    "2027-03-02T00:00", // with a time
    "2027-03-02 ", // with a blank
    "+002027-03-02", // a year of six digits
    "0027-03-02", // a year half typed
    "2011-12-31", // before DACA
    "2031-11-25", // five years and a day ahead
    "9999-12-31", // far ahead
  ];
  for (const end of rows) assert.equal(renewalOf(end, "2026-11-24", WINDOW), null, end);
  assert.equal(renewalOf("2027-03-02", "today", WINDOW), null);
  assert.notEqual(renewalOf("2031-11-24", "2026-11-24", WINDOW), null);
});

test("today is the day on the wall, whatever the hour", () => {
  const rows: [now: Date, day: string][] = [
    [new Date(2026, 10, 24, 0, 0), "2026-11-24"], // midnight, in UTC maybe the day before
    [new Date(2026, 10, 24, 23, 59), "2026-11-24"], // late evening, in UTC maybe the day after
    [new Date(2026, 10, 1, 1, 30), "2026-11-01"], // the hour that comes twice in the US
    [new Date(2027, 2, 14, 2, 30), "2027-03-14"], // the hour that is left out in the US
    [new Date(2028, 1, 29, 12, 0), "2028-02-29"], // a leap day
    [new Date(2026, 11, 31, 23, 59), "2026-12-31"], // the last minute of a year
  ];
  for (const [now, expected] of rows) assert.equal(localDay(now), expected);
});

const FIRST = new Date("2026-10-03T00:00:00Z");
const LAST = new Date("2026-11-02T00:00:00Z");
const NOW = new Date("2026-09-01T17:05:09.123Z");

test("the calendar file is one private entry with a reminder", () => {
  const file = calendarFile(FIRST, LAST, "Papers", NOW);
  assert.equal(
    file.replace(/UID:[0-9a-f]{32}\r\n/, "UID:random\r\n"),
    [
      "BEGIN:VCALENDAR",
      "VERSION:2.0",
      "PRODID:-//Dates//EN",
      "BEGIN:VEVENT",
      "UID:random",
      "DTSTAMP:20260901T170509Z",
      "DTSTART;VALUE=DATE:20261003",
      "DTEND;VALUE=DATE:20261103",
      "SUMMARY:Papers",
      "CLASS:PRIVATE",
      "TRANSP:TRANSPARENT",
      "BEGIN:VALARM",
      "ACTION:DISPLAY",
      "DESCRIPTION:Papers",
      "TRIGGER:PT9H",
      "END:VALARM",
      "END:VEVENT",
      "END:VCALENDAR",
      "",
    ].join("\r\n"),
  );
  assert.doesNotMatch(file, /LOCATION|URL|daca|conoce/i);
  assert.notEqual(file, calendarFile(FIRST, LAST, "Papers", NOW), "every file has its own id");
});

test("the calendar file ends on the day after the last one", () => {
  const rows: [last: string, end: string][] = [
    ["2026-12-31", "20270101"], // over New Year
    ["2028-02-28", "20280229"], // onto a leap day
    ["2027-02-28", "20270301"], // over the end of a month
    ["2026-11-01", "20261102"], // over a day of 25 hours
  ];
  for (const [last, end] of rows) {
    const file = calendarFile(FIRST, new Date(`${last}T00:00:00Z`), "Papers", NOW);
    assert.match(file, new RegExp(`DTEND;VALUE=DATE:${end}\r\n`), last);
  }
});

test("the words of the calendar file are escaped", () => {
  const rows: [summary: string, line: string][] = [
    ["Papers, forms", "Papers\\, forms"], // a comma parts values
    ["Papers; forms", "Papers\\; forms"], // a semicolon parts parameters
    ["C:\\papers", "C:\\\\papers"], // the sign that escapes
    ["one\ntwo", "one\\ntwo"], // a new line
    ["one\r\ntwo\rthree", "one\\ntwo\\nthree"], // other new lines: no line of one's own
    ["Papers: 1", "Papers: 1"], // a colon stays
  ];
  for (const [summary, line] of rows) {
    const file = calendarFile(FIRST, LAST, summary, NOW);
    assert.ok(file.includes(`\r\nSUMMARY:${line}\r\n`), summary);
    assert.ok(file.includes(`\r\nDESCRIPTION:${line}\r\n`), summary);
  }
});

test("long lines are folded at 75 octets, between characters", () => {
  const size = (line: string) => new TextEncoder().encode(line).length;
  const rows: [summary: string, pieces: number][] = [
    ["x".repeat(67), 1], // "SUMMARY:" and 67 make 75: not folded
    ["x".repeat(68), 2], // one more
    ["x".repeat(67 + 74), 2], // two full lines; the blank in front counts
    ["x".repeat(67 + 75), 3], // one more
    ["ñ".repeat(34), 2], // two octets each: the 34th would be cut in half
    ["📄".repeat(17), 2], // four octets each
    ["x".repeat(66) + ",", 2], // the escaped comma has two
  ];
  for (const [summary, pieces] of rows) {
    const file = calendarFile(FIRST, LAST, summary, NOW);
    for (const line of file.split("\r\n")) assert.ok(size(line) <= 75, `${size(line)} octets`);
    const folded = /SUMMARY:[^]*?(?=\r\nCLASS)/.exec(file)![0];
    assert.equal(folded.split("\r\n").length, pieces, summary);
    assert.equal(folded.replaceAll("\r\n ", ""), `SUMMARY:${summary.replace(",", "\\,")}`, summary);
  }
});
