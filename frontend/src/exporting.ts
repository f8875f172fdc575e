/** The queue as a file: sealed to the server, for an office to import when nothing else works. */
import { toBase64, utf8 } from "./bytes";
import { UNKNOWN_CLOCK, now } from "./clock";
import { readMeta } from "./database";
import { dayAt } from "./roster";
import { macOf, sealBytes } from "./seal";
import { evidenceRefused, evidenceWaiting, noteExported, refused, waiting } from "./store";
import type { EventRow, EvidenceRow } from "./types";

export interface QueueFile {
  name: string;
  content: string;
  /** Events and pictures. */
  rows: number;
  events: EventRow[];
  pictures: EvidenceRow[];
}

export async function queueFile(): Promise<QueueFile | null> {
  const device = await readMeta("device");
  if (!device) return null;
  const events = [...(await waiting()), ...(await refused())];
  const pictures = [...(await evidenceWaiting()), ...(await evidenceRefused())];
  const evidence = pictures.map(({ session_id, kind, sha256, bytes }) => ({
    session_id,
    kind,
    sha256,
    b64: toBase64(bytes),
  }));
  const plain = utf8(JSON.stringify({ events: events.map((row) => row.body), evidence }));
  const content = JSON.stringify({
    format: "lms-attendance-queue",
    v: 1,
    device: device.device_id,
    sealed: await sealBytes(plain, device.seal_key),
    mac: await macOf(device.token, plain),
  });
  const day = dayAt(now((await readMeta("clock")) ?? UNKNOWN_CLOCK));
  const name = `attendance-${day}-${device.device_id.slice(0, 8)}.attq`;
  return { name, content, rows: events.length + pictures.length, events, pictures };
}

/** Hands the file over: by the sheet for sharing where there is one (iPad), else as a download. */
export async function handOver(file: QueueFile): Promise<void> {
  const shared = new File([file.content], file.name, { type: "application/octet-stream" });
  const isTouch = navigator.maxTouchPoints > 1 && "standalone" in navigator;
  if (isTouch && navigator.canShare?.({ files: [shared] })) {
    await navigator.share({ files: [shared] });
  } else {
    download(shared);
  }
  await noteExported(file.events, file.pictures);
}

function download(file: File): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
