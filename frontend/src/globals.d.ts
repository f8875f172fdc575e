/** Put in by build.mjs. */
declare const __APP_VERSION__: string;
