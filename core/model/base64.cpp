// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/base64.h"

#include <cstdint>

namespace sallyport::model {

namespace {

int digitValue(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

} // namespace

std::optional<std::string> fromBase64(std::string_view text)
{
    std::string bytes;
    std::uint32_t buffer = 0;
    unsigned digits = 0;
    unsigned padding = 0;
    for (const char c : text) {
        if (c == '\n' || c == '\r' || c == ' ')
            continue;
        if (c == '=') {
            ++padding;
            continue;
        }
        const int value = digitValue(c);
        if (value < 0 || padding > 0)
            return std::nullopt;
        buffer = (buffer << 6U) | static_cast<std::uint32_t>(value);
        if (++digits % 4 != 1) {
            const unsigned left = (4 - digits % 4) % 4 * 2; // bits that belong to the next byte
            bytes += static_cast<char>((buffer >> left) & 0xffU);
        }
    }
    const unsigned rest = digits % 4;
    if (rest == 1 || padding > 2 || (rest + padding) % 4 != 0)
        return std::nullopt;
    return bytes;
}

} // namespace sallyport::model
