// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/http/http2_frame_walk.h"

#include <algorithm>

namespace sallyport::http {

std::string_view Http2FrameWalk::next(std::string_view bytes, std::optional<Head> &head)
{
    head.reset();
    std::size_t size = 0;
    if (m_payloadLeft == 0) {
        size = std::min(HeadSize - m_headSize, bytes.size());
        std::copy_n(bytes.begin(), size, m_head.begin() + static_cast<std::ptrdiff_t>(m_headSize));
        m_headSize += size;
        if (m_headSize < HeadSize)
            return bytes;
        m_headSize = 0;
        m_payloadLeft = std::size_t{m_head[0]} << 16 | std::size_t{m_head[1]} << 8 | m_head[2];
        head = {.type = m_head[3],
                .flags = m_head[4],
                .stream = (m_head[5] & 0x7f) << 24 | m_head[6] << 16 | m_head[7] << 8 | m_head[8]};
    }
    const std::size_t payload = std::min(m_payloadLeft, bytes.size() - size);
    m_payloadLeft -= payload;
    return bytes.substr(0, size + payload);
}

} // namespace sallyport::http
