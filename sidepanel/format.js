/** Numbers, sizes, times and plurals as people read them. */

export const LOCALE = "en";

const plural_rules = new Intl.PluralRules(LOCALE);
const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 });
const share = new Intl.NumberFormat(LOCALE, { style: "percent", maximumFractionDigits: 0 });
const day = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short" });
const long_day = new Intl.DateTimeFormat(LOCALE, { dateStyle: "long" });
const clock = new Intl.DateTimeFormat(LOCALE, { hour: "numeric", minute: "2-digit" });
const relative_day = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" });

export const number = (/** @type {number} */ n) => whole.format(n);
export const percent = (/** @type {number} */ part) => share.format(part);
/** A description without the name it begins with, which stands before it. @param {{label: string, description: string}} model */
export function withoutName({ label, description }) {
  const [, name = "", rest = ""] = /^([^:.]*): *(.+)$/s.exec(description) ?? [];
  if (!name || !label.startsWith(name)) return description;
  return `${rest.charAt(0).toLocaleUpperCase(LOCALE)}${rest.slice(1)}`;
}

/** One decimal below 100, none above. */
export const rate = (/** @type {number} */ n) => (n < 100 ? tenth.format(n) : whole.format(n));

/** @param {number} count @param {{one: string, other: string}} forms with "#" for the number */
export function plural(count, forms) {
  const form = plural_rules.select(count) === "one" ? forms.one : forms.other;
  return form.replace("#", number(count));
}

const names = new Intl.ListFormat(LOCALE, { type: "conjunction" });
/** "A, B, and C". */
export const list = (/** @type {string[]} */ words) => names.format(words);

/** "12 bytes", "1.2 kB", "34 MB". */
export function bytes(/** @type {number} */ n) {
  if (n < 1000) return plural(n, { one: "# byte", other: "# bytes" });
  return n < 1e6 ? `${rate(n / 1000)} kB` : `${rate(n / 1e6)} MB`;
}

export const megabytes = (/** @type {number} */ bytes) => tenth.format(bytes / 1e6);

/** "0.42 s", "12 s", "3 min 20 s". */
export function seconds(/** @type {number} */ s) {
  if (s < 1) return `${s.toFixed(2)} s`;
  if (s < 10) return `${tenth.format(s)} s`;
  if (s < 60) return `${whole.format(s)} s`;
  const rest = Math.floor(s % 60);
  return `${Math.floor(s / 60)} min${rest ? ` ${rest} s` : ""}`;
}

/** "4:07", for a countdown. */
export function countdown(/** @type {number} */ s) {
  const left = Math.max(0, Math.ceil(s));
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}

const midnight = (/** @type {number} */ ms) => new Date(ms).setHours(0, 0, 0, 0);
const daysAgo = (/** @type {number} */ at_ms, /** @type {number} */ now_ms) =>
  Math.round((midnight(at_ms) - midnight(now_ms)) / 86_400_000);

export const timeOf = (/** @type {number} */ at_ms) => clock.format(at_ms);

/** "today", "yesterday", or the whole date. @param {number} at_ms @param {number} [now_ms] */
export function dayOf(at_ms, now_ms = Date.now()) {
  const days = daysAgo(at_ms, now_ms);
  return days === 0 || days === -1 ? relative_day.format(days, "day") : long_day.format(at_ms);
}

/** Today's time, "yesterday", or the date. @param {number} at_ms @param {number} [now_ms] */
export function when(at_ms, now_ms = Date.now()) {
  const days = daysAgo(at_ms, now_ms);
  if (days === 0) return clock.format(at_ms);
  return days === -1 ? relative_day.format(days, "day") : day.format(at_ms);
}

/** Share read, 0 to 1; a page without text counts as read whole. */
export function percentRead(/** @type {number} */ read, /** @type {number} */ total) {
  return total > 0 ? Math.min(1, read / total) : 1;
}
