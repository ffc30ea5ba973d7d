// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/application/forward_proxy.h"

#include "core/lab/network_view.h"
#include "proxy/application/proxy_header.h"
#include "proxy/application/tunnel.h"

#include <QTcpServer>
#include <QTcpSocket>
#include <QUrl>
#include <algorithm>

namespace sallyport::application {

namespace {

constexpr qsizetype headLimit = qsizetype(64) * 1024;

void refuse(QTcpSocket *client, const char *status, const std::string &why)
{
    const QByteArray body = QByteArray::fromStdString(why + '\n');
    client->write(QByteArray("HTTP/1.1 ") + status +
                  "\r\ncontent-type: text/plain\r\nconnection: close\r\ncontent-length: " +
                  QByteArray::number(body.size()) + "\r\n\r\n" + body);
    client->disconnectFromHost();
}

/// What a client of the proxy asks for.
struct Wanted
{
    QByteArray host;
    int port = 0;
    bool tunnel = false;
    QByteArray forward; ///< the request's head for the server
};

bool splitAuthority(QByteArray authority, int defaultPort, Wanted &wanted)
{
    const qsizetype colon = authority.lastIndexOf(':');
    wanted.port = defaultPort;
    if (colon >= 0 && !authority.endsWith(']')) {
        bool ok = false;
        wanted.port = authority.mid(colon + 1).toUShort(&ok);
        if (!ok)
            return false;
        authority.truncate(colon);
    }
    wanted.host = authority;
    return !authority.isEmpty() && wanted.port > 0;
}

/// The head without what is for the proxy alone. The connection ends with the answer: the next request of the
/// same client may be for another host.
QByteArray forwardedHead(const QByteArray &requestLine, const QByteArray &fields)
{
    QByteArray head = requestLine + "\r\n";
    bool upgrade = false;
    for (const QByteArray &field : fields.split('\n')) {
        const QByteArray line = field.endsWith('\r') ? field.chopped(1) : field;
        const QByteArray name = line.left(line.indexOf(':')).trimmed().toLower();
        if (line.isEmpty() || name == "proxy-connection" || name == "proxy-authorization")
            continue;
        if (name == "upgrade")
            upgrade = true;
        if (name == "connection" && !line.toLower().contains("upgrade"))
            continue;
        head += line + "\r\n";
    }
    if (!upgrade)
        head += "Connection: close\r\n";
    return head + "\r\n";
}

bool understand(const QByteArray &head, Wanted &wanted)
{
    const qsizetype end = head.indexOf("\r\n");
    const QList<QByteArray> words = head.left(end).split(' ');
    if (words.size() != 3)
        return false;
    if (words[0] == "CONNECT") {
        wanted.tunnel = true;
        return splitAuthority(words[1], 443, wanted);
    }
    if (!words[1].startsWith("http://"))
        return false;
    const qsizetype slash = words[1].indexOf('/', 7);
    const QByteArray authority = words[1].mid(7, slash < 0 ? -1 : slash - 7);
    const QByteArray target = slash < 0 ? QByteArray("/") : words[1].mid(slash);
    wanted.forward = forwardedHead(words[0] + ' ' + target + ' ' + words[2], head.mid(end + 2));
    return splitAuthority(authority.mid(authority.lastIndexOf('@') + 1), 80, wanted);
}

} // namespace

ForwardProxy::ForwardProxy(QObject *parent)
    : QObject(parent)
{
}

ForwardProxy::~ForwardProxy() = default;

Result<void> ForwardProxy::setPlan(const lab::LabPlan &plan)
{
    m_plan = plan;
    std::vector<Port> kept;
    for (const lab::Instance &instance : m_plan.instances) {
        if (!instance.forward.isSet())
            continue;
        const auto known = std::find_if(m_ports.begin(), m_ports.end(), [&instance](const Port &port) {
            return port.server && port.instance == instance.name && port.at == instance.forward;
        });
        if (known != m_ports.end()) {
            kept.push_back(std::move(*known));
            continue;
        }
        Port port{instance.name, instance.forward, std::make_unique<QTcpServer>()};
        if (!port.server->listen(QHostAddress(QString::fromStdString(instance.forward.address)),
                                 static_cast<quint16>(instance.forward.port)))
            return fail("the forward proxy of " + instance.name + " cannot listen on " +
                        instance.forward.toString() + ": " + port.server->errorString().toStdString());
        connect(port.server.get(), &QTcpServer::newConnection, this,
                [this, server = port.server.get(), name = instance.name] { accept(server, name); });
        kept.push_back(std::move(port));
    }
    m_ports = std::move(kept);
    return {};
}

void ForwardProxy::accept(QTcpServer *server, const std::string &instance)
{
    while (QTcpSocket *client = server->nextPendingConnection()) {
        client->setParent(this);
        client->setReadBufferSize(headLimit + 1);
        connect(client, &QTcpSocket::disconnected, client, &QObject::deleteLater);
        connect(client, &QTcpSocket::readyRead, this,
                [this, client, instance] { readHead(client, instance); });
    }
}

void ForwardProxy::readHead(QTcpSocket *client, const std::string &instance)
{
    const QByteArray seen = client->peek(headLimit + 1);
    const qsizetype end = seen.indexOf("\r\n\r\n");
    if (end < 0) {
        if (seen.size() > headLimit)
            refuse(client, "431 Request Header Fields Too Large", "the request's head is too long");
        return;
    }
    client->disconnect(this);
    client->disconnect(client);
    serve(client, instance, client->read(end + 4));
}

void ForwardProxy::serve(QTcpSocket *client, const std::string &name, const QByteArray &head)
{
    connect(client, &QTcpSocket::disconnected, client, &QObject::deleteLater);
    Wanted wanted;
    if (!understand(head.chopped(2), wanted)) {
        refuse(client, "400 Bad Request", "this is the forward proxy of " + name + ": use it with `curl -x`");
        return;
    }
    const lab::NetworkView network(m_plan);
    const auto instance = network.find(name);
    if (!instance) {
        refuse(client, "502 Bad Gateway", instance.error().what);
        return;
    }
    const std::vector<std::string> addresses = network.resolve(**instance, wanted.host.toStdString());
    if (addresses.empty()) {
        refuse(client, "502 Bad Gateway", '`' + wanted.host.toStdString() + "` does not resolve in " + name);
        return;
    }
    const lab::Destination way = network.way(**instance, addresses.front(), wanted.port, m_turn++);
    client->disconnect(client);
    auto *tunnel = new Tunnel(client, way.connectTo, way.source, this);
    tunnel->setPreamble([way, forward = wanted.forward](const lab::SocketAddress &local) {
        const QByteArray header =
            way.proxied ? QByteArray::fromStdString(proxyHeader(local, way.original)) : QByteArray();
        return header + forward;
    });
    if (wanted.tunnel)
        tunnel->setGreeting("HTTP/1.1 200 Connection established\r\n\r\n");
    connect(tunnel, &Tunnel::unreachable, this, [way](QTcpSocket *unanswered) {
        refuse(unanswered, "502 Bad Gateway", way.connectTo.toString() + " does not take connections");
    });
    tunnel->start();
}

} // namespace sallyport::application
