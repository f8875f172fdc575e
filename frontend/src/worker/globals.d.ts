/** Put in by build.mjs. */
declare const __FILES__: { url: string; integrity: string }[];
declare const __VERSION__: string;
