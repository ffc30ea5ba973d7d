// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/control/envoy_link.h"

#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QNetworkRequest>
#include <QUrl>

namespace sallyport::control {

namespace {

constexpr int readyInterval = 50;
constexpr int followInterval = 100;
constexpr int answerLimit = 5000;

QNetworkReply *get(QNetworkAccessManager *network, const lab::SocketAddress &admin, const char *path)
{
    QNetworkRequest request(
        QUrl(QStringLiteral("http://") + QString::fromStdString(admin.toString()) + QLatin1String(path)));
    request.setTransferTimeout(answerLimit);
    return network->get(request);
}

} // namespace

EnvoyLink::EnvoyLink(const lab::Process &process, QNetworkAccessManager *network, QObject *parent)
    : ProcessLink(parent)
    , m_admin(process.admin)
    , m_network(network)
{
    if (!process.accessLogPath.empty())
        m_log.emplace(QString::fromStdString(process.accessLogPath), process.accessLogFormat.empty());
    m_retry.setSingleShot(true);
    m_retry.setInterval(readyInterval);
    connect(&m_retry, &QTimer::timeout, this, &EnvoyLink::askReady);
    m_follow.setInterval(followInterval);
    connect(&m_follow, &QTimer::timeout, this, &EnvoyLink::readLog);
}

void EnvoyLink::open()
{
    askReady();
    if (m_log)
        m_follow.start();
}

void EnvoyLink::finish()
{
    m_retry.stop();
    m_follow.stop();
    readLog();
}

void EnvoyLink::askReady()
{
    QNetworkReply *reply = get(m_network, m_admin, "/ready");
    // Live means that its workers run, which Envoy starts after all of its listeners listen.
    connect(reply, &QNetworkReply::finished, this, [this, reply] {
        reply->deleteLater();
        if (reply->error() != QNetworkReply::NoError) {
            m_retry.start();
            return;
        }
        m_ready = true;
        Q_EMIT ready();
    });
}

void EnvoyLink::askStats()
{
    if (!m_ready || m_statsAsked)
        return;
    m_statsAsked = true;
    QNetworkReply *reply = get(m_network, m_admin, EnvoyStats::path);
    connect(reply, &QNetworkReply::finished, this, [this, reply] {
        reply->deleteLater();
        m_statsAsked = false;
        if (reply->error() != QNetworkReply::NoError)
            return;
        if (const auto snapshot = m_stats.next(reply->readAll()))
            Q_EMIT stats(*snapshot);
        else
            Q_EMIT problem(QString::fromStdString(snapshot.error().toString()));
    });
}

void EnvoyLink::readLog()
{
    if (!m_log)
        return;
    const LogFollower::Found found = m_log->poll();
    if (!found.lines.isEmpty() || found.dropped > 0)
        Q_EMIT lines(found.lines, found.dropped);
}

} // namespace sallyport::control
