// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/proxy/net/tls_test.h"

#include <QSocketNotifier>

/// Accepts on a port of its own and answers each connection's first bytes with what it knows of the client.
class Server
{
public:
    explicit Server(std::shared_ptr<TlsServerContext> context)
        : m_context(std::move(context))
        , m_listener(std::move(*listenOn(*Address::parseIp("127.0.0.1", 0))))
        , port(localAddressOf(m_listener.get()).port())
        , m_notifier(m_listener.get(), QSocketNotifier::Read)
    {
        QObject::connect(&m_notifier, &QSocketNotifier::activated, &m_notifier, [this] { accept(); });
    }
    ~Server()
    {
        for (const auto &client : clients)
            client->connection->close(CloseType::NoFlush);
    }

    struct Client
    {
        Recorder recorder;
        std::unique_ptr<Connection> connection;
    };
    std::vector<std::unique_ptr<Client>> clients;
    Counts counts;
    std::function<void(Connection &)> respond; ///< instead of the usual answer

private:
    void accept()
    {
        Address remote;
        int error = 0;
        Descriptor fd = acceptFrom(m_listener.get(), remote, error);
        if (!fd.isOpen())
            return;
        auto client = std::make_unique<Client>();
        client->connection = Connection::accepted(*EpollDispatcher::current(), std::move(fd), {},
                                                  m_context->makeTransport(&counts));
        Connection *connection = client->connection.get();
        connection->setCallbacks(&client->recorder);
        client->recorder.react = [this, connection] {
            if (respond) {
                respond(*connection);
                return;
            }
            const TlsInfo &tls = *connection->tls();
            std::string body = tls.version() + " sni=" + tls.sni() + " alpn=" + tls.alpn() +
                               " resumed=" + (tls.resumed() ? "1" : "0");
            if (tls.peer() != nullptr)
                body += " peer=" + tls.peer()->subject + ' ' +
                        (tls.peer()->uriSans.empty() ? "" : tls.peer()->uriSans[0]) +
                        " validated=" + (tls.peerValidated() ? "1" : "0");
            connection->write("HTTP/1.1 200 OK\r\ncontent-length: " + std::to_string(body.size()) +
                              "\r\n\r\n" + body);
        };
        connection->start();
        clients.push_back(std::move(client));
    }

    std::shared_ptr<TlsServerContext> m_context;
    Descriptor m_listener;

public:
    const std::uint16_t port;

private:
    QSocketNotifier m_notifier;
};

/// Tests of what the side that accepts does.
class TlsServerTest : public TlsTest
{
protected:
    dataplane::DownstreamTlsContext serving(const QString &name) const
    {
        dataplane::DownstreamTlsContext configuration;
        configuration.common.certificates = {certificate(name)};
        return configuration;
    }
    static std::shared_ptr<TlsServerContext> made(const dataplane::DownstreamTlsContext &configuration,
                                                  SecretStore *secrets = nullptr)
    {
        auto context = TlsServerContext::create(configuration, secrets);
        if (!context)
            qFatal("%s", context.error().toString().c_str());
        return *context;
    }
};
