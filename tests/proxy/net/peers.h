// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/connection.h"

#include <QTest>
#include <functional>
#include <optional>
#include <string>
#include <sys/socket.h>

/// Takes what a connection reports.
struct Recorder final : sallyport::net::ConnectionCallbacks
{
    void onConnected() override { connected = true; }
    void onData(sallyport::net::Buffer &data, bool endStream) override
    {
        received += data.toString();
        data.clear();
        ended = ended || endStream;
        if (react)
            react();
    }
    void onAboveHighWatermark() override { ++highWatermarks; }
    void onBelowLowWatermark() override { ++lowWatermarks; }
    void onClosed(sallyport::net::CloseEvent event) override { closed = event; }

    std::function<void()> react;
    std::string received;
    bool connected = false;
    bool ended = false;
    int highWatermarks = 0;
    int lowWatermarks = 0;
    std::optional<sallyport::net::CloseEvent> closed;
};

/// A connection over one end of a socket pair; the other end is a plain descriptor.
struct Pair
{
    explicit Pair(std::unique_ptr<sallyport::net::Transport> transport = sallyport::net::makePlainTransport())
    {
        int fds[2];
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds);
        peer = sallyport::net::Descriptor(fds[1]);
        connection = sallyport::net::Connection::accepted(*sallyport::net::EpollDispatcher::current(),
                                                          sallyport::net::Descriptor(fds[0]), {},
                                                          std::move(transport));
        connection->setCallbacks(&recorder);
        connection->start();
    }
    ~Pair() { connection->close(sallyport::net::CloseType::NoFlush); }

    void send(std::string_view bytes) const
    {
        QCOMPARE(::send(peer.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
                 static_cast<ssize_t>(bytes.size()));
    }
    /// What has arrived at the other end; sets `eof`.
    std::string take()
    {
        char buffer[65536];
        std::string text;
        ssize_t got = 0;
        while ((got = ::recv(peer.get(), buffer, sizeof buffer, 0)) > 0)
            text.append(buffer, static_cast<std::size_t>(got));
        eof = eof || got == 0;
        return text;
    }

    sallyport::net::Descriptor peer;
    Recorder recorder;
    std::unique_ptr<sallyport::net::Connection> connection;
    bool eof = false;
};
