// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/http/http2_closed_streams.h"

#include <algorithm>

namespace sallyport::http {

namespace {

constexpr std::size_t MostAbandoned = 256;

} // namespace

void Http2ClosedStreams::onAbandoned(std::int32_t id)
{
    m_abandoned.push_back(id);
    if (m_abandoned.size() > MostAbandoned) {
        m_forgotten = std::max(m_forgotten, m_abandoned.front());
        m_abandoned.pop_front();
    }
}

void Http2ClosedStreams::onPeerEnded(std::int32_t id)
{
    if (id > m_newest)
        return;
    if (const auto found = std::find(m_abandoned.begin(), m_abandoned.end(), id); found != m_abandoned.end())
        m_abandoned.erase(found);
}

bool Http2ClosedStreams::mayReceive(std::int32_t id) const
{
    return id > m_newest || id <= m_forgotten ||
           std::find(m_abandoned.begin(), m_abandoned.end(), id) != m_abandoned.end();
}

} // namespace sallyport::http
