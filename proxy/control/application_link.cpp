// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/control/application_link.h"

#include <QHostAddress>
#include <QNetworkProxy>
#include <QTcpSocket>

namespace sallyport::control {

namespace {

constexpr int reconnectInterval = 20;

} // namespace

ApplicationLink::ApplicationLink(const std::vector<lab::ListenAddress> &ports, QObject *parent)
    : ProcessLink(parent)
{
    for (const lab::ListenAddress &port : ports)
        m_ports.push_back(port.at);
    m_retry.setSingleShot(true);
    m_retry.setInterval(reconnectInterval);
    connect(&m_retry, &QTimer::timeout, this, &ApplicationLink::tryNext);
}

void ApplicationLink::open()
{
    tryNext();
}

void ApplicationLink::tryNext()
{
    if (m_ports.empty()) {
        Q_EMIT ready();
        return;
    }
    auto *socket = new QTcpSocket(this);
    socket->setProxy(QNetworkProxy::NoProxy);
    connect(socket, &QTcpSocket::connected, this, [this, socket] {
        socket->abort();
        socket->deleteLater();
        m_ports.pop_back();
        tryNext();
    });
    connect(socket, &QTcpSocket::errorOccurred, this, [this, socket] {
        socket->deleteLater();
        m_retry.start();
    });
    socket->connectToHost(QHostAddress(QString::fromStdString(m_ports.back().address)),
                          static_cast<quint16>(m_ports.back().port));
}

} // namespace sallyport::control
