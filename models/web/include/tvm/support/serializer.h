// The wire format of compiled models: little endian, numbers and enums as they are in memory, every
// length a 64-bit number, texts and sequences a length and their items, maps a length and pairs.
#ifndef SIDELIGHT_TVM_SUPPORT_SERIALIZER_H_
#define SIDELIGHT_TVM_SUPPORT_SERIALIZER_H_

#include <dlpack/dlpack.h>
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/string.h>
#include <tvm/support/io.h>

#include <cstdint>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tvm {
namespace support {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the wire format is little endian");

// Numbers and enums.
template <typename T>
struct Serializer<T, std::enable_if_t<std::is_arithmetic_v<T> || std::is_enum_v<T>>> {
  static constexpr bool enabled = true;
  static void Write(Stream* to, const T& value) {
    to->Write(static_cast<const void*>(&value), sizeof(T));
  }
  static bool Read(Stream* from, T* value) {
    return from->Read(static_cast<void*>(value), sizeof(T)) == sizeof(T);
  }
};

template <>
struct Serializer<DLDataType> {
  static constexpr bool enabled = true;
  static void Write(Stream* to, const DLDataType& type) {
    to->Write(type.code);
    to->Write(type.bits);
    to->Write(type.lanes);
  }
  static bool Read(Stream* from, DLDataType* type) {
    return from->Read(&type->code) && from->Read(&type->bits) && from->Read(&type->lanes);
  }
};

template <>
struct Serializer<DLDevice> {
  static constexpr bool enabled = true;
  static void Write(Stream* to, const DLDevice& device) {
    to->Write(static_cast<int32_t>(device.device_type));
    to->Write(static_cast<int32_t>(device.device_id));
  }
  static bool Read(Stream* from, DLDevice* device) {
    int32_t type, id;
    if (!from->Read(&type) || !from->Read(&id)) return false;
    *device = DLDevice{static_cast<DLDeviceType>(type), id};
    return true;
  }
};

template <>
struct Serializer<std::string> {
  static constexpr bool enabled = true;
  static void Write(Stream* to, const std::string& text) {
    to->Write(static_cast<uint64_t>(text.size()));
    to->Write(static_cast<const void*>(text.data()), text.size());
  }
  static bool Read(Stream* from, std::string* text) {
    uint64_t size;
    if (!from->Read(&size)) return false;
    text->resize(static_cast<size_t>(size));
    return from->Read(static_cast<void*>(text->data()), text->size()) == text->size();
  }
};

template <>
struct Serializer<ffi::String> {
  static constexpr bool enabled = true;
  static void Write(Stream* to, const ffi::String& text) {
    to->Write(std::string(text.data(), text.size()));
  }
  static bool Read(Stream* from, ffi::String* text) {
    std::string read;
    if (!from->Read(&read)) return false;
    *text = ffi::String(std::move(read));
    return true;
  }
};

// Sequences: Add(item) appends.
template <typename Sequence, typename Item>
struct SequenceSerializer {
  static constexpr bool enabled = true;
  static void Write(Stream* to, const Sequence& items) {
    to->Write(static_cast<uint64_t>(items.size()));
    for (const Item& item : items) to->Write(item);
  }
  static bool Read(Stream* from, Sequence* items) {
    uint64_t size;
    if (!from->Read(&size)) return false;
    *items = Sequence();
    for (uint64_t i = 0; i < size; ++i) {
      Item item{};
      if (!from->Read(&item)) return false;
      items->push_back(std::move(item));
    }
    return true;
  }
};

template <typename T>
struct Serializer<std::vector<T>> : SequenceSerializer<std::vector<T>, T> {};
template <typename T>
struct Serializer<ffi::Array<T>> : SequenceSerializer<ffi::Array<T>, T> {};

template <typename K, typename V>
struct Serializer<std::unordered_map<K, V>> {
  static constexpr bool enabled = true;
  static void Write(Stream* to, const std::unordered_map<K, V>& map) {
    to->Write(static_cast<uint64_t>(map.size()));
    for (const auto& [key, value] : map) {
      to->Write(key);
      to->Write(value);
    }
  }
  static bool Read(Stream* from, std::unordered_map<K, V>* map) {
    uint64_t size;
    if (!from->Read(&size)) return false;
    map->clear();
    for (uint64_t i = 0; i < size; ++i) {
      K key;
      V value;
      if (!from->Read(&key) || !from->Read(&value)) return false;
      map->emplace(std::move(key), std::move(value));
    }
    return true;
  }
};

template <typename K, typename V>
struct Serializer<ffi::Map<K, V>> {
  static constexpr bool enabled = true;
  static void Write(Stream* to, const ffi::Map<K, V>& map) {
    to->Write(static_cast<uint64_t>(map.size()));
    for (const auto& pair : map) {
      to->Write(K(pair.first));
      to->Write(V(pair.second));
    }
  }
  static bool Read(Stream* from, ffi::Map<K, V>* map) {
    uint64_t size;
    if (!from->Read(&size)) return false;
    *map = ffi::Map<K, V>();
    for (uint64_t i = 0; i < size; ++i) {
      K key;
      V value;
      if (!from->Read(&key) || !from->Read(&value)) return false;
      map->Set(key, value);
    }
    return true;
  }
};

}  // namespace support
}  // namespace tvm

#endif  // SIDELIGHT_TVM_SUPPORT_SERIALIZER_H_
