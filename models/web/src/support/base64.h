// Base64 over another stream: tensors inside JSON.
#ifndef SIDELIGHT_SUPPORT_BASE64_H_
#define SIDELIGHT_SUPPORT_BASE64_H_

#include <tvm/support/io.h>

#include <cstdint>
#include <cstring>

namespace tvm {
namespace support {

inline constexpr char kBase64Letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Writes base64; Finish() writes what is left of the last group of three bytes.
class Base64OutStream : public Stream {
 public:
  explicit Base64OutStream(Stream* to) : to_(to) {}

  using Stream::Read;
  using Stream::Write;

  size_t Read(void*, size_t) final { return 0; }
  size_t Write(const void* from, size_t count) final {
    const uint8_t* bytes = static_cast<const uint8_t*>(from);
    for (size_t i = 0; i < count; ++i) {
      group_ = group_ << 8 | bytes[i];
      if (++held_ == 3) Flush();
    }
    return count;
  }
  void Finish() {
    if (held_ != 0) Flush();
  }

 private:
  void Flush() {
    const uint32_t bits = group_ << 8 * (3 - held_);
    char letters[4];
    for (int i = 0; i < 4; ++i) {
      letters[i] = i <= held_ ? kBase64Letters[bits >> (18 - 6 * i) & 63] : '=';
    }
    to_->Write(static_cast<const void*>(letters), 4);
    group_ = 0;
    held_ = 0;
  }

  Stream* to_;
  uint32_t group_ = 0;
  int held_ = 0;
};

// Reads base64 up to its padding; other characters (line ends) are passed over.
class Base64InStream : public Stream {
 public:
  explicit Base64InStream(Stream* from) : from_(from) {}

  using Stream::Read;
  using Stream::Write;

  void InitPosition() { bits_ = held_ = 0; }
  size_t Read(void* to, size_t count) final {
    uint8_t* bytes = static_cast<uint8_t*>(to);
    for (size_t i = 0; i < count; ++i) {
      while (held_ < 8) {
        char letter;
        if (from_->Read(static_cast<void*>(&letter), 1) != 1 || letter == '=') return i;
        const char* found = letter ? std::strchr(kBase64Letters, letter) : nullptr;
        if (found == nullptr) continue;
        bits_ = bits_ << 6 | static_cast<uint32_t>(found - kBase64Letters);
        held_ += 6;
      }
      held_ -= 8;
      bytes[i] = static_cast<uint8_t>(bits_ >> held_);
    }
    return count;
  }
  size_t Write(const void*, size_t) final { return 0; }

 private:
  Stream* from_;
  uint32_t bits_ = 0;
  int held_ = 0;
};

}  // namespace support
}  // namespace tvm

#endif  // SIDELIGHT_SUPPORT_BASE64_H_
