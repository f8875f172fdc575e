/**
 * Times of marks. A tablet's clock may be years off: what counts is its distance to the server's at
 * the last contact, and where that is unknown the mark says so (skew_ms null).
 */
export interface ClockState {
  /** Server minus tablet at the last contact; null while nobody knows. */
  skew_ms: number | null;
  last_t_ms: number;
  /** The furthest that this clock was seen; one that goes back was set by somebody. */
  last_wall_ms: number;
}

export interface Stamp {
  wall_ms: number;
  skew_ms: number | null;
  t_ms: number;
}

export const UNKNOWN_CLOCK: ClockState = { skew_ms: null, last_t_ms: 0, last_wall_ms: 0 };
const TOLERANCE_MS = 2 * 60_000;
const HOUR_MS = 3_600_000;

let origin = { wall: Date.now(), steady: performance.now() };

/** Set back against the steady clock of this page, or against what was seen before it. A clock set
 * forward cannot be told from a tablet that slept; the server sees that one on arrival. */
export function wasSetBack(clock: ClockState, wall: number, steady: number): boolean {
  const expected = origin.wall + (steady - origin.steady);
  return wall < Math.max(expected, clock.last_wall_ms) - TOLERANCE_MS;
}

export function skewOf(clock: ClockState, wall: number, steady: number): number | null {
  return wasSetBack(clock, wall, steady) ? null : clock.skew_ms;
}

/** The stamp of the next event, and the clock after it. */
export function stamp(clock: ClockState, wall: number, steady: number): [Stamp, ClockState] {
  const skew = skewOf(clock, wall, steady);
  const corrected = wall + (skew ?? 0);
  // Marks of a time when the clock was far ahead must not carry all later ones along.
  const isPoisoned = skew !== null && clock.last_t_ms > corrected + HOUR_MS;
  const t = isPoisoned ? corrected : Math.max(corrected, clock.last_t_ms + 1);
  const after = { skew_ms: skew, last_t_ms: t, last_wall_ms: Math.max(wall, clock.last_wall_ms) };
  return [{ wall_ms: wall, skew_ms: skew, t_ms: t }, after];
}

/** After the server said its time; half of the way there and back is taken off. */
export function heard(clock: ClockState, serverTime: number, wall: number, took: number): ClockState {
  origin = { wall, steady: performance.now() };
  return { ...clock, skew_ms: Math.round(serverTime + took / 2 - wall), last_wall_ms: wall };
}

/** The best guess at the time, for what is shown. */
export function now(clock: ClockState): number {
  return Date.now() + (skewOf(clock, Date.now(), performance.now()) ?? 0);
}

export function isClockKnown(clock: ClockState): boolean {
  return skewOf(clock, Date.now(), performance.now()) !== null;
}
