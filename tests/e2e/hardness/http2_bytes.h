// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// HTTP/2 as bytes, right or wrong.
namespace http2_bytes {

enum Type : std::uint8_t {
    Data,
    Headers,
    Priority,
    Reset,
    Settings,
    Push,
    Ping,
    GoAway,
    WindowUpdate,
    Continuation
};
inline constexpr std::uint8_t EndStream = 1;
inline constexpr std::uint8_t EndHeaders = 4;

inline std::string frame(Type type, std::uint8_t flags, std::uint32_t stream, std::string_view payload)
{
    std::string bytes;
    for (const int shift : {16, 8, 0})
        bytes += static_cast<char>(payload.size() >> shift);
    bytes += static_cast<char>(type);
    bytes += static_cast<char>(flags);
    for (const int shift : {24, 16, 8, 0})
        bytes += static_cast<char>(stream >> shift);
    return bytes.append(payload);
}

/// What a client begins with.
inline std::string preface()
{
    return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(Settings, 0, 0, {});
}

/// `:scheme: http`, `:path: /`, `:authority: h` after `:method: GET`, or POST
inline std::string head(bool post = false)
{
    return std::string(post ? "\x83" : "\x82") + std::string("\x86\x84\x41\x01h", 5);
}

/// Fields as they are, none of them for the table of either side.
inline std::string literals(const std::vector<std::pair<std::string, std::string>> &fields)
{
    std::string bytes;
    const auto text = [&bytes](const std::string &value) {
        // 7 bits, then what is left in groups of 7.
        constexpr std::size_t First = 127;
        bytes += static_cast<char>(std::min(value.size(), First));
        if (value.size() >= First) {
            std::size_t left = value.size() - First;
            for (; left >= 128; left /= 128)
                bytes += static_cast<char>(left % 128 + 128);
            bytes += static_cast<char>(left);
        }
        bytes += value;
    };
    for (const auto &[name, value] : fields) {
        bytes += '\0';
        text(name);
        text(value);
    }
    return bytes;
}

inline std::string repeated(std::string_view bytes, int times)
{
    std::string all;
    all.reserve(bytes.size() * static_cast<std::size_t>(times));
    for (int i = 0; i < times; ++i)
        all += bytes;
    return all;
}

} // namespace http2_bytes
