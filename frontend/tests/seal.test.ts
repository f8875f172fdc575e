import assert from "node:assert/strict";
import { createHash, createHmac, webcrypto } from "node:crypto";
import { test } from "node:test";
import { fromBase64, toBase64, utf8 } from "../src/bytes";
import { idTag, macOf, seal } from "../src/seal";

const RSA = {
  name: "RSA-OAEP",
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: "SHA-256",
};

test("what is sealed is read with the private key alone", async () => {
  const pair = await webcrypto.subtle.generateKey(RSA, true, ["encrypt", "decrypt"]);
  const jwk = (await webcrypto.subtle.exportKey("jwk", pair.publicKey)) as JsonWebKey;
  const person = { name: "阿依古丽", id_number: "" };
  const sealed = await seal(person, { id: "k", jwk });
  assert.equal(sealed.key, "k");
  assert.ok(!JSON.stringify(sealed).includes("阿依古丽"));
  const wrapped = fromBase64(sealed.wrapped);
  const raw = await webcrypto.subtle.decrypt({ name: "RSA-OAEP" }, pair.privateKey, wrapped);
  assert.equal(raw.byteLength, 32);
  const key = await webcrypto.subtle.importKey("raw", raw, "AES-GCM", false, ["decrypt"]);
  const how = { name: "AES-GCM", iv: fromBase64(sealed.iv) };
  const plain = await webcrypto.subtle.decrypt(how, key, fromBase64(sealed.data));
  assert.deepEqual(JSON.parse(new TextDecoder().decode(plain)), person);
});

test("tags and marks of origin are the server's", async () => {
  const key = utf8("k".repeat(32));
  const number = "11010519491231002X";
  const expected = createHmac("sha256", key).update(number).digest("base64");
  assert.equal(await idTag(toBase64(key), number), expected);
  const token = new Uint8Array(createHash("sha256").update("att_live_x").digest());
  const mac = createHmac("sha256", token).update("{}").digest("hex");
  assert.equal(await macOf("att_live_x", utf8("{}")), mac);
});
