// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/admin/admin_server.h"

#include "proxy/admin/admin_endpoint.h"
#include "proxy/http/codec.h"
#include "proxy/http/http1_syntax.h"
#include "proxy/net/connection.h"
#include "proxy/net/socket.h"
#include "proxy/telemetry/access_logger.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <list>
#include <sys/socket.h>
#include <unistd.h>

namespace sallyport::admin {

namespace {

using http::Known;

const http::CodecSettings &settings()
{
    static const http::CodecSettings standard;
    return standard;
}

std::string dateNow()
{
    const std::time_t seconds = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    char text[40];
    return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

} // namespace

/// One client of the admin interface: HTTP/1.1, one request at a time.
class AdminConnection final : public net::ConnectionCallbacks,
                              public http::ServerConnectionCallbacks,
                              public http::RequestDecoder,
                              public net::Deferred
{
public:
    AdminConnection(net::EpollDispatcher &dispatcher, ServerState &state, net::Descriptor fd,
                    net::ConnectionAddresses addresses, std::function<void(AdminConnection &)> onGone)
        : m_state(state)
        , m_onGone(std::move(onGone))
    {
        m_connection = net::Connection::accepted(dispatcher, std::move(fd), std::move(addresses),
                                                 net::makePlainTransport());
        m_connection->setCallbacks(this);
        m_codec = http::makeServerCodec(http::Protocol::Http11, *m_connection, *this, settings(), nullptr);
    }
    ~AdminConnection() override = default;

    void start() { m_connection->start(); }
    /// The interface ends: nobody is told any more.
    void detach()
    {
        m_onGone = [](AdminConnection &) {};
        m_connection->close(net::CloseType::NoFlush);
    }

    void onData(net::Buffer &data, bool) override
    {
        if (const http::CodecStatus status = m_codec->dispatch(data); !status.ok()) {
            data.clear();
            m_connection->close(net::CloseType::FlushAndWait);
        }
    }
    void onClosed(net::CloseEvent) override
    {
        m_codec->connectionEnded(http::ResetReason::ConnectionTermination, {});
        m_onGone(*this);
    }

    http::RequestDecoder &newStream(http::ResponseEncoder &encoder) override
    {
        m_encoder = &encoder;
        m_headers.reset();
        return *this;
    }
    void decodeHeaders(http::HeaderMapPtr headers, bool endStream) override
    {
        m_headers = std::move(headers);
        if (endStream)
            answer();
    }
    void decodeData(net::Buffer &data, bool endStream) override
    {
        data.clear();
        if (endStream)
            answer();
    }
    void decodeTrailers(http::HeaderMapPtr) override { answer(); }
    void sendLocalReply(unsigned status, std::string_view body, std::string_view) override
    {
        m_close = true;
        send({status, std::string(body)});
    }

private:
    void answer()
    {
        m_close = http::listContains(m_headers->get(Known::Connection), "close");
        if (!m_headers->has(Known::Authority)) {
            m_close = true;
            send({400, {}});
            return;
        }
        send(answerAdmin(parseAdminTarget(m_headers->get(Known::Method), m_headers->get(Known::Path)),
                         m_state));
    }
    void send(const AdminAnswer &answer)
    {
        const http::HeaderMapPtr headers = http::HeaderMap::create(http::HeaderMap::Kind::Response);
        headers->setStatus(answer.status);
        if (answer.nosniffFirst)
            headers->add("x-content-type-options", "nosniff");
        headers->set(Known::ContentType, answer.contentType);
        headers->set(Known::CacheControl, "no-cache, max-age=0");
        headers->add("x-content-type-options", "nosniff");
        headers->set(Known::Date, dateNow());
        headers->set(Known::Server, "envoy");
        if (m_close)
            headers->set(Known::Connection, "close");
        // Envoy streams these bodies: no content-length.
        m_encoder->encodeHeaders(*headers, false);
        net::Buffer body(answer.body);
        m_encoder->encodeData(body, true);
        if (m_close)
            m_connection->close(net::CloseType::FlushAndWait);
    }

    ServerState &m_state;
    std::function<void(AdminConnection &)> m_onGone;
    std::unique_ptr<net::Connection> m_connection;
    std::unique_ptr<http::ServerCodec> m_codec;
    http::ResponseEncoder *m_encoder = nullptr;
    http::HeaderMapPtr m_headers;
    bool m_close = false;
};

struct AdminServer::Listener final : public net::IoHandler
{
    Listener(net::EpollDispatcher &eventLoop, ServerState &serverState)
        : dispatcher(eventLoop)
        , state(serverState)
    {
    }
    ~Listener() override
    {
        stop();
        for (const std::unique_ptr<AdminConnection> &connection : connections)
            connection->detach();
    }

    Result<void> listen(const net::Address &address)
    {
        sockaddr_storage storage{};
        const socklen_t size = address.toSockaddr(storage);
        net::Descriptor made(::socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        const int on = 1;
        if (address.isIp())
            ::setsockopt(made.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (::bind(made.get(), reinterpret_cast<const sockaddr *>(&storage), size) != 0 ||
            ::listen(made.get(), 128) != 0)
            return fail("the admin interface cannot listen on " + address.toString() + ": " +
                            std::strerror(errno),
                        {"admin.address"}, "choose a free address of this machine");
        sockaddr_storage bound{};
        socklen_t length = sizeof bound;
        ::getsockname(made.get(), reinterpret_cast<sockaddr *>(&bound), &length);
        stop();
        fd = std::move(made);
        configured = address;
        actual = net::Address::fromSockaddr(reinterpret_cast<const sockaddr *>(&bound), length);
        dispatcher.watch(fd.get(), EPOLLIN, this);
        return {};
    }
    void stop()
    {
        if (fd.get() >= 0)
            dispatcher.unwatch(fd.get());
        fd = net::Descriptor();
        configured = {};
        actual = {};
    }
    void onIo(std::uint32_t) override
    {
        sockaddr_storage peer{};
        socklen_t length = sizeof peer;
        net::Descriptor accepted(
            ::accept4(fd.get(), reinterpret_cast<sockaddr *>(&peer), &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (accepted.get() < 0)
            return;
        net::ConnectionAddresses addresses;
        addresses.remote = net::Address::fromSockaddr(reinterpret_cast<const sockaddr *>(&peer), length);
        addresses.directRemote = addresses.remote;
        addresses.local = actual;
        addresses.directLocal = actual;
        connections.push_back(std::make_unique<AdminConnection>(
            dispatcher, state, std::move(accepted), std::move(addresses), [this](AdminConnection &gone) {
                const auto at = std::find_if(connections.begin(), connections.end(),
                                             [&](const auto &each) { return each.get() == &gone; });
                if (at == connections.end())
                    return;
                std::unique_ptr<net::Deferred> owned(at->release());
                connections.erase(at);
                dispatcher.deferredDelete(std::move(owned));
            }));
        connections.back()->start();
    }

    net::EpollDispatcher &dispatcher;
    ServerState &state;
    net::Descriptor fd;
    net::Address configured;
    net::Address actual;
    std::list<std::unique_ptr<AdminConnection>> connections;
};

AdminServer::AdminServer(net::EpollDispatcher &dispatcher, ServerState &state)
    : m_listener(std::make_unique<Listener>(dispatcher, state))
{
}

AdminServer::~AdminServer() = default;

Result<void> AdminServer::configure(const std::optional<dataplane::Bootstrap::Admin> &configuration)
{
    if (!configuration || !configuration->address) {
        m_listener->stop();
        return {};
    }
    const dataplane::SocketAddress &wanted = *configuration->address;
    Result<net::Address> address =
        wanted.pipe.empty() ? net::Address::parseIp(wanted.address, static_cast<std::uint16_t>(wanted.port))
                            : Result<net::Address>(net::Address::pipe(wanted.pipe));
    if (!address)
        return fail(address.error().what, {"admin.address"});
    if (m_listener->fd.get() >= 0 && m_listener->configured == *address)
        return {};
    return m_listener->listen(*address);
}

net::Address AdminServer::address() const
{
    return m_listener->actual;
}

} // namespace sallyport::admin
