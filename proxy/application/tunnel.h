// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/plan.h"

#include <QByteArray>
#include <QObject>
#include <functional>

class QTcpSocket;

namespace sallyport::application {

/// Carries bytes between an accepted connection and one that it opens, both ways, until both sides have
/// ended. Reads only as fast as the other side takes. Owns both sockets and deletes itself at the end. A
/// server that cannot be reached resets the client.
class Tunnel : public QObject
{
    Q_OBJECT

public:
    /// `source`: the local address to connect from; empty: any.
    Tunnel(QTcpSocket *client, const lab::SocketAddress &server, const std::string &source, QObject *parent);

    /// Bytes for the server before the client's own: a PROXY header, a rewritten request. `withSource` makes
    /// them from the local address once the connection is there.
    using Preamble = std::function<QByteArray(const lab::SocketAddress &local)>;
    void setPreamble(Preamble preamble) { m_preamble = std::move(preamble); }
    /// Bytes for the client once the server is there, `HTTP/1.1 200 …` of a CONNECT.
    void setGreeting(const QByteArray &greeting) { m_greeting = greeting; }
    /// Sees all bytes on their way, before they are handed on.
    using Observer = std::function<void(bool fromClient, const QByteArray &bytes)>;
    void setObserver(Observer observer) { m_observer = std::move(observer); }
    void start();

Q_SIGNALS:
    /// The server could not be reached; the client is still there and unanswered.
    void unreachable(QTcpSocket *client);

private:
    void serverConnected();
    void move(QTcpSocket *from, QTcpSocket *to);
    void ended(QTcpSocket *from, QTcpSocket *to);
    void pass(QTcpSocket *from, QTcpSocket *to, const QByteArray &bytes);
    void finishIfDone();

    QTcpSocket *m_client;
    QTcpSocket *m_server;
    lab::SocketAddress m_address;
    std::string m_source;
    Preamble m_preamble;
    Observer m_observer;
    QByteArray m_greeting;
    bool m_connected = false;
};

} // namespace sallyport::application
