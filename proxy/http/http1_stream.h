// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/http/codec.h"

namespace sallyport::http {

/// The one exchange that an HTTP/1 connection has at a time, as either end sees it: its flow control is the
/// connection's.
class Http1Stream : public Stream
{
public:
    explicit Http1Stream(net::Connection &connection)
        : m_connection(connection)
    {
    }

    // Stream
    void setCallbacks(StreamCallbacks *callbacks) override;
    void readDisable(bool disable) override;
    std::uint32_t bufferLimit() const override;
    std::string_view responseDetails() const override { return m_details; }
    const BytesMeter &bytes() const override { return m_bytes; }
    std::uint32_t id() const override { return 0; }

protected:
    void tellAboveHighWatermark();
    void tellBelowLowWatermark();
    /// Hands `bytes` to the connection. Envoy's codec collects them in a buffer with the connection's limit,
    /// whose watermarks count beside those of the connection.
    void writeOut(net::Buffer &bytes);
    /// The exchange is over: its callbacks are not called any more, and the connection reads again.
    void release();

    net::Connection &m_connection;
    StreamCallbacks *m_streamCallbacks = nullptr;
    BytesMeter m_bytes;
    std::string_view m_details;

private:
    std::uint32_t m_readDisabled = 0; ///< by this exchange
};

} // namespace sallyport::http
