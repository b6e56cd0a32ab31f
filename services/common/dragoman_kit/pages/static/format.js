// Figures and times as people read them.

import { word } from "./words.js";

const locale = () => document.documentElement.lang || "en";

/** Micro-credits as credits. */
export const credits = (micro) => (micro / 1e6).toLocaleString(locale(), { maximumFractionDigits: 6 });

/** Milliseconds as minutes. */
export const minutes = (ms) => (ms / 60_000).toLocaleString(locale(), { maximumFractionDigits: 1 });

/** A whole number. */
export const whole = (number) => number.toLocaleString(locale());

/** Unix ms as a date and a time; 0 = never. */
export const moment = (ms) => (ms ? new Date(ms).toLocaleString(locale(), { dateStyle: "medium", timeStyle: "short" }) : word("never"));
