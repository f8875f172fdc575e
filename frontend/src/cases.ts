/** The rule on the cases that both sides are held to (tests/courses/merge_cases.json). */
import { type MergeEvent, project } from "./merge";

type Case = Omit<MergeEvent, "learner" | "saw"> & { learner_id: string | null; saw?: string[] };

export function said(rows: Case[]): unknown {
  const state = project(
    rows.map(({ learner_id, saw = [], ...row }) => ({ ...row, learner: learner_id, saw })),
  );
  const learners: Record<string, unknown> = {};
  for (const [learner, { status, winner, conflict }] of state.learners) {
    learners[learner] = { status, event: winner?.event_id ?? null, conflict };
  }
  return { learners, closed_by: state.closedBy?.event_id ?? null };
}
