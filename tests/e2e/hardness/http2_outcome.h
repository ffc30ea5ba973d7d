// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/e2e/hardness/http2_bytes.h"
#include "tests/proxy/server/sockets.h"

/// What becomes of stream 1: `closed` with the connection, `reset` alone, or `answered`.
inline QByteArray becomes(Client &client)
{
    while (true) {
        const std::string head = client.read(9);
        if (head.size() < 9)
            return "closed";
        const auto byte = [&head](std::size_t at) { return static_cast<std::uint8_t>(head[at]); };
        const std::size_t size = std::size_t{byte(0)} << 16 | std::size_t{byte(1)} << 8 | byte(2);
        if (size > 0 && client.read(size).size() < size)
            return "closed";
        if (byte(8) == 1 && byte(3) == http2_bytes::Headers)
            return "answered";
        if (byte(8) == 1 && byte(3) == http2_bytes::Reset)
            return "reset";
    }
}
