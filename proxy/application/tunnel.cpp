// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/application/tunnel.h"

#include <QHostAddress>
#include <QTcpSocket>
#include <algorithm>
#include <sys/socket.h>

namespace sallyport::application {

namespace {

constexpr qint64 window = qint64(256) * 1024;

/// Ends a connection as a dead server would.
void reset(QTcpSocket *socket)
{
    const linger now{1, 0};
    ::setsockopt(static_cast<int>(socket->socketDescriptor()), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    socket->abort();
}

} // namespace

Tunnel::Tunnel(QTcpSocket *client, const lab::SocketAddress &server, const std::string &source,
               QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_server(new QTcpSocket(this))
    , m_address(server)
    , m_source(source)
{
    m_client->setParent(this);
    m_client->setReadBufferSize(window);
    m_server->setReadBufferSize(window);
}

void Tunnel::start()
{
    connect(m_server, &QTcpSocket::connected, this, &Tunnel::serverConnected);
    connect(m_server, &QTcpSocket::errorOccurred, this, [this] {
        if (m_connected)
            return;
        Q_EMIT unreachable(m_client);
        if (m_client->state() == QAbstractSocket::ConnectedState && m_client->bytesToWrite() == 0) {
            reset(m_client);
        } else {
            // An answer is on its way out: the socket outlives the tunnel.
            m_client->setParent(parent());
            connect(m_client, &QTcpSocket::disconnected, m_client, &QObject::deleteLater);
            m_client->disconnectFromHost();
        }
        deleteLater();
    });
    if (!m_source.empty())
        m_server->bind(QHostAddress(QString::fromStdString(m_source)));
    m_server->connectToHost(QHostAddress(QString::fromStdString(m_address.address)),
                            static_cast<quint16>(m_address.port));
}

void Tunnel::serverConnected()
{
    m_connected = true;
    m_server->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    m_client->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    if (m_preamble)
        m_server->write(
            m_preamble({m_server->localAddress().toString().toStdString(), m_server->localPort()}));
    if (!m_greeting.isEmpty())
        m_client->write(m_greeting);
    const auto pair = [this](QTcpSocket *from, QTcpSocket *to) {
        connect(from, &QTcpSocket::readyRead, this, [this, from, to] { move(from, to); });
        connect(to, &QTcpSocket::bytesWritten, this, [this, from, to] { move(from, to); });
        connect(from, &QTcpSocket::disconnected, this, [this, from, to] { ended(from, to); });
        if (from->state() != QAbstractSocket::ConnectedState)
            ended(from, to);
        else
            move(from, to);
    };
    pair(m_client, m_server);
    pair(m_server, m_client);
}

void Tunnel::move(QTcpSocket *from, QTcpSocket *to)
{
    const qint64 room = window - to->bytesToWrite();
    if (room > 0 && from->bytesAvailable() > 0)
        pass(from, to, from->read(std::min(room, from->bytesAvailable())));
}

void Tunnel::ended(QTcpSocket *from, QTcpSocket *to)
{
    pass(from, to, from->readAll());
    to->disconnectFromHost();
    finishIfDone();
}

void Tunnel::pass(QTcpSocket *from, QTcpSocket *to, const QByteArray &bytes)
{
    if (bytes.isEmpty())
        return;
    if (m_observer)
        m_observer(from == m_client, bytes);
    to->write(bytes);
}

void Tunnel::finishIfDone()
{
    if (m_client->state() == QAbstractSocket::UnconnectedState &&
        m_server->state() == QAbstractSocket::UnconnectedState)
        deleteLater();
}

} // namespace sallyport::application
