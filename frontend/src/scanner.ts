/**
 * The camera and the bundled decoder. The browser's own BarcodeDetector is not asked: on tablets
 * without Google's services it is there and never answers, and this one is as fast.
 */
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";

export const DECODER = "/static/attendance/zxing_reader.wasm";
const EVERY_MS = 120;
const LONGEST_EDGE = 800;

let isPrepared = false;

function prepare(): void {
  if (isPrepared) return;
  isPrepared = true;
  prepareZXingModule({ overrides: { locateFile: () => DECODER } });
}

export async function decoded(image: ImageData | Blob): Promise<string> {
  prepare();
  const options = { formats: ["QRCode" as const], maxNumberOfSymbols: 1, tryHarder: true };
  const [found] = await readBarcodes(image, options);
  return found?.isValid ? found.text : "";
}

export class Scanner {
  private stream: MediaStream | null = null;
  private timer = 0;
  private isStopped = false;
  private readonly canvas = document.createElement("canvas");

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly found: (text: string) => void,
    private facing: "user" | "environment",
  ) {}

  /** Fails where there is no camera or it may not be used; names and numbers still work. */
  async start(): Promise<void> {
    document.addEventListener("visibilitychange", this.again);
    await this.open();
    this.look();
  }

  stop(): void {
    this.isStopped = true;
    document.removeEventListener("visibilitychange", this.again);
    clearTimeout(this.timer);
    this.release();
  }

  async turn(facing: "user" | "environment"): Promise<void> {
    this.facing = facing;
    await this.open();
  }

  /** iPads lose the camera in the background: take it anew when the page is seen again. */
  private readonly again = (): void => {
    if (document.visibilityState === "visible") void this.open().catch(() => undefined);
    else this.release();
  };

  private async open(): Promise<void> {
    this.release();
    const video = { facingMode: this.facing, width: { ideal: 1280 } };
    const stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
    if (this.isStopped) return stream.getTracks().forEach((track) => track.stop());
    this.stream = stream;
    this.video.srcObject = stream;
    await this.video.play();
  }

  private release(): void {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.video.srcObject = null;
  }

  private readonly look = (): void => {
    if (this.isStopped) return;
    const next = () => (this.timer = window.setTimeout(this.look, EVERY_MS));
    void this.read().then(next, next);
  };

  private async read(): Promise<void> {
    const frame = this.stream ? this.frame() : null;
    const text = frame ? await decoded(frame) : "";
    if (text && !this.isStopped) this.found(text);
  }

  private frame(): ImageData | null {
    const { videoWidth, videoHeight } = this.video;
    if (!videoWidth) return null;
    const scale = Math.min(1, LONGEST_EDGE / Math.max(videoWidth, videoHeight));
    this.canvas.width = Math.round(videoWidth * scale);
    this.canvas.height = Math.round(videoHeight * scale);
    const context = this.canvas.getContext("2d", { willReadFrequently: true });
    context?.drawImage(this.video, 0, 0, this.canvas.width, this.canvas.height);
    return context?.getImageData(0, 0, this.canvas.width, this.canvas.height) ?? null;
  }
}
