/** Lets the driver destroy the engine's graphics device: control message `test.lose_device`. */
export function allowLosingTheDevice() {
  const devices = [];
  const requestDevice = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (descriptor) {
    const device = await requestDevice.call(this, descriptor);
    devices.push(device);
    return device;
  };
  self.addEventListener("message", ({ data }) => {
    if (data.type === "test.lose_device") devices.at(-1).destroy();
  });
}
