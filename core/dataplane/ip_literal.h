// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <arpa/inet.h>
#include <array>
#include <string>

namespace sallyport::dataplane {

/// Whether `text` is an IPv4 or IPv6 address by itself, without a port or brackets.
inline bool isIpLiteral(const std::string &text)
{
    std::array<unsigned char, 16> bytes{};
    return inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
           inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

} // namespace sallyport::dataplane
