/**
 * What was counted, photographed and signed for a close that is not made yet. Who goes back to a
 * card or adds somebody on the way finds it again; it is held by this page alone.
 */
import type { Picture } from "./marks";

export interface CloseDraft {
  /** null until somebody gave a number. */
  heads: number | null;
  pictures: Picture[];
  photoAt: number;
}

const NOTHING: CloseDraft = { heads: null, pictures: [], photoAt: 0 };
const drafts = new Map<string, CloseDraft>();
const drawings = new Map<string, Promise<unknown>>();

export const draftOf = (session: string): CloseDraft => drafts.get(session) ?? NOTHING;

export function changeDraft(session: string, change: Partial<CloseDraft>): CloseDraft {
  const next = { ...draftOf(session), ...change };
  drafts.set(session, next);
  return next;
}

/** A picture that is still being made: a close waits for it instead of leaving it out. */
export function underWay(session: string, work: Promise<unknown>): void {
  drawings.set(session, Promise.allSettled([drawings.get(session), work]));
}

/** The draft with every picture that was taken. */
export async function wholeDraft(session: string): Promise<CloseDraft> {
  await drawings.get(session);
  return draftOf(session);
}

export function dropDraft(session: string): void {
  drafts.delete(session);
  drawings.delete(session);
}

export function dropDrafts(): void {
  drafts.clear();
  drawings.clear();
}
