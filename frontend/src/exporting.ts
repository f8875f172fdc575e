/** The queue as a file: sealed to the server, for an office to import when nothing else works. */
import { toBase64, utf8 } from "./bytes";
import { UNKNOWN_CLOCK, now } from "./clock";
import { readMeta } from "./database";
import { dayAt } from "./roster";
import { macOf, sealBytes } from "./seal";
import { evidenceRefused, evidenceWaiting, noteExported, refused, waiting } from "./store";
import type { Device, EventRow, EvidenceRow } from "./types";

export interface Queue {
  /** Several where one would be larger than the office can take in; marks are in the first. */
  files: { name: string; content: string }[];
  events: EventRow[];
  pictures: EvidenceRow[];
}

/** Written as text twice they grow by four fifths, and the office takes 20 MB. */
const MOST_PICTURE_BYTES = 10_000_000;

export async function queueFiles(): Promise<Queue | null> {
  const device = await readMeta("device");
  if (!device) return null;
  const events = [...(await waiting()), ...(await refused())];
  const pictures = [...(await evidenceWaiting()), ...(await evidenceRefused())];
  const day = dayAt(now((await readMeta("clock")) ?? UNKNOWN_CLOCK));
  const files: Queue["files"] = [];
  for (const [i, part] of parts(pictures).entries()) {
    const number = i > 0 ? `-${i + 1}` : "";
    const name = `attendance-${day}-${device.device_id.slice(0, 8)}${number}.attq`;
    files.push({ name, content: await sealedFile(device, i === 0 ? events : [], part) });
  }
  return { files, events, pictures };
}

/** At least one, though it be empty. */
function parts(pictures: EvidenceRow[]): EvidenceRow[][] {
  const found: EvidenceRow[][] = [[]];
  let size = 0;
  for (const picture of pictures) {
    size += picture.bytes.byteLength;
    const own = found.at(-1) ?? [];
    if (own.length > 0 && size > MOST_PICTURE_BYTES) {
      found.push([picture]);
      size = picture.bytes.byteLength;
    } else own.push(picture);
  }
  return found;
}

async function sealedFile(device: Device, events: EventRow[], pictures: EvidenceRow[]): Promise<string> {
  const evidence = pictures.map(({ session_id, kind, sha256, bytes }) => ({
    session_id,
    kind,
    sha256,
    b64: toBase64(bytes),
  }));
  const plain = utf8(JSON.stringify({ events: events.map((row) => row.body), evidence }));
  return JSON.stringify({
    format: "lms-attendance-queue",
    v: 1,
    device: device.device_id,
    sealed: await sealBytes(plain, device.seal_key),
    mac: await macOf(device.token, plain),
  });
}

/** Hands the files over: by the sheet for sharing where there is one (iPad), else as downloads. */
export async function handOver({ files, events, pictures }: Queue): Promise<void> {
  const type = "application/octet-stream";
  const shared = files.map(({ name, content }) => new File([content], name, { type }));
  const isTouch = navigator.maxTouchPoints > 1 && "standalone" in navigator;
  if (isTouch && navigator.canShare?.({ files: shared })) await navigator.share({ files: shared });
  else shared.forEach(download);
  await noteExported(events, pictures);
}

function download(file: File): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
