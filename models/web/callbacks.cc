// What WebLLM's JavaScript calls besides TVM's own C interface: memory for arguments, functions that
// live in JavaScript, and the text of the last error.

#include <tvm/ffi/c_api.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/function.h>

#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" {

// Provided by JavaScript.
int TVMFFIWasmSafeCall(void* self, const TVMFFIAny* args, int32_t num_args, TVMFFIAny* result);
void TVMFFIWasmFunctionDeleter(void* self);

// malloc aligns to 8 bytes, which arguments (TVMFFIAny) need.
TVM_FFI_DLL_EXPORT void* TVMWasmAllocSpace(int size) {
  return std::malloc(size > 0 ? static_cast<size_t>(size) : 1);
}

TVM_FFI_DLL_EXPORT void TVMWasmFreeSpace(void* space) { std::free(space); }

TVM_FFI_DLL_EXPORT int TVMFFIWasmFunctionCreate(void* self, TVMFFIObjectHandle* out) {
  return TVMFFIFunctionCreate(self, TVMFFIWasmSafeCall, TVMFFIWasmFunctionDeleter, out);
}

// Valid until the next call.
TVM_FFI_DLL_EXPORT const char* TVMFFIWasmGetLastError() {
  static std::string text;
  text = tvm::ffi::details::MoveFromSafeCallRaised().what();
  return text.c_str();
}

}  // extern "C"
