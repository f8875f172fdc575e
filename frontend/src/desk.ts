/** Who is meant: by ID number, by code, by name. */
import { isIdNumber, normalised } from "./idnumber";
import { idTag } from "./seal";
import type { Card } from "./session";
import type { ClassSession, RosterRow } from "./types";

export type Found =
  | { is: "found"; learner: string }
  | { is: "wrong_number" }
  | { is: "stranger"; qr: string }
  | { is: "nothing" };

/** The number leaves this function only as its keyed tag. */
export async function byIdNumber(
  session: ClassSession,
  roster: RosterRow[],
  typed: string,
): Promise<Found> {
  const number = normalised(typed);
  if (!isIdNumber(number)) return { is: "wrong_number" };
  const tag = await idTag(session.class_key, number);
  const row = roster.find((each) => each.id_tag !== "" && each.id_tag === tag);
  return row ? { is: "found", learner: row.learner } : { is: "stranger", qr: "" };
}

const CODE = /^T1\.[A-Za-z0-9_-]{10,40}\.[A-Za-z0-9_-]{6,20}$/;

/** Codes that are none of ours (a shop's, a bus's) are not an answer. */
export function byCode(roster: RosterRow[], text: string): Found {
  const code = text.trim();
  if (!CODE.test(code)) return { is: "nothing" };
  const row = roster.find((each) => each.qr === code);
  return row ? { is: "found", learner: row.learner } : { is: "stranger", qr: code };
}

/** What a reader typed: a number or a code. */
export async function byLine(
  session: ClassSession,
  roster: RosterRow[],
  line: string,
): Promise<Found> {
  const code = byCode(roster, line);
  if (code.is !== "nothing") return code;
  return byIdNumber(session, roster, line);
}

export const confirms = (card: Card, last4: string): boolean =>
  card.last4 !== "" && normalised(last4) === card.last4.toUpperCase();

const SAME_CODE_MS = 3000;

/** A code held before the camera is one sign-in, however often it is seen. */
export class Once {
  private text = "";
  private at = -Infinity;

  isNew(text: string, at: number): boolean {
    const isNew = text !== this.text || at - this.at > SAME_CODE_MS;
    this.text = text;
    this.at = at;
    return isNew;
  }
}

export function beep(isGood: boolean): void {
  navigator.vibrate?.(isGood ? 60 : [60, 60, 60]);
  try {
    sound ??= new AudioContext();
    const tone = sound.createOscillator();
    tone.frequency.value = isGood ? 1320 : 330;
    tone.connect(sound.destination);
    tone.start();
    tone.stop(sound.currentTime + (isGood ? 0.09 : 0.25));
  } catch {
    // Silence is no reason to refuse anybody.
  }
}
let sound: AudioContext | null = null;
