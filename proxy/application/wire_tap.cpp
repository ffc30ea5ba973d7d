// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/application/wire_tap.h"

#include "proxy/application/tunnel.h"

#include <QTcpServer>
#include <QTcpSocket>
#include <algorithm>
#include <utility>

namespace sallyport::application {

namespace {

constexpr auto rememberedTime = std::chrono::minutes(2);
constexpr std::size_t leastForgetAt = 256;

/// Reads big-endian numbers and skips, never past the end.
class ByteReader
{
public:
    explicit ByteReader(const QByteArray &bytes)
        : m_bytes(bytes)
    {
    }
    std::size_t number(int width)
    {
        std::size_t value = 0;
        for (int i = 0; i < width; ++i)
            value = value << 8U | (m_at < m_bytes.size() ? static_cast<unsigned char>(m_bytes[m_at]) : 0U),
            ++m_at;
        return value;
    }
    void skip(std::size_t count) { m_at += static_cast<qsizetype>(count); }
    bool atEnd() const { return m_at >= m_bytes.size(); }
    std::string text(std::size_t count)
    {
        const QByteArray part = m_bytes.mid(m_at, static_cast<qsizetype>(count));
        skip(count);
        return part.toStdString();
    }
    qsizetype position() const { return m_at; }

private:
    const QByteArray &m_bytes;
    qsizetype m_at = 0;
};

/// The server_name of a ClientHello (RFC 8446 §4.1.2, RFC 6066 §3), as far as it lies in these bytes.
std::string serverName(const QByteArray &hello)
{
    ByteReader reader(hello);
    reader.skip(5 + 4 + 2 + 32); // record and handshake headers, version, random
    reader.skip(reader.number(1));
    reader.skip(reader.number(2));
    reader.skip(reader.number(1));
    reader.skip(2);
    while (!reader.atEnd()) {
        const std::size_t type = reader.number(2);
        const std::size_t length = reader.number(2);
        if (type == 0) {
            reader.skip(3);
            return reader.text(reader.number(2));
        }
        reader.skip(length);
    }
    return {};
}

} // namespace

void describeFirstBytes(const QByteArray &bytes, lab::SeenWire &wire)
{
    wire.tls = bytes.size() >= 3 && bytes[0] == 0x16 && bytes[1] == 0x03;
    if (wire.tls)
        wire.sni = serverName(bytes);
    else
        wire.firstLine = bytes.left(bytes.indexOf('\r') < 0 ? 80 : bytes.indexOf('\r')).toStdString();
}

WireTap::WireTap(QObject *parent)
    : QObject(parent)
{
}

WireTap::~WireTap() = default;

Result<void> WireTap::setPlan(const lab::LabPlan &plan)
{
    m_names = plan.names;
    std::vector<Listener> before = std::exchange(m_listeners, {});
    std::vector<lab::Tap> added;
    for (const lab::Tap &tap : plan.taps) {
        const auto same = std::find_if(before.begin(), before.end(), [&tap](const Listener &listener) {
            return listener.server && listener.tap == tap;
        });
        if (same == before.end())
            added.push_back(tap);
        else
            m_listeners.push_back(std::move(*same));
    }
    before.clear();
    for (const lab::Tap &tap : added) {
        auto server = std::make_unique<QTcpServer>();
        if (!server->listen(QHostAddress(QString::fromStdString(tap.seen.address)),
                            static_cast<quint16>(tap.seen.port)))
            return fail("the bytes to " + tap.actual.toString() +
                        " cannot be looked at: " + server->errorString().toStdString());
        connect(server.get(), &QTcpServer::newConnection, this,
                [this, own = server.get(), tap] { accept(own, tap); });
        m_listeners.push_back({tap, std::move(server)});
    }
    return {};
}

void WireTap::accept(QTcpServer *server, const lab::Tap &tap)
{
    const auto nameOf = [this](const std::string &address) {
        const auto found = m_names.find(address);
        return found == m_names.end() ? address : found->second;
    };
    while (QTcpSocket *client = server->nextPendingConnection()) {
        const std::string source = client->peerAddress().toString().toStdString();
        auto connection = std::make_shared<Connection>();
        connection->wire.from = nameOf(source);
        connection->wire.to = nameOf(tap.actual.address);
        auto *tunnel = new Tunnel(client, tap.actual, source, this);
        tunnel->setObserver([this, connection](bool fromClient, const QByteArray &bytes) {
            saw(connection, fromClient, bytes);
        });
        tunnel->start();
    }
}

void WireTap::saw(const std::shared_ptr<Connection> &connection, bool fromClient, const QByteArray &bytes)
{
    const std::scoped_lock lock(m_mutex);
    const bool known =
        std::find(m_connections.begin(), m_connections.end(), connection) != m_connections.end();
    if (!known) {
        // A server that speaks first says nothing of what the client will send.
        if (!fromClient)
            return;
        describeFirstBytes(bytes, connection->wire);
        m_connections.push_back(connection);
    }
    connection->lastBytes = Clock::now();
    if (m_connections.size() >= m_forgetAt)
        forgetEnded();
}

/// A connection that only this list still knows has ended; nobody asks for what passed so long ago.
void WireTap::forgetEnded()
{
    const Clock::time_point recent = Clock::now() - rememberedTime;
    m_connections.erase(std::remove_if(m_connections.begin(), m_connections.end(),
                                       [recent](const std::shared_ptr<Connection> &connection) {
                                           return connection.use_count() == 1 &&
                                                  connection->lastBytes < recent;
                                       }),
                        m_connections.end());
    m_forgetAt = std::max<std::size_t>(leastForgetAt, 2 * m_connections.size());
}

std::vector<lab::SeenWire> WireTap::activeSince(Clock::time_point then) const
{
    const std::scoped_lock lock(m_mutex);
    std::vector<lab::SeenWire> active;
    for (const auto &connection : m_connections) {
        if (connection->lastBytes >= then)
            active.push_back(connection->wire);
    }
    return active;
}

} // namespace sallyport::application
