/** What a page has and Node lacks; import it before anything of the app. */
import "fake-indexeddb/auto";

/** Hears nothing: there is one page. */
class Deaf {
  onmessage: (() => void) | null = null;
  postMessage(): void {}
}

const page = { BroadcastChannel: Deaf, scrollTo: () => undefined };
Object.assign(globalThis, page);
