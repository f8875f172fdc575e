import { useEffect, useRef, useState } from "preact/hooks";
import { now } from "../clock";
import { underWay } from "../drafts";
import { drawn, drawnAgain, smallPhoto } from "../pictures";
import { dayAt, timeAt } from "../roster";
import type { SessionView } from "../session";
import { type Change, changedSince, figuresOf, lapsed } from "../signing";
import { state } from "../state";
import type { CloseDraft, Figures } from "../types";
import { t } from "../words";
import type { Keep } from "./CloseOut";
import { Icon, Note, dayText } from "./parts";

interface Props {
  view: SessionView;
  draft: CloseDraft;
  /** Closing was tried with a signature that covers other numbers. */
  isMissed: boolean;
  change: Keep;
}

export function Evidence(props: Props) {
  return (
    <>
      <Photo {...props} />
      <Signature {...props} />
    </>
  );
}

function Photo({ view: { session }, draft: { photo, camera }, change }: Props) {
  const [fault, setFault] = useState(false);
  const [isDrawing, setDrawing] = useState(false);
  // Otherwise it was opened by an earlier life of this page, which the system has ended since.
  const isOurs = useRef(false);
  const open = (): void => {
    isOurs.current = true;
    void change("camera", { at: now(state.clock) });
  };
  const shut = (): void => {
    isOurs.current = false;
    void change("camera", null);
  };
  // Not every browser tells that the camera was left without a photo.
  useEffect(() => () => void (isOurs.current && shut()), []);
  const take = async (file: File | undefined): Promise<void> => {
    shut();
    if (!file) return;
    setDrawing(true);
    setFault(false);
    try {
      const bytes = await smallPhoto(file).catch(() => setFault(true));
      // "Taken" is said when it is stored.
      if (bytes) await change("photo", { bytes, at: now(state.clock) });
    } finally {
      setDrawing(false);
    }
  };
  const said = photo
    ? t("close_photo_taken", { day: dayText(dayAt(photo.at)), time: timeAt(photo.at) })
    : t("close_photo_none");
  const told = fault ? t("close_photo_bad") : said;
  return (
    <section class="card stack" id="photo">
      <h2 class="card-title">
        {t("close_photo")} <span class="cap">{t("close_photo_hint")}</span>
      </h2>
      <div class="row photo-row">
        <span class="photo-box" role="status">
          <Icon name="image" />
          {isDrawing ? t("close_photo_drawing") : told}
        </span>
        <label class="btn">
          <Icon name="camera" />
          {t(photo ? "close_photo_again" : "close_photo_take")}
          <input
            class="sr"
            type="file"
            accept="image/*"
            capture="environment"
            onClick={open}
            onCancel={shut}
            onChange={(event) => underWay(session.id, take(event.currentTarget.files?.[0]))}
          />
        </label>
      </div>
      {camera && !isOurs.current && <Note kind="warn">{t("close_photo_lost")}</Note>}
    </section>
  );
}

const [WIDE, HIGH] = [720, 180];

function Signature({ view: { session, tally }, draft, isMissed, change }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const changes = lapsed(tally, draft);
  const signed = changes.length === 0 ? draft.signature?.bytes : undefined;
  const box = useBox(canvas, signed);
  const latest = useRef({ figures: figuresOf(tally, draft), change });
  latest.current = { figures: figuresOf(tally, draft), change };
  const keep = async (shown: HTMLCanvasElement, figures: Figures): Promise<void> => {
    const isLast = box.taken();
    const bytes = await drawn(shown);
    // Written on, or wiped, meanwhile.
    if (!isLast()) return;
    box.holds(bytes);
    const stored = latest.current.change("signature", { bytes, at: now(state.clock), signed: figures });
    // A stroke during which a number changed is none under the new one.
    if (changedSince(figures, latest.current.figures).length > 0) box.wipe();
    await stored;
  };
  const clear = (): void => {
    box.wipe();
    void change("signature", null);
  };
  useEffect(() => {
    const shown = canvas.current;
    if (!shown) return undefined;
    // The numbers that stood there when the pen came down: what changes under it is not signed.
    let figures = latest.current.figures;
    const begin = () => (figures = latest.current.figures);
    return penOn(shown, begin, () => underWay(session.id, keep(shown, figures)));
  }, []);
  return (
    <section class="card stack" id="signature">
      <div class="row spread">
        <h2 class="card-title">
          {t("close_signature")}{" "}
          <span class="cap">{t(draft.count ? "close_signature_hint" : "close_signature_first")}</span>
        </h2>
        <button class="btn" id="unsigned" onClick={clear}>
          {t(changes.length > 0 ? "close_signature_without" : "close_signature_clear")}
        </button>
      </div>
      {changes.length > 0 && <Note kind={isMissed ? "bad" : "warn"}>{whyAgain(changes)}</Note>}
      <canvas ref={canvas} class="signature" width={WIDE} height={HIGH} />
    </section>
  );
}

function whyAgain(changes: Change[]): string {
  if (changes.some(({ before }) => before === null)) return t("close_signature_early");
  const numbers = changes.map(({ of, before, after }) =>
    t("close_signature_number", {
      what: t(of === "heads" ? "close_heads_short" : of),
      before: before ?? "",
      after: after ?? "",
    }),
  );
  return t("close_signature_changed", { what: numbers.join(t("close_kept_and")) });
}

/** What stands in the box: what was signed, and nothing while that covers other numbers. */
function useBox(canvas: { current: HTMLCanvasElement | null }, signed: ArrayBuffer | undefined) {
  const turn = useRef(0);
  const shown = useRef<ArrayBuffer>();
  const taken = (): (() => boolean) => {
    const own = ++turn.current;
    return () => own === turn.current;
  };
  const wipe = (): void => {
    taken();
    shown.current = undefined;
    canvas.current?.getContext("2d")?.clearRect(0, 0, WIDE, HIGH);
  };
  const holds = (bytes: ArrayBuffer): void => void (shown.current = bytes);
  useEffect(() => {
    if (signed === shown.current) return;
    wipe();
    if (!signed || !canvas.current) return;
    holds(signed);
    void drawnAgain(canvas.current, signed, taken());
  }, [signed]);
  return { taken, holds, wipe };
}

/** A pen line follows finger, pen or mouse; `begin` when it comes down, `done` when it is lifted. */
function penOn(canvas: HTMLCanvasElement, begin: () => void, done: () => void): () => void {
  const pen = canvas.getContext("2d");
  let isDown = false;
  const at = (event: PointerEvent): [number, number] => {
    const box = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.x, event.clientY - box.y];
    return [(x * WIDE) / box.width, (y * HIGH) / box.height];
  };
  const down = (event: PointerEvent): void => {
    canvas.setPointerCapture(event.pointerId);
    isDown = true;
    begin();
    pen?.beginPath();
    pen?.moveTo(...at(event));
  };
  const move = (event: PointerEvent): void => {
    if (!isDown || !pen) return;
    pen.lineWidth = 4;
    pen.lineCap = "round";
    pen.lineTo(...at(event));
    pen.stroke();
  };
  const up = (): void => {
    if (isDown) done();
    isDown = false;
  };
  canvas.addEventListener("pointerdown", down);
  canvas.addEventListener("pointermove", move);
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  return () => {
    canvas.removeEventListener("pointerdown", down);
    canvas.removeEventListener("pointermove", move);
    canvas.removeEventListener("pointerup", up);
    canvas.removeEventListener("pointercancel", up);
  };
}
