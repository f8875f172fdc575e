/**
 * What a signature was given under. The signer saw the numbers above the box: the sums of the roll
 * and the heads. Where one of them is another by now, nobody has signed for what would be closed.
 */
import { type Tally, resultOf } from "./session";
import type { CloseDraft, Figures } from "./types";

export const figuresOf = (tally: Tally, { count }: CloseDraft): Figures => ({
  heads: count?.heads ?? null,
  ...resultOf(tally),
});

export interface Change {
  of: keyof Figures;
  before: number | null;
  after: number | null;
}

/** A field that was emptied to be typed anew is no other number yet. */
export function changedSince(signed: Figures, now: Figures): Change[] {
  const changes = (Object.keys(now) as (keyof Figures)[]).map(
    (of): Change => ({ of, before: signed[of], after: now[of] }),
  );
  return changes.filter(({ before, after }) => before !== after && after !== null);
}

/** What the signature under this draft does not cover any more; nothing where there is none. */
export function lapsed(tally: Tally, draft: CloseDraft): Change[] {
  return draft.signature ? changedSince(draft.signature.signed, figuresOf(tally, draft)) : [];
}
