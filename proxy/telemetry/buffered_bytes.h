// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/telemetry/stats.h"

#include <cstddef>

namespace sallyport::telemetry {

/// What of one connection's bytes waits in a buffer, as a gauge of all of them has it: it is touched only
/// when that changes.
class BufferedBytes
{
public:
    void note(Gauge &gauge, std::size_t bytes)
    {
        if (bytes == m_noted)
            return;
        gauge.add(static_cast<std::int64_t>(bytes) - static_cast<std::int64_t>(m_noted));
        m_noted = bytes;
    }

private:
    std::size_t m_noted = 0;
};

} // namespace sallyport::telemetry
