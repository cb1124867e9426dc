/**
 * Where a token's time goes: GPU time per kernel, dispatches, submits and time spent waiting for the
 * GPU. Wraps WebGPU's own methods, so the unmodified WebLLM is measured; call `install` before a
 * model loads. Timestamps cost time themselves: speed is measured without them.
 */

const PAIRS = 2048;

/** @type {WeakMap<object, string>} pipeline -> kernel */
const names = new WeakMap();
/** @type {{device: GPUDevice, sets: GPUQuerySet[], passes: string[]} | undefined} */
let recording;
const totals = { submits: 0, wait_ms: 0, started_ms: 0 };
/** @type {GPUDevice | undefined} */
let current;

function wrap(type, name, make) {
  const original = type.prototype[name];
  type.prototype[name] = make(original);
}

function wait(original) {
  return async function (...given) {
    const started_ms = performance.now();
    try {
      return await original.apply(this, given);
    } finally {
      totals.wait_ms += performance.now() - started_ms;
    }
  };
}

/** Wraps WebGPU; the device of the next model has timestamps where the adapter offers them. */
export function install() {
  wrap(
    GPUAdapter,
    "requestDevice",
    (original) =>
      async function (given = {}) {
        const timed = this.features.has("timestamp-query") ? ["timestamp-query"] : [];
        const requiredFeatures = [...(given.requiredFeatures ?? []), ...timed];
        current = await original.call(this, { ...given, requiredFeatures });
        return current;
      },
  );
  wrap(
    GPUDevice,
    "createComputePipelineAsync",
    (original) =>
      async function (given) {
        const pipeline = await original.call(this, given);
        names.set(pipeline, given.compute.entryPoint);
        return pipeline;
      },
  );
  wrap(
    GPUCommandEncoder,
    "beginComputePass",
    (original) =>
      function (given) {
        if (!recording) return original.call(this, given);
        const at = recording.passes.length;
        recording.passes.push("");
        if (at % PAIRS === 0) {
          recording.sets.push(
            recording.device.createQuerySet({ type: "timestamp", count: 2 * PAIRS }),
          );
        }
        const pass = original.call(this, {
          timestampWrites: {
            querySet: recording.sets.at(-1),
            beginningOfPassWriteIndex: 2 * (at % PAIRS),
            endOfPassWriteIndex: 2 * (at % PAIRS) + 1,
          },
        });
        pass.at = at;
        return pass;
      },
  );
  wrap(
    GPUComputePassEncoder,
    "setPipeline",
    (original) =>
      function (pipeline) {
        if (recording && this.at !== undefined)
          recording.passes[this.at] = names.get(pipeline) ?? "?";
        return original.call(this, pipeline);
      },
  );
  wrap(
    GPUQueue,
    "submit",
    (original) =>
      function (given) {
        totals.submits += 1;
        return original.call(this, given);
      },
  );
  wrap(GPUBuffer, "mapAsync", wait);
  wrap(GPUQueue, "onSubmittedWorkDone", wait);
}

/** Starts recording; with `kernels` every pass is timed on the GPU. */
export function start({ kernels = true } = {}) {
  Object.assign(totals, { submits: 0, wait_ms: 0, started_ms: performance.now() });
  recording = kernels && current ? { device: current, sets: [], passes: [] } : undefined;
}

/** Stops; returns GPU milliseconds and count per kernel, submits, waiting and wall time. */
export async function stop() {
  const { submits, wait_ms, started_ms } = totals;
  const result = { submits, wait_ms, wall_ms: performance.now() - started_ms, kernels: {} };
  const done = recording;
  recording = undefined;
  for (const [number, set] of (done?.sets ?? []).entries()) {
    const passes = done.passes.slice(number * PAIRS, (number + 1) * PAIRS);
    const size = passes.length * 16;
    const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
    const resolved = done.device.createBuffer({ size, usage: QUERY_RESOLVE | COPY_SRC });
    const read = done.device.createBuffer({ size, usage: COPY_DST | MAP_READ });
    const encoder = done.device.createCommandEncoder();
    encoder.resolveQuerySet(set, 0, passes.length * 2, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, read, 0, size);
    done.device.queue.submit([encoder.finish()]);
    await read.mapAsync(GPUMapMode.READ);
    const times = new BigUint64Array(read.getMappedRange());
    passes.forEach((name, i) => {
      result.kernels[name] ??= { count: 0, ms: 0 };
      const kernel = result.kernels[name];
      kernel.count += 1;
      kernel.ms += Number(times[2 * i + 1] - times[2 * i]) / 1e6;
    });
    for (const item of [resolved, read, set]) item.destroy();
  }
  return result;
}
