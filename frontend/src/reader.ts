/** Readers of cards and codes that behave as keyboards: fast characters, then Enter. */

const FAST_MS = 80;
const LEAST = 10;

export interface Typed {
  /** A whole line that no fingers could have typed. */
  line: (text: string) => void;
  /** A key pressed by hand. */
  key: (key: string) => void;
}

/** Tells the two apart by their speed: a slow key is handed on when nothing fast follows it. */
export class LineReader {
  private buffer = "";
  private last = -Infinity;

  constructor(private readonly typed: Typed) {}

  press(key: string, at: number): void {
    const isFast = at - this.last < FAST_MS;
    this.last = at;
    if (!isFast) this.buffer = "";
    if (key === "Enter") return this.enter();
    if (key.length !== 1) return this.typed.key(key);
    this.buffer += key;
    this.typed.key(key);
  }

  private enter(): void {
    const line = this.buffer;
    this.buffer = "";
    if (line.length >= LEAST) this.typed.line(line);
    else this.typed.key("Enter");
  }
}
