/** WebGPU detection and device-loss reports for the engine worker. */

import { EngineError } from "./errors.js";

/** @typedef {import("./types").DeviceInfo} DeviceInfo */

const LIMITS = /** @type {const} */ ([
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxStorageBuffersPerShaderStage",
]);

/** @param {number} delay_ms */
const sleep = (delay_ms) => new Promise((resolve) => setTimeout(resolve, delay_ms));

/**
 * Plain description of an adapter.
 * @param {GPUAdapter} adapter
 * @returns {DeviceInfo}
 */
export function describeAdapter(adapter) {
  const info = adapter.info;
  const features = [...adapter.features].map(String).sort();
  return {
    vendor: info.vendor,
    architecture: info.architecture,
    device: info.device,
    description: info.description,
    is_fallback: Boolean(/** @type {any} */ (info).isFallbackAdapter),
    shader_f16: features.includes("shader-f16"),
    features,
    limits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
  };
}

/**
 * Finds the adapter WebLLM will get.
 * The first adapters are null while the browser's GPU process starts, so null is retried.
 * @param {{gpu?: GPU | undefined, patience_ms?: number}} [options]
 * @returns {Promise<DeviceInfo>} throws EngineError `no_webgpu` or `no_adapter`
 */
export async function detectDevice({ gpu = navigator.gpu, patience_ms = 5000 } = {}) {
  if (!gpu) throw new EngineError("no_webgpu");
  const give_up_at = performance.now() + patience_ms;
  let cause = "";
  for (let delay_ms = 100; ; delay_ms = Math.min(2 * delay_ms, 1000)) {
    try {
      const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
      if (adapter) return describeAdapter(adapter);
    } catch (error) {
      cause = String(error);
    }
    if (performance.now() + delay_ms > give_up_at) throw new EngineError("no_adapter", cause);
    await sleep(delay_ms);
  }
}

/**
 * Observes the devices of this worker. WebLLM creates its device itself and does not hand it out,
 * so creation is observed at the adapter.
 */
export class DeviceWatch {
  /** Devices whose loss would be a failure. @type {Set<GPUDevice>} */
  #live = new Set();

  /**
   * @param {(error: EngineError) => void} onFailure a device was lost or ran out of memory
   * @param {{prototype: GPUAdapter} | undefined} [adapter_class]
   */
  constructor(onFailure, adapter_class = globalThis.GPUAdapter) {
    if (!adapter_class) return;
    const live = this.#live;
    const original = adapter_class.prototype.requestDevice;
    adapter_class.prototype.requestDevice = async function (descriptor) {
      const device = await original.call(this, descriptor);
      live.add(device);
      device.lost.then(({ message, reason }) => {
        if (live.delete(device)) onFailure(new EngineError("device_lost", message || reason));
      });
      device.addEventListener("uncapturederror", ({ error }) => {
        if (live.has(device) && error instanceof GPUOutOfMemoryError)
          onFailure(new EngineError("out_of_memory", error.message));
      });
      return device;
    };
  }

  /** From now on the loss of the present devices is wanted. @returns {GPUDevice[]} them */
  expectLoss() {
    const devices = [...this.#live];
    this.#live.clear();
    return devices;
  }

  /** Frees all present devices, whatever state their user is in. */
  destroy() {
    for (const device of this.expectLoss()) device.destroy();
  }
}
