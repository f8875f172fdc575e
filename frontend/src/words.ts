/** Words on the screen, in the language that was chosen on this tablet. */
import { en } from "./words.en";
import { type Word, zh } from "./words.zh";

export const LANGUAGES = { "zh-Hans": "中文", en: "English" } as const;
export type Language = keyof typeof LANGUAGES;
export type { Word };

const CATALOGUES: Record<Language, Record<Word, string>> = { "zh-Hans": zh, en };
let chosen: Language = "zh-Hans";

export function choose(language: string | undefined): void {
  chosen = language === "en" ? "en" : "zh-Hans";
  document.documentElement.lang = chosen;
}

export const language = (): Language => chosen;

export function t(word: Word, values: Record<string, string | number> = {}): string {
  return CATALOGUES[chosen][word].replace(/\{(\w+)\}/g, (_, name: string) =>
    String(values[name] ?? ""),
  );
}
