/** What leaves the tablet for the server's eyes alone, and the keyed tags of ID numbers. */
import { type Bytes, fromBase64, toBase64, toHex, utf8 } from "./bytes";
import type { SealKey, Sealed } from "./types";

export async function seal(content: unknown, to: SealKey): Promise<Sealed> {
  return sealBytes(utf8(JSON.stringify(content)), to);
}

/** RSA holds 190 bytes, so a key of 32 bytes is wrapped and the content goes under that. */
export async function sealBytes(content: Bytes, to: SealKey): Promise<Sealed> {
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const rsa = { name: "RSA-OAEP", hash: "SHA-256" };
  const theirs = await crypto.subtle.importKey("jwk", to.jwk, rsa, false, ["encrypt"]);
  const ours = await crypto.subtle.importKey("raw", secret, "AES-GCM", false, ["encrypt"]);
  const wrapped = await crypto.subtle.encrypt(rsa, theirs, secret);
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, ours, content);
  return { key: to.id, wrapped: toBase64(wrapped), iv: toBase64(iv), data: toBase64(data) };
}

async function hmac(key: Bytes, message: Bytes): Promise<ArrayBuffer> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", key, algorithm, false, ["sign"]);
  return crypto.subtle.sign("HMAC", imported, message);
}

/** The tag by which a roster row is found without holding its number. */
export async function idTag(classKey: string, idNumber: string): Promise<string> {
  return toBase64(await hmac(fromBase64(classKey), utf8(idNumber)));
}

/** Shows the office that a file came from a tablet that holds this token. */
export async function macOf(token: string, message: Bytes): Promise<string> {
  const key = new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(token)));
  return toHex(await hmac(key, message));
}
