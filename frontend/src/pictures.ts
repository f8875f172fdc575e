/** The photograph of the class and the signature, small and without where they were taken. */

const LONGEST_EDGE = 1280;
const MOST_BYTES = 400_000;
const QUALITIES = [0.8, 0.65, 0.5, 0.35];

/** Drawn anew: a canvas carries no EXIF, so no place, no time, no name of the camera. */
export async function smallPhoto(file: Blob): Promise<ArrayBuffer> {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const canvas = fitted(picture);
  picture.close();
  for (const quality of QUALITIES) {
    const blob = await encoded(canvas, "image/jpeg", quality);
    if (blob.size <= MOST_BYTES) return blob.arrayBuffer();
  }
  return (await encoded(canvas, "image/jpeg", 0.2)).arrayBuffer();
}

function fitted(picture: ImageBitmap): HTMLCanvasElement {
  const scale = Math.min(1, LONGEST_EDGE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function encoded(canvas: HTMLCanvasElement, type: string, quality?: number): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const done = (blob: Blob | null) => (blob ? resolve(blob) : reject(new Error("no picture")));
    canvas.toBlob(done, type, quality);
  });
}

export async function drawn(canvas: HTMLCanvasElement): Promise<ArrayBuffer> {
  return (await encoded(canvas, "image/png")).arrayBuffer();
}

/** What was written before comes back under the pen, if it is wanted still by then. */
export async function drawnAgain(
  canvas: HTMLCanvasElement,
  bytes: ArrayBuffer,
  isWanted: () => boolean,
): Promise<void> {
  const picture = await createImageBitmap(new Blob([bytes]));
  if (isWanted()) canvas.getContext("2d")?.drawImage(picture, 0, 0);
  picture.close();
}
