// Deterministic malformed messages: valid samples of the contract, then broken in one to three places.
import { readFileSync } from "node:fs";

const schema = JSON.parse(
  readFileSync(new URL("../../shared/contract.schema.json", import.meta.url), "utf8"),
);
export const { "x-requests": REQUESTS, "x-notifications": NOTIFICATIONS, ...contract } = schema;

/** mulberry32: the same seed gives the same messages everywhere. */
export class Random {
  constructor(seed) {
    this.state = seed >>> 0;
  }
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
  below(count) {
    return Math.floor(this.next() * count);
  }
  pick(items) {
    return items[this.below(items.length)];
  }
  chance(share) {
    return this.next() < share;
  }
}

const resolve = (node) => (node.$ref ? contract.$defs[node.$ref.split("/").pop()] : node);

/** A valid value of a schema node. */
export function sample(node, random, depth = 0) {
  const at = resolve(node);
  if ("const" in at) return at.const;
  if (at.enum) return random.pick(at.enum);
  const options = at.anyOf ?? at.oneOf;
  if (options) return sample(random.pick(options), random, depth);
  switch (at.type) {
    case "null":
      return null;
    case "boolean":
      return random.chance(0.5);
    case "integer":
      return (at.minimum ?? 0) + random.below(3);
    case "number":
      return (at.minimum ?? at.exclusiveMinimum ?? 0) + 0.5;
    case "array":
      return Array.from({ length: depth > 4 ? 0 : random.below(3) }, () =>
        sample(at.items ?? {}, random, depth + 1),
      );
    case "object": {
      const required = new Set(at.required ?? []);
      const value = {};
      for (const [name, inner] of Object.entries(at.properties ?? {}))
        if (required.has(name) || random.chance(0.4))
          value[name] = sample(inner, random, depth + 1);
      return value;
    }
    case "string":
      return at.pattern ? `id-${random.below(5)}` : `text ${random.below(9)}`;
    default:
      return { free: random.below(9) };
  }
}

export const sampleOf = (name, random) => sample(contract.$defs[name], random);

const own = (text) => JSON.parse(text); // the only way to an own key __proto__
const SMALL = [
  () => null,
  () => true,
  () => 0,
  () => -1,
  () => 1.5,
  () => Number.NaN,
  () => Number.POSITIVE_INFINITY,
  () => Number.NEGATIVE_INFINITY,
  () => 2 ** 53,
  () => -(2 ** 63),
  () => 1e308,
  () => "",
  () => "\0",
  () => "a\0b",
  () => "\ud800",
  () => "x\udc00y",
  () => "__proto__",
  () => "constructor",
  () => "toString",
  () => "hasOwnProperty",
  () => [],
  () => ({}),
  () => [[], {}, null],
  () => ({ length: 1e9 }),
  () => own('{"__proto__":{"ok":true,"type":"offscreen.read_state"}}'),
  () => own('{"constructor":{"prototype":{"polluted":1}}}'),
  () => own('{"toString":1,"valueOf":1}'),
  () => own('{"then":1}'),
];

function nest(depth, array) {
  let value = 1;
  for (let i = 0; i < depth; i++) value = array ? [value] : { a: value };
  return value;
}

export function hostile(random) {
  const roll = random.next();
  if (roll < 0.0008) return "A".repeat(1_000_000);
  if (roll < 0.003) return nest(5000, random.chance(0.5));
  return random.pick(SMALL)();
}

/** Every (holder, key) below a value, itself excluded. Not by recursion: values may be 10,000 deep. */
function places(value) {
  const found = [];
  const rest = [value];
  while (rest.length) {
    const holder = rest.pop();
    if (!holder || typeof holder !== "object") continue;
    for (const key of Object.keys(holder)) {
      found.push([holder, key]);
      rest.push(holder[key]);
    }
  }
  return found;
}

const set = (holder, key, value) =>
  Object.defineProperty(holder, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });

/** Breaks a copy of a JSON value. It may by chance stay valid: an oracle decides. */
export function mutate(valid, random) {
  const value = structuredClone(valid);
  if (random.chance(0.02)) return hostile(random);
  const times = 1 + random.below(3);
  for (let i = 0; i < times; i++) {
    const all = places(value);
    if (all.length === 0) return hostile(random);
    const [holder, key] = random.pick(all.slice(0, 400));
    const old = holder[key];
    switch (random.below(6)) {
      case 0:
        delete holder[key];
        break;
      case 1:
        set(holder, random.pick(["extra", "__proto__", "constructor", "toString", "0", ""]), old);
        break;
      case 2:
        set(holder, key, [old]);
        break;
      case 3:
        set(holder, key, typeof old === "object" ? "[object Object]" : { value: old });
        break;
      default:
        set(holder, key, hostile(random));
    }
    if (value === null || typeof value !== "object") break;
  }
  return value;
}

/** JSON.stringify recurses, so the deepest values are written by hand. */
function textOf(value) {
  try {
    return JSON.stringify(value) ?? "undefined";
  } catch {
    return `{"v":1,"id":"deep","body":${"[".repeat(5000)}1${"]".repeat(5000)}}`;
  }
}

/** JSON text of a value, sometimes cut, spoilt or with numbers that JSON cannot hold. */
export function spoiltText(value, random) {
  if (random.chance(0.02))
    return random.pick(["", "null", "[]", "0", '"x"', "{", "NaN", "\0", "{}"]);
  let text = textOf(value);
  const roll = random.next();
  if (roll < 0.04) text = text.slice(0, random.below(text.length));
  else if (roll < 0.06)
    text = text.replace(
      /:\d+/,
      random.pick([":1e999", ":NaN", ":-Infinity", `:${"9".repeat(400)}`]),
    );
  else if (roll < 0.07) text += random.pick(["}", "\0", text, ","]);
  else if (roll < 0.08) text = text.replace('"', "\ud800");
  return text;
}
