// Profiler ranges: there is no such profiler in a browser.
#ifndef SIDELIGHT_TVM_SUPPORT_CUDA_NVTX_H_
#define SIDELIGHT_TVM_SUPPORT_CUDA_NVTX_H_

#include <string>

namespace tvm {
namespace support {

struct NVTXScopedRange {
  explicit NVTXScopedRange(const char*) {}
  explicit NVTXScopedRange(const std::string&) {}
};

}  // namespace support
}  // namespace tvm

#endif  // SIDELIGHT_TVM_SUPPORT_CUDA_NVTX_H_
