// What a boundary did with its cases. Any entry in `faults` is a failure of the product.
import Ajv from "ajv";
import { contract } from "./mutate.mjs";

const HANG_MS = 3000;
const KEPT = 5;
const HANGS_ENOUGH = 10;
// Compiled here from the schema, so that a boundary is not its own judge.
const ajv = new Ajv({ strict: false, inlineRefs: false });
ajv.addSchema(contract, "sidelight");
const compiled = new Map();

/** Whether a value is what the contract calls `name`. */
export function isValid(name, value) {
  if (!compiled.has(name)) compiled.set(name, ajv.compile({ $ref: `sidelight#/$defs/${name}` }));
  return compiled.get(name)(value);
}

export class Report {
  constructor(name) {
    this.counts = { cases: 0, valid: 0, answered: 0, refused: 0, dropped: 0, logged: 0, alive: 0 };
    this.found = { crash: 0, hang: 0, effect: 0, accepted: 0, bad_reply: 0, not_alive: 0 };
    this.name = name;
    this.examples = [];
    for (const level of ["warn", "error", "log"]) {
      console[level] = () => {
        this.counts.logged += 1;
      };
    }
    process.on("uncaughtException", (error) => this.fault("crash", error));
    process.on("unhandledRejection", (error) => this.fault("crash", error));
  }

  /** Whether the case loop may stop: each hang costs seconds, and a few prove it. */
  get hopeless() {
    return this.found.hang >= HANGS_ENOUGH;
  }

  fault(kind, what) {
    this.found[kind] += 1;
    const text = (what instanceof Error ? what.stack : shown(what)).slice(0, 500);
    if (this.examples.length < KEPT) this.examples.push(`${kind}: ${text}`);
  }

  /** Runs what must not throw. */
  guard(work) {
    try {
      return work();
    } catch (error) {
      this.fault("crash", error);
    }
  }

  /** The value of a promise that must settle; undefined and a fault when it does not. */
  async settled(promise, what) {
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, HANG_MS, LATE);
    });
    try {
      const value = await Promise.race([promise, late]);
      if (value !== LATE) return value;
      this.fault("hang", what);
    } catch (error) {
      this.fault("crash", error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Judges the reply to a request: `valid` says whether the request met the contract. */
  reply(frame, id, valid, what) {
    if (frame === undefined) return;
    const well = frame?.v === 1 && frame.reply_to === id && typeof frame.ok === "boolean";
    if (!well || (!frame.ok && !isValid("ErrorData", frame.error))) {
      this.fault("bad_reply", { frame, what });
    }
    this.counts[frame.ok ? "answered" : "refused"] += 1;
    if (frame.ok && !valid) this.fault("accepted", what);
  }

  end() {
    return { ...this.counts, faults: this.found, examples: this.examples };
  }
}

const LATE = Symbol("late");
export const tick = () => new Promise((resolve) => setImmediate(resolve));

export function shown(value) {
  try {
    return JSON.stringify(value)?.slice(0, 400) ?? String(value);
  } catch {
    return "a value that has no JSON";
  }
}
