// Byte streams as TVM's runtime uses them; the wheel of TVM carries the users but not this header.
#ifndef SIDELIGHT_TVM_SUPPORT_IO_H_
#define SIDELIGHT_TVM_SUPPORT_IO_H_

#include <cstddef>

namespace tvm {
namespace support {

// How a type is written; see serializer.h. The second parameter selects families of types.
template <typename T, typename Family = void>
struct Serializer;

class Stream {
 public:
  virtual ~Stream() = default;

  // Bytes read, fewer than asked for at the end.
  virtual size_t Read(void* bytes, size_t count) = 0;
  // Bytes written.
  virtual size_t Write(const void* bytes, size_t count) = 0;

  // False when the stream ends too early.
  template <typename T>
  bool Read(T* value) {
    return Serializer<T>::Read(this, value);
  }

  template <typename T>
  void Write(const T& value) {
    Serializer<T>::Write(this, value);
  }

  template <typename T>
  bool ReadArray(T* values, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      if (!Serializer<T>::Read(this, values + i)) return false;
    }
    return true;
  }

  template <typename T>
  void WriteArray(const T* values, size_t count) {
    for (size_t i = 0; i < count; ++i) Serializer<T>::Write(this, values[i]);
  }
};

}  // namespace support
}  // namespace tvm

#endif  // SIDELIGHT_TVM_SUPPORT_IO_H_
