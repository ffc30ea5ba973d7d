// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/application/name_server.h"

#include "proxy/application/dns_message.h"

#include <QNetworkDatagram>
#include <QUdpSocket>
#include <algorithm>

namespace sallyport::application {

struct NameServer::Listener
{
    lab::NameServer server;
    QUdpSocket socket;
};

NameServer::NameServer(QObject *parent)
    : QObject(parent)
{
}

NameServer::~NameServer() = default;

Result<void> NameServer::setServers(const std::vector<lab::NameServer> &servers)
{
    std::vector<std::unique_ptr<Listener>> kept;
    for (const lab::NameServer &server : servers) {
        const auto known =
            std::find_if(m_listeners.begin(), m_listeners.end(), [&server](const auto &listener) {
                return listener && listener->server.at == server.at;
            });
        if (known != m_listeners.end()) {
            (*known)->server = server;
            kept.push_back(std::move(*known));
            continue;
        }
        auto listener = std::make_unique<Listener>();
        listener->server = server;
        if (!listener->socket.bind(QHostAddress(QString::fromStdString(server.at.address)),
                                   static_cast<quint16>(server.at.port)))
            return fail("the name server's address " + server.at.toString() +
                        " cannot be bound: " + listener->socket.errorString().toStdString());
        connect(&listener->socket, &QUdpSocket::readyRead, this,
                [this, own = listener.get()] { answer(*own); });
        kept.push_back(std::move(listener));
    }
    m_listeners = std::move(kept);
    return {};
}

quint16 NameServer::port() const
{
    return m_listeners.empty() ? quint16{0} : m_listeners.front()->socket.localPort();
}

void NameServer::answer(Listener &listener) const
{
    while (listener.socket.hasPendingDatagrams()) {
        const QNetworkDatagram query = listener.socket.receiveDatagram();
        const QByteArray message = query.data();
        const std::optional<DnsQuestion> question = DnsQuestion::parse(message);
        if (!question)
            continue;
        const auto known = listener.server.addresses.find(question->name);
        std::vector<QHostAddress> addresses;
        if (known != listener.server.addresses.end()) {
            for (const std::string &address : known->second)
                addresses.emplace_back(QString::fromStdString(address));
        }
        // A datagram's own reply would name the interface, and so leave from its first address.
        listener.socket.writeDatagram(
            dnsAnswer(message, *question, known != listener.server.addresses.end(), addresses),
            query.senderAddress(), static_cast<quint16>(query.senderPort()));
    }
}

} // namespace sallyport::application
