/** Sine and cosine of angles on the WebGPU device, as the models' rotary kernels compute them. */

const SHADER = `
@group(0) @binding(0) var<storage, read> angles: array<f32>;
@group(0) @binding(1) var<storage, read_write> values: array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i < arrayLength(&angles)) {
    values[2 * i] = sin(angles[i]);
    values[2 * i + 1] = cos(angles[i]);
  }
}`;

/** @param {number[]} angles @returns {Promise<number[]>} sin, cos, sin, cos, … */
export async function sinCos(angles) {
  const adapter = await navigator.gpu.requestAdapter();
  const device = await adapter.requestDevice();
  const module = device.createShaderModule({ code: SHADER });
  const pipeline = device.createComputePipeline({ layout: "auto", compute: { module } });
  const { STORAGE, COPY_DST, COPY_SRC, MAP_READ } = GPUBufferUsage;
  const input = device.createBuffer({ size: 4 * angles.length, usage: STORAGE | COPY_DST });
  const output = device.createBuffer({ size: 8 * angles.length, usage: STORAGE | COPY_SRC });
  const result = device.createBuffer({ size: 8 * angles.length, usage: MAP_READ | COPY_DST });
  device.queue.writeBuffer(input, 0, new Float32Array(angles));
  const entries = [input, output].map((buffer, binding) => ({ binding, resource: { buffer } }));
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(Math.ceil(angles.length / 64));
  pass.end();
  encoder.copyBufferToBuffer(output, 0, result, 0, 8 * angles.length);
  device.queue.submit([encoder.finish()]);
  await result.mapAsync(GPUMapMode.READ);
  const values = Array.from(new Float32Array(result.getMappedRange()));
  device.destroy();
  return values;
}
