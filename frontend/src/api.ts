/** Talking to the server. The token is read when something is sent, never kept with what is sent. */
import type { EvidenceRow, Snapshot } from "./types";

export const API = "/api/attendance/v1/";

/** Nothing was learned: no network, a sign-in page of somebody's Wi-Fi, a server in trouble. */
export class Unreached extends Error {
  constructor(
    readonly why: "network" | "captive" | "busy" | "server",
    readonly retryAfter = 0,
  ) {
    super(why);
  }
}

/** The server understood and says no. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly said: string,
  ) {
    super(code);
  }
}

export interface Answer {
  status: number;
  body: unknown;
  took: number;
}

const LEAST_TIMEOUT_MS = 10_000;
/** On 2G a full batch alone takes longer than the least. */
const SLOWEST_BYTES_A_MS = 2;

async function ask(path: string, init: RequestInit, token?: string, size = 0): Promise<Answer> {
  const headers = new Headers(init.headers);
  if (token) headers.set("Authorization", `Bearer ${token}`);
  const limit = AbortSignal.timeout(Math.ceil(LEAST_TIMEOUT_MS + size / SLOWEST_BYTES_A_MS));
  const options: RequestInit = { ...init, headers, signal: limit };
  const alone: RequestInit = { credentials: "omit", redirect: "error", cache: "no-store" };
  const started = performance.now();
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(API + path, { ...alone, ...options });
    body = await readJson(response);
  } catch (error) {
    throw error instanceof Unreached ? error : new Unreached("network");
  }
  return judged(response, body, performance.now() - started);
}

async function readJson(response: Response): Promise<unknown> {
  if (response.status === 304 || response.status === 204) return null;
  if (response.headers.get("Content-Type")?.startsWith("application/json")) return response.json();
  // A page of a hotel's Wi-Fi, of a proxy, of a web server without its application.
  throw new Unreached(response.status >= 500 ? "server" : "captive", retryAfter(response));
}

function judged(response: Response, body: unknown, took: number): Answer {
  const { status } = response;
  if (status === 429 || status === 503) throw new Unreached("busy", retryAfter(response));
  if (status >= 500) throw new Unreached("server");
  if (status < 400) return { status, body, took };
  const { error = "", message = "" } = (body ?? {}) as { error?: string; message?: string };
  throw new Refusal(status, error, message);
}

function retryAfter(response: Response): number {
  const seconds = Number(response.headers.get("Retry-After"));
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
}

export async function post(path: string, body: string, token?: string): Promise<Answer> {
  const headers = { "Content-Type": "application/json" };
  return ask(path, { method: "POST", body, headers }, token, body.length);
}

export async function getSnapshot(token: string, since?: number): Promise<[Snapshot | null, number]> {
  const query = since === undefined ? "" : `?since=${since}`;
  // The first one may hold hundreds of names; 2G takes its time.
  const { status, body, took } = await ask(`snapshot${query}`, {}, token, 200_000);
  if (status === 304) return [null, took];
  // Kept in place of the lists it would cost all of them.
  if (!Array.isArray((body as Snapshot | null)?.sessions)) throw new Unreached("captive");
  return [body as Snapshot, took];
}

export async function sendEvidence(row: EvidenceRow, token: string): Promise<void> {
  const headers = { "Content-Type": row.type, "X-Content-SHA256": row.sha256 };
  const path = `evidence/${row.session_id}/${row.kind}`;
  await ask(path, { method: "POST", body: row.bytes, headers }, token, row.bytes.byteLength);
}
