/** Readers of cards and codes that behave as keyboards: a line of characters, then Enter. */

/** After this pause a new line begins; no reader pauses, and no finger types a code. */
const PAUSE_MS = 2000;
const CARD = /^\d{17}[\dX]$/i;
const CODE = /^T1\.\S+$/;

export interface Typed {
  /** A whole number or code. */
  line: (text: string) => void;
  /** Any single key. */
  key: (key: string) => void;
}

export class LineReader {
  private buffer = "";
  private last = -Infinity;

  constructor(private readonly typed: Typed) {}

  /** Is a line begun that an Enter would end? */
  isBegun(at: number): boolean {
    return this.buffer !== "" && at - this.last <= PAUSE_MS;
  }

  press(key: string, at: number): void {
    if (at - this.last > PAUSE_MS) this.buffer = "";
    this.last = at;
    if (key === "Enter") return this.enter();
    if (key === "Backspace") this.buffer = "";
    else if (key.length === 1) this.buffer += key;
    this.typed.key(key);
  }

  private enter(): void {
    const line = this.buffer;
    this.buffer = "";
    if (CARD.test(line) || CODE.test(line)) this.typed.line(line);
    else this.typed.key("Enter");
  }
}
