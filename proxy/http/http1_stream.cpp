// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/http/http1_stream.h"

#include "proxy/net/connection.h"

namespace sallyport::http {

void Http1Stream::setCallbacks(StreamCallbacks *callbacks)
{
    m_streamCallbacks = callbacks;
    if (callbacks != nullptr && m_connection.aboveHighWatermark())
        callbacks->onAboveWriteBufferHighWatermark();
}

void Http1Stream::readDisable(bool disable)
{
    if (disable)
        ++m_readDisabled;
    else if (m_readDisabled == 0)
        return;
    else
        --m_readDisabled;
    m_connection.readDisable(disable);
}

std::uint32_t Http1Stream::bufferLimit() const
{
    return m_connection.bufferLimit();
}

void Http1Stream::tellAboveHighWatermark()
{
    if (m_streamCallbacks != nullptr)
        m_streamCallbacks->onAboveWriteBufferHighWatermark();
}

void Http1Stream::tellBelowLowWatermark()
{
    if (m_streamCallbacks != nullptr)
        m_streamCallbacks->onBelowWriteBufferLowWatermark();
}

void Http1Stream::writeOut(net::Buffer &bytes)
{
    const std::uint32_t limit = m_connection.bufferLimit();
    if (limit != 0 && bytes.size() > limit) {
        tellAboveHighWatermark();
        tellBelowLowWatermark();
    }
    m_connection.write(bytes, false);
}

void Http1Stream::release()
{
    m_streamCallbacks = nullptr;
    while (m_readDisabled > 0)
        readDisable(false);
}

} // namespace sallyport::http
