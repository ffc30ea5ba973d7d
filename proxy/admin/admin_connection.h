// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/admin/admin_endpoint.h"
#include "proxy/admin/admin_traffic.h"
#include "proxy/http/codec.h"
#include "proxy/net/connection.h"
#include "proxy/telemetry/stream_info.h"

#include <functional>
#include <memory>

namespace sallyport::admin {

/// One client of the admin interface: HTTP/1.1, one request at a time, its path in canonical form and with
/// slashes merged, as Envoy's has it. Main thread; it ends by `onGone`, whose owner deletes it (deferred).
class AdminConnection final : public net::ConnectionCallbacks,
                              public http::ServerConnectionCallbacks,
                              public http::RequestDecoder,
                              public net::Deferred
{
public:
    AdminConnection(net::EpollDispatcher &dispatcher, ServerState &state,
                    std::shared_ptr<AdminTraffic> traffic, net::Descriptor fd,
                    net::ConnectionAddresses addresses, std::function<void(AdminConnection &)> onGone);
    ~AdminConnection() override = default;

    void start() { m_connection->start(); }
    /// The interface ends: nobody is told any more.
    void detach();

    void onData(net::Buffer &data, bool endStream) override;
    void onSent() override;
    void onClosed(net::CloseEvent event) override;

    http::RequestDecoder &newStream(http::ResponseEncoder &encoder) override;
    void decodeHeaders(http::HeaderMapPtr headers, bool endStream) override;
    void decodeData(net::Buffer &data, bool endStream) override;
    void decodeTrailers(http::HeaderMapPtr) override { answer(); }
    void sendLocalReply(unsigned status, std::string_view body, std::string_view details) override;

private:
    void answer();
    /// Of the connection's own, not an endpoint's.
    void refuse(unsigned status, std::string_view body, std::string_view details);
    void send(AdminAnswer answer);
    void sendHead(http::HeaderMap &headers, bool endStream);
    void endRequest(const http::HeaderMap *response, unsigned status, std::size_t bytes,
                    std::string_view details);
    void noteBuffered(std::uint64_t bytes);

    net::EpollDispatcher &m_dispatcher;
    ServerState &m_state;
    std::shared_ptr<AdminTraffic> m_traffic;
    std::function<void(AdminConnection &)> m_onGone;
    std::unique_ptr<net::Connection> m_connection;
    std::unique_ptr<http::ServerCodec> m_codec;
    http::ResponseEncoder *m_encoder = nullptr;
    http::HeaderMapPtr m_headers;
    std::string m_body;           ///< of a form
    telemetry::StreamInfo m_info; ///< of the request under way
    std::uint64_t m_receivedCounted = 0;
    std::uint64_t m_sentCounted = 0;
    std::uint64_t m_buffered = 0;
    bool m_running = false; ///< a request
    bool m_close = false;
};

} // namespace sallyport::admin
