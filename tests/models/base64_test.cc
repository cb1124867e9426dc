// Known answers of RFC 4648, and reading back in odd pieces. Exit code 1 on a difference.
#include <cstdio>
#include <string>

#include "support/base64.h"

using tvm::support::Base64InStream;
using tvm::support::Base64OutStream;

struct Memory : tvm::support::Stream {
  std::string bytes;
  size_t at = 0;
  size_t Read(void* to, size_t count) final {
    if (count > bytes.size() - at) count = bytes.size() - at;
    bytes.copy(static_cast<char*>(to), count, at);
    at += count;
    return count;
  }
  size_t Write(const void* from, size_t count) final {
    bytes.append(static_cast<const char*>(from), count);
    return count;
  }
};

static bool same(const std::string& plain, const std::string& encoded) {
  Memory memory;
  Base64OutStream out(&memory);
  for (char c : plain) out.Write(&c, 1);
  out.Finish();
  if (memory.bytes != encoded) return false;
  memory.bytes.insert(memory.bytes.size() / 2, "\n");
  Base64InStream in(&memory);
  in.InitPosition();
  std::string back(plain.size() + 2, '?');
  const size_t first = in.Read(back.data(), plain.size() / 2);
  const size_t rest = in.Read(back.data() + first, back.size() - first);
  return first + rest == plain.size() && back.substr(0, plain.size()) == plain;
}

int main() {
  const bool good = same("", "") && same("f", "Zg==") && same("fo", "Zm8=") &&
                    same("foo", "Zm9v") && same("foob", "Zm9vYg==") &&
                    same("fooba", "Zm9vYmE=") && same("foobar", "Zm9vYmFy") &&
                    same(std::string("\x00\xff\xfe\x80", 4), "AP/+gA==");
  if (!good) std::fputs("base64 differs\n", stderr);
  return good ? 0 : 1;
}
