import { useEffect, useRef, useState } from "preact/hooks";
import { now } from "../clock";
import type { Picture } from "../marks";
import { drawn, smallPhoto } from "../pictures";
import { dayAt, timeAt } from "../roster";
import { state } from "../state";
import { t } from "../words";
import { Icon, dayText } from "./parts";

interface Props {
  taken: Picture[];
  change: (update: (before: Picture[]) => Picture[]) => void;
}

export function Evidence(props: Props) {
  return (
    <>
      <Photo {...props} />
      <Signature {...props} />
    </>
  );
}

const without = (taken: Picture[], kind: Picture["kind"]): Picture[] =>
  taken.filter((picture) => picture.kind !== kind);

function Photo({ taken, change }: Props) {
  const [fault, setFault] = useState(false);
  const [at, setAt] = useState(0);
  const has = taken.some((picture) => picture.kind === "photo");
  const take = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    try {
      const bytes = await smallPhoto(file);
      const picture: Picture = { kind: "photo", bytes, type: "image/jpeg" };
      change((before) => [...without(before, "photo"), picture]);
      setAt(now(state.clock));
      setFault(false);
    } catch {
      setFault(true);
    }
  };
  const said = has
    ? t("close_photo_taken", { day: dayText(dayAt(at)), time: timeAt(at) })
    : t("close_photo_none");
  return (
    <section class="card stack" id="photo">
      <h2 class="card-title">
        {t("close_photo")} <span class="cap">{t("close_photo_hint")}</span>
      </h2>
      <div class="row photo-row">
        <span class="photo-box">
          <Icon name="image" />
          {fault ? t("close_photo_bad") : said}
        </span>
        <label class="btn">
          <Icon name="camera" />
          {t(has ? "close_photo_again" : "close_photo_take")}
          <input
            class="sr"
            type="file"
            accept="image/*"
            capture="environment"
            onChange={(event) => void take(event.currentTarget.files?.[0])}
          />
        </label>
      </div>
    </section>
  );
}

const [WIDE, HIGH] = [720, 180];

function Signature({ change }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const keep = (): void => {
    const shown = canvas.current;
    if (!shown) return;
    void drawn(shown).then((bytes) => {
      const picture: Picture = { kind: "signature", bytes, type: "image/png" };
      change((before) => [...without(before, "signature"), picture]);
    });
  };
  const clear = (): void => {
    canvas.current?.getContext("2d")?.clearRect(0, 0, WIDE, HIGH);
    change((before) => without(before, "signature"));
  };
  useEffect(() => (canvas.current ? penOn(canvas.current, keep) : undefined), []);
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
