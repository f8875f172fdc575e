import { useEffect, useRef, useState } from "preact/hooks";
import { now } from "../clock";
import { type CloseDraft, draftOf, underWay } from "../drafts";
import type { Picture } from "../marks";
import { drawn, drawnAgain, smallPhoto } from "../pictures";
import { dayAt, timeAt } from "../roster";
import { state } from "../state";
import { t } from "../words";
import { Icon, dayText } from "./parts";

interface Props {
  session: string;
  draft: CloseDraft;
  change: (part: Partial<CloseDraft>) => void;
}

export function Evidence(props: Props) {
  return (
    <>
      <Photo {...props} />
      <Signature {...props} />
    </>
  );
}

/** The others of the session's pictures, at this moment. */
const without = (session: string, kind: Picture["kind"]): Picture[] =>
  draftOf(session).pictures.filter((picture) => picture.kind !== kind);

function Photo({ session, draft, change }: Props) {
  const [fault, setFault] = useState(false);
  const [isDrawing, setDrawing] = useState(false);
  const { pictures, photoAt } = draft;
  const has = pictures.some((picture) => picture.kind === "photo");
  const take = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    setDrawing(true);
    setFault(false);
    try {
      const bytes = await smallPhoto(file);
      const picture: Picture = { kind: "photo", bytes, type: "image/jpeg" };
      change({ pictures: [...without(session, "photo"), picture], photoAt: now(state.clock) });
    } catch {
      setFault(true);
    } finally {
      setDrawing(false);
    }
  };
  const said = has
    ? t("close_photo_taken", { day: dayText(dayAt(photoAt)), time: timeAt(photoAt) })
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
          {t(has ? "close_photo_again" : "close_photo_take")}
          <input
            class="sr"
            type="file"
            accept="image/*"
            capture="environment"
            onChange={(event) => underWay(session, take(event.currentTarget.files?.[0]))}
          />
        </label>
      </div>
    </section>
  );
}

const [WIDE, HIGH] = [720, 180];

function Signature({ session, change }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const strokes = useRef(0);
  const keep = async (shown: HTMLCanvasElement): Promise<void> => {
    const own = ++strokes.current;
    const bytes = await drawn(shown);
    // Written on, or wiped, meanwhile.
    if (own !== strokes.current) return;
    const picture: Picture = { kind: "signature", bytes, type: "image/png" };
    change({ pictures: [...without(session, "signature"), picture] });
  };
  const clear = (): void => {
    strokes.current += 1;
    canvas.current?.getContext("2d")?.clearRect(0, 0, WIDE, HIGH);
    change({ pictures: without(session, "signature") });
  };
  useEffect(() => {
    const shown = canvas.current;
    if (!shown) return undefined;
    const before = draftOf(session).pictures.find((picture) => picture.kind === "signature");
    if (before) void drawnAgain(shown, before.bytes);
    return penOn(shown, () => underWay(session, keep(shown)));
  }, []);
  return (
    <section class="card stack" id="signature">
      <div class="row spread">
        <h2 class="card-title">
          {t("close_signature")} <span class="cap">{t("close_signature_hint")}</span>
        </h2>
        <button class="btn" onClick={clear}>
          {t("close_signature_clear")}
        </button>
      </div>
      <canvas ref={canvas} class="signature" width={WIDE} height={HIGH} />
    </section>
  );
}

/** A pen line follows finger, pen or mouse; `done` is called when it is lifted. */
function penOn(canvas: HTMLCanvasElement, done: () => void): () => void {
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
