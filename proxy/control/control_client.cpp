// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/control/control_client.h"

#include "proxy/control/messages.h"

#include <QCborArray>
#include <QLocalSocket>
#include <algorithm>

namespace sallyport::control {

namespace {

constexpr int retryInterval = 20;

std::vector<BoundListener> readListeners(const QCborArray &list)
{
    std::vector<BoundListener> listeners;
    for (qsizetype i = 0; i + 1 < list.size(); i += 2)
        listeners.push_back({list.at(i).toString().toStdString(), list.at(i + 1).toString().toStdString()});
    return listeners;
}

std::vector<CertificateNote> readCertificates(const QCborArray &list)
{
    std::vector<CertificateNote> notes;
    for (const QCborValueConstRef item : list) {
        const QCborMap one = item.toMap();
        notes.push_back({one.value(wire::path).toString().toStdString(),
                         one.value(wire::subject).toString().toStdString(),
                         one.value(wire::serial).toString().toStdString(),
                         wire::wholeNumber(one.value(wire::notAfter))});
    }
    return notes;
}

} // namespace

ControlClient::ControlClient(const QString &path, bool owner, QObject *parent)
    : ProcessLink(parent)
    , m_path(path)
    , m_owner(owner)
    , m_socket(std::make_unique<QLocalSocket>())
{
    m_retry.setSingleShot(true);
    m_retry.setInterval(retryInterval);
    connect(&m_retry, &QTimer::timeout, this, &ControlClient::connectOnce);
    connect(m_socket.get(), &QLocalSocket::connected, this, [this] {
        QCborMap hello = wire::message(wire::hello);
        hello.insert(wire::versionKey, wire::version);
        hello.insert(wire::owner, m_owner);
        send(hello);
    });
    connect(m_socket.get(), &QLocalSocket::errorOccurred, this, [this] {
        if (!m_ended)
            m_retry.start();
    });
    connect(m_socket.get(), &QLocalSocket::readyRead, this, &ControlClient::read);
    connect(m_socket.get(), &QLocalSocket::disconnected, this, [this] {
        m_ended = true;
        Q_EMIT disconnected();
    });
}

ControlClient::~ControlClient()
{
    m_socket->disconnect(this);
}

void ControlClient::open()
{
    connectOnce();
}

bool ControlClient::isConnected() const
{
    return m_socket->state() == QLocalSocket::ConnectedState;
}

void ControlClient::connectOnce()
{
    if (!m_ended && m_socket->state() == QLocalSocket::UnconnectedState)
        m_socket->connectToServer(m_path);
}

void ControlClient::finish()
{
    // What the gateway sent before it ended may still lie in the socket.
    while (isConnected() && m_socket->waitForReadyRead(0))
        read();
    m_ended = true;
    m_retry.stop();
}

void ControlClient::send(const QCborMap &message)
{
    if (isConnected())
        m_socket->write(frame(message));
}

void ControlClient::askStats()
{
    if (m_statsAsked || !isConnected())
        return;
    m_statsAsked = true;
    send(wire::message(wire::askStats));
}

bool ControlClient::apply(const QByteArray &bootstrap)
{
    if (!isConnected())
        return false;
    QCborMap message = wire::message(wire::apply);
    message.insert(wire::bootstrap, bootstrap);
    send(message);
    return true;
}

void ControlClient::drain()
{
    send(wire::message(wire::drain));
}

void ControlClient::stop(std::chrono::milliseconds grace)
{
    QCborMap message = wire::message(wire::stop);
    message.insert(wire::grace, static_cast<qint64>(grace.count()));
    send(message);
}

void ControlClient::breakOff(const QString &why)
{
    m_ended = true;
    m_socket->abort();
    Q_EMIT problem(why);
}

void ControlClient::read()
{
    if (!m_socket->isOpen())
        return;
    m_reader.append(m_socket->readAll());
    while (true) {
        const auto message = m_reader.next();
        if (!message) {
            breakOff(QStringLiteral("the control channel is broken: ") +
                     QString::fromStdString(message.error().what));
            return;
        }
        if (!*message)
            return;
        take(**message);
    }
}

void ControlClient::take(const QCborMap &message)
{
    const QString type = message.value(wire::type).toString();
    const auto text = [&message](QLatin1String key) { return message.value(key).toString(); };
    if (type == wire::hello) {
        if (wire::wholeNumber(message.value(wire::versionKey)) != wire::version)
            Q_EMIT failed(QStringLiteral("it speaks another version of the control channel: it is not of the "
                                         "same installation as this program"));
    } else if (type == wire::ready) {
        Q_EMIT listening(readListeners(message.value(wire::listeners).toArray()));
        Q_EMIT ready();
    } else if (type == wire::certificates) {
        Q_EMIT certificates(readCertificates(message.value(wire::list).toArray()));
    } else if (type == wire::error) {
        const Error error{text(wire::what).toStdString(),
                          {text(wire::where).toStdString(), 0, 0},
                          text(wire::hint).toStdString()};
        Q_EMIT problem(QString::fromStdString(error.toString()));
    } else if (type == wire::applied) {
        Q_EMIT applied(text(wire::what), text(wire::where));
    } else if (type == wire::log) {
        const QCborArray list = message.value(wire::lines).toArray();
        QList<LogLine> found;
        found.reserve(list.size() / 2);
        for (qsizetype i = 0; i + 1 < list.size(); i += 2)
            found.append({list.at(i + 1).toByteArray(), list.at(i).toBool()});
        Q_EMIT lines(found, static_cast<quint64>(
                                std::max<qint64>(0, wire::wholeNumber(message.value(wire::dropped)))));
    } else if (type == wire::stats) {
        m_statsAsked = false;
        Q_EMIT stats(wire::readStats(message));
    }
}

} // namespace sallyport::control
