/**
 * The PIN. A data key encrypts the roster; the PIN wraps it. Events need no key, so a locked tablet
 * still uploads and a forgotten PIN costs no mark, only the roster until the next enrolment.
 */
import { type Bytes, utf8 } from "./bytes";
import { STRICT, type Vaulted, changeMeta, withDatabase } from "./database";

export interface WrappedKey {
  salt: Bytes;
  iv: Bytes;
  wrapped: ArrayBuffer;
  iterations: number;
  /** Wrong tries in a row. */
  tries: number;
}

export const MOST_TRIES = 10;
export const PIN_LENGTH = 6;

const AES = "AES-GCM";
const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));

async function pinKey(pin: string, salt: Bytes, iterations: number): Promise<CryptoKey> {
  const raw = await crypto.subtle.importKey("raw", utf8(pin), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  const made = { name: AES, length: 256 };
  return crypto.subtle.deriveKey(how, raw, made, false, ["wrapKey", "unwrapKey"]);
}

let held: CryptoKey | null = null;

/** The data key while the tablet is unlocked, in the memory of this page alone. */
export const dataKey = (): CryptoKey | null => held;
export const isUnlocked = (): boolean => held !== null;
export const hold = (key: CryptoKey | null): void => void (held = key);

/** Makes the data key of this enrolment; returns it, not extractable. */
export async function setPin(pin: string, iterations: number): Promise<CryptoKey> {
  const [salt, iv] = [random(16), random(12)];
  const made = { name: AES, length: 256 };
  const key = await crypto.subtle.generateKey(made, true, ["encrypt", "decrypt"]);
  const wrapper = await pinKey(pin, salt, iterations);
  const wrapped = await crypto.subtle.wrapKey("raw", key, wrapper, { name: AES, iv });
  const stored: WrappedKey = { salt, iv, wrapped, iterations, tries: 0 };
  await withDatabase(async (db) => {
    const tx = db.transaction(["meta", "vault"], "readwrite", STRICT);
    await tx.objectStore("meta").put(stored, "lock");
    await tx.objectStore("vault").clear();
    await tx.done;
  });
  return unwrapped(stored, wrapper);
}

function unwrapped(stored: WrappedKey, wrapper: CryptoKey): Promise<CryptoKey> {
  const how = { name: AES, iv: stored.iv };
  return crypto.subtle.unwrapKey("raw", stored.wrapped, wrapper, how, AES, false, [
    "encrypt",
    "decrypt",
  ]);
}

export type Unlocking = { key: CryptoKey } | { left: number };

/** Counts the try before it is made, so that switching off in between gives none for free. */
export async function unlock(pin: string): Promise<Unlocking> {
  const stored = await countTry();
  if (!stored) return { left: 0 };
  try {
    const wrapper = await pinKey(pin, stored.salt, stored.iterations);
    const key = await unwrapped(stored, wrapper);
    await withDatabase((db) => db.put("meta", { ...stored, tries: 0 }, "lock"));
    return { key };
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== "OperationError") throw error;
  }
  const left = MOST_TRIES - stored.tries;
  if (left <= 0) await forgetKey();
  return { left: Math.max(0, left) };
}

async function countTry(): Promise<WrappedKey | undefined> {
  return withDatabase(async (db) => {
    const tx = db.transaction("meta", "readwrite", STRICT);
    const stored = (await tx.store.get("lock")) as WrappedKey | undefined;
    const counted = stored && { ...stored, tries: stored.tries + 1 };
    if (counted) await tx.store.put(counted, "lock");
    await tx.done;
    return counted;
  });
}

/** The key and what only it could open. Events, device and token stay: they still upload. */
export async function forgetKey(): Promise<void> {
  await withDatabase(async (db) => {
    const tx = db.transaction(["meta", "vault"], "readwrite", STRICT);
    await tx.objectStore("meta").delete("lock");
    await tx.objectStore("vault").clear();
    await tx.done;
  });
  await changeMeta("flags", { keyGone: true });
}

export async function encrypted(key: CryptoKey, content: unknown): Promise<Vaulted> {
  const iv = random(12);
  const text = utf8(JSON.stringify(content));
  return { iv: iv.buffer, data: await crypto.subtle.encrypt({ name: AES, iv }, key, text) };
}

async function decrypted<T>(key: CryptoKey, value: Vaulted): Promise<T> {
  const text = await crypto.subtle.decrypt({ name: AES, iv: value.iv }, key, value.data);
  return JSON.parse(new TextDecoder().decode(text)) as T;
}

/** What was locked in under an earlier PIN keeps nobody out. */
export async function opens<T>(under: CryptoKey, value: Vaulted): Promise<T | null> {
  try {
    return await decrypted<T>(under, value);
  } catch (error) {
    if (error instanceof DOMException && error.name === "OperationError") return null;
    throw error;
  }
}
