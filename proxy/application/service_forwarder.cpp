// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/application/service_forwarder.h"

#include "proxy/application/tunnel.h"

#include <QTcpServer>
#include <QTcpSocket>
#include <algorithm>

namespace sallyport::application {

struct ServiceForwarder::Listener
{
    lab::Route route;
    QTcpServer server;
    std::size_t next = 0;
};

ServiceForwarder::ServiceForwarder(QObject *parent)
    : QObject(parent)
{
}

ServiceForwarder::~ServiceForwarder() = default;

Result<void> ServiceForwarder::setRoutes(const std::vector<lab::Route> &routes)
{
    std::vector<std::unique_ptr<Listener>> kept;
    for (const lab::Route &route : routes) {
        if (route.actual.empty())
            continue;
        const auto known =
            std::find_if(m_listeners.begin(), m_listeners.end(), [&route](const auto &listener) {
                return listener && listener->route.seen == route.seen;
            });
        if (known != m_listeners.end()) {
            (*known)->route = route;
            kept.push_back(std::move(*known));
            continue;
        }
        auto listener = std::make_unique<Listener>();
        listener->route = route;
        if (!listener->server.listen(QHostAddress(QString::fromStdString(route.seen.address)),
                                     static_cast<quint16>(route.seen.port)))
            return fail("the Service address " + route.seen.toString() +
                        " cannot be bound: " + listener->server.errorString().toStdString());
        Listener *own = listener.get();
        connect(&own->server, &QTcpServer::newConnection, this, [this, own] {
            while (QTcpSocket *client = own->server.nextPendingConnection()) {
                const lab::SocketAddress target = own->route.actual[own->next++ % own->route.actual.size()];
                auto *tunnel =
                    new Tunnel(client, target, client->peerAddress().toString().toStdString(), this);
                tunnel->start();
            }
        });
        kept.push_back(std::move(listener));
    }
    m_listeners = std::move(kept);
    return {};
}

} // namespace sallyport::application
