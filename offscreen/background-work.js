/** The queue's lowest class: work that nobody waits for. It runs only while no turn does, and gives way at a chunk's border. */

/** A job that goes on in spite of its signal holds a person's turn no longer than this. */
const GIVE_WAY_LIMIT_MS = 2_000;

/**
 * `run` yields after each chunk, such as a batch of decoded tokens, and hands on what it made after the last one: a job
 * that gives way is dropped and begun again, so before its end it changes nothing. It is called as a turn's part would
 * be, through a session, and emits no event of a turn.
 * @typedef {{conversation_id: string, run: (signal: AbortSignal) => AsyncIterable<unknown>}} Job
 */

export class BackgroundWork {
  /** @param {() => boolean} isFree whether no turn runs or waits */
  constructor(isFree) {
    this.isFree = isFree;
    /** @type {Job[]} in the order in which they came; the first one runs, where any does */
    this.jobs = [];
    /** @type {{job: Job, abort: AbortController, ended: Promise<void>} | undefined} */
    this.running = undefined;
    /** Nobody has made the jobs give way since they were last let go on. */
    this.goes_on = true;
  }

  /** @param {Job} job */
  add(job) {
    this.jobs.push(job);
    this.next();
  }

  /** Begin the first job, where nobody waits for anything. */
  next() {
    this.goes_on = true;
    const job = this.jobs[0];
    if (!job || this.running || !this.isFree()) return;
    const abort = new AbortController();
    const ended = this.drive(job, abort.signal).then(() => {
      this.running = undefined;
      if (this.goes_on) this.next();
    });
    this.running = { job, abort, ended };
  }

  /** @param {Job} job @param {AbortSignal} signal */
  async drive(job, signal) {
    // What calls this first sets `running`.
    await null;
    try {
      if (!signal.aborted) for await (const _chunk of job.run(signal)) if (signal.aborted) break;
    } catch {
      // Nobody waits for it: a job that fails is dropped, and whoever wants its result asks again.
    }
    if (!signal.aborted) this.forget((other) => other === job);
  }

  /** Stop at the next chunk; resolves when it has, or when it takes too long. `next()` begins the job again. */
  async giveWay() {
    this.goes_on = false;
    const { running } = this;
    if (!running) return;
    running.abort.abort();
    let timer;
    const limit = new Promise((resolve) => {
      timer = setTimeout(resolve, GIVE_WAY_LIMIT_MS);
    });
    await Promise.race([running.ended, limit]);
    clearTimeout(timer);
  }

  /** A conversation goes: first the job that reads it, then its places in the queue. @param {string} conversation_id */
  async cancelConversation(conversation_id) {
    const mine = (/** @type {Job} */ job) => job.conversation_id === conversation_id;
    const runs = this.running && mine(this.running.job);
    this.forget(mine);
    if (!runs) return;
    await this.giveWay();
    this.next();
  }

  /** @param {(job: Job) => boolean} isMeant */
  forget(isMeant) {
    this.jobs = this.jobs.filter((job) => !isMeant(job));
  }
}
