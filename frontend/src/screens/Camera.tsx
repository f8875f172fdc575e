import { useEffect, useRef, useState } from "preact/hooks";
import { Scanner } from "../scanner";
import { t } from "../words";
import { Icon } from "./parts";

/** The finder, and the button that turns the camera round. */
export function Camera({ found, hint }: { found: (text: string) => void; hint: string }) {
  const video = useRef<HTMLVideoElement>(null);
  const scanner = useRef<Scanner | null>(null);
  const latest = useRef(found);
  latest.current = found;
  const [facing, setFacing] = useState<"user" | "environment">("environment");
  const [isDead, setDead] = useState(false);

  useEffect(() => {
    if (!video.current) return undefined;
    const made = new Scanner(video.current, (text) => latest.current(text), "environment");
    scanner.current = made;
    made.start().catch(() => setDead(true));
    return () => made.stop();
  }, []);
  const turn = (): void => {
    const other = facing === "user" ? "environment" : "user";
    setFacing(other);
    setDead(false);
    scanner.current?.turn(other).catch(() => setDead(true));
  };

  return (
    <div class="camera">
      <div class="finder">
        <video ref={video} muted playsInline hidden={isDead} />
        <span class="finder-frame" aria-hidden="true" />
        <span class="finder-hint">
          <Icon name="camera" />
          {isDead ? t("desk_qr_none") : hint}
        </span>
      </div>
      <button class="btn btn-wide" type="button" onClick={turn}>
        <Icon name="camera" />
        {t(facing === "user" ? "desk_rear" : "desk_front")}
      </button>
    </div>
  );
}
