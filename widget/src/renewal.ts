// When to renew DACA: calendar arithmetic in whole UTC days, so that no clock change moves a date.

import { newId } from "./ids.ts";

const DAY = 86_400_000;

/** DACA began in 2012 and is given for two years: other end dates are slips of the finger. */
const FIRST_YEAR = 2012;
const MOST_YEARS_AHEAD = 5;

/** Longer lines have to be folded (RFC 5545, section 3.1), counted in octets. */
const LINE = 75;

/** Where today is: before, in or after the recommended window, or after the end of DACA.
 *  From a year after the end a request counts as a first one, so that is a phase of its own. */
export type Phase = "early" | "open" | "late" | "expired" | "long_expired";

export interface Renewal {
  phase: Phase;
  /** Days until the end of DACA; negative after it. */
  left: number;
  /** The first and the last day of the recommended window, at midnight UTC. */
  first: Date;
  last: Date;
}

/** How many days before the end the recommended window begins and ends. */
export interface Limits {
  earliest: number;
  latest: number;
}

/** The renewal of a DACA that ends on `end`, seen on `today` (both YYYY-MM-DD); null when `end` cannot
 *  be right. */
export function renewalOf(end: string, today: string, limits: Limits): Renewal | null {
  const ends = dayOf(end);
  const now = dayOf(today);
  if (!ends || !now) return null;
  if (ends.getUTCFullYear() < FIRST_YEAR || ends > yearsAfter(now, MOST_YEARS_AHEAD)) return null;
  const left = Math.round((ends.getTime() - now.getTime()) / DAY);
  return {
    phase: now >= yearsAfter(ends, 1) ? "long_expired" : phaseOf(left, limits),
    left,
    first: daysAfter(ends, -limits.earliest),
    last: daysAfter(ends, -limits.latest),
  };
}

/** The day (YYYY-MM-DD) that the calendar on the wall shows. */
export function localDay(now: Date): string {
  return text(new Date(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate())));
}

/** An iCalendar file with one entry for all days from `first` to `last`, with a reminder.
 *  It says nothing but `summary`: others may see the calendar, and it may be copied to a cloud. */
export function calendarFile(first: Date, last: Date, summary: string, now: Date): string {
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Dates//EN",
    "BEGIN:VEVENT",
    `UID:${newId()}`,
    `DTSTAMP:${now.toISOString().replace(/[-:]|\.\d+/g, "")}`,
    `DTSTART;VALUE=DATE:${compact(first)}`,
    // The end of an entry is the day after its last one.
    `DTEND;VALUE=DATE:${compact(daysAfter(last, 1))}`,
    `SUMMARY:${escaped(summary)}`,
    "CLASS:PRIVATE",
    "TRANSP:TRANSPARENT",
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    `DESCRIPTION:${escaped(summary)}`,
    // At nine in the morning: the day itself begins at midnight.
    "TRIGGER:PT9H",
    "END:VALARM",
    "END:VEVENT",
    "END:VCALENDAR",
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join("");
}

function phaseOf(left: number, { earliest, latest }: Limits): Phase {
  if (left > earliest) return "early";
  if (left >= latest) return "open";
  // The permit is good through the day that is printed on it.
  return left >= 0 ? "late" : "expired";
}

function dayOf(day: string): Date | null {
  const date = new Date(`${day}T00:00:00Z`);
  // Some engines take February 30 for March 2.
  return !Number.isNaN(date.getTime()) && text(date) === day ? date : null;
}

function text(date: Date): string {
  return date.toISOString().slice(0, 10);
}

function compact(date: Date): string {
  return text(date).replaceAll("-", "");
}

function daysAfter(date: Date, days: number): Date {
  return new Date(date.getTime() + days * DAY);
}

function yearsAfter(date: Date, years: number): Date {
  return new Date(Date.UTC(date.getUTCFullYear() + years, date.getUTCMonth(), date.getUTCDate()));
}

function escaped(value: string): string {
  return value.replace(/[\\;,]/g, "\\$&").replace(/\r\n|\r|\n/g, "\\n");
}

function folded(line: string): string {
  const encoder = new TextEncoder();
  let result = "";
  let room = LINE;
  // By whole characters: half of an "ñ" at the end of a line would be lost.
  for (const character of line) {
    const size = encoder.encode(character).length;
    if (size > room) {
      result += "\r\n ";
      room = LINE - 1;
    }
    result += character;
    room -= size;
  }
  return result;
}
