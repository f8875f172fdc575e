/** Resident identity numbers (GB 11643): 17 digits and a check character. */

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_CHARACTERS = "10X98765432";
export const LENGTH = 18;

export function checkCharacter(first17: string): string {
  const sum = WEIGHTS.reduce((total, weight, i) => total + weight * Number(first17[i]), 0);
  return CHECK_CHARACTERS[sum % 11] ?? "";
}

export function isIdNumber(text: string): boolean {
  return /^[1-9]\d{16}[\dX]$/.test(text) && checkCharacter(text.slice(0, 17)) === text[17];
}

/** As it is typed or read by a card reader: an x is the X of a number. */
export const normalised = (text: string): string => text.replace(/\s/g, "").toUpperCase();
