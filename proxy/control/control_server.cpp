// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/control/control_server.h"

#include "proxy/control/frame.h"
#include "proxy/control/messages.h"
#include "proxy/control/stats_changes.h"

#include <QCborArray>
#include <QDir>
#include <QFileInfo>
#include <QLocalServer>
#include <QLocalSocket>
#include <QPointer>
#include <QTimer>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace sallyport::control {

namespace {

/// How many bytes of lines may wait for the main thread, and how many for a reader that is slow.
constexpr std::size_t mostWaiting = std::size_t(4) * 1024 * 1024;
constexpr qint64 mostUnread = qint64(4) * 1024 * 1024;
constexpr int batchInterval = 20;
/// Errors that a later supervisor still gets to know.
constexpr std::size_t keptErrors = 16;

struct Line
{
    QByteArray bytes;
    bool json = false;
};

Result<void> makePrivate(const QString &folder)
{
    const std::string path = folder.toStdString();
    if (::mkdir(path.c_str(), 0700) == 0)
        return {};
    if (errno != EEXIST)
        return fail(std::string("the control socket's folder cannot be made: ") + std::strerror(errno),
                    {path});
    struct stat info = {};
    if (::lstat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode) || info.st_uid != ::geteuid())
        return fail("the control socket's folder is not a folder of this user", {path},
                    "give --control a path in a folder of your own");
    if ((info.st_mode & 077) != 0)
        return fail("the control socket's folder is open to other users", {path},
                    "close it with chmod 700, or give --control a path in another folder");
    return {};
}

QCborMap errorMessage(const Error &error)
{
    QCborMap message = wire::message(wire::error);
    message.insert(wire::what, QString::fromStdString(error.what));
    message.insert(wire::where, QString::fromStdString(error.where.toString()));
    message.insert(wire::hint, QString::fromStdString(error.hint));
    return message;
}

} // namespace

struct ControlServer::State
{
    /// A connected supervisor.
    struct Peer
    {
        QLocalSocket *socket = nullptr;
        FrameReader reader;
        StatsChanges stats;
        bool greeted = false;
        bool owner = false;
        std::uint64_t dropped = 0; ///< lines it has not been told of yet
    };

    explicit State(ControlServer *own)
        : server(own)
    {
        batch.setSingleShot(true);
        batch.setInterval(batchInterval);
        QObject::connect(&batch, &QTimer::timeout, own, [this] { deliver(); });
        QObject::connect(&listener, &QLocalServer::newConnection, own, [this] { accept(); });
    }

    void accept();
    void read(Peer *peer);
    void obey(Peer *peer, const QCborMap &message);
    void gone(QLocalSocket *socket);
    void deliver();
    void toAll(const QByteArray &bytes);
    void answerApply(Peer *peer, const QCborMap &message);
    void answerStats(Peer *peer, const QCborMap &message);

    ControlServer *server;
    QLocalServer listener;
    QTimer batch;
    std::vector<std::unique_ptr<Peer>> peers;
    CommandHandler *handler = nullptr;
    telemetry::StatsStore *stats = nullptr;
    QByteArray ready;
    QByteArray certificates;
    std::vector<QByteArray> errors;

    std::atomic<int> readers{0};
    std::atomic<std::uint64_t> lost{0};
    std::mutex mutex; ///< of what follows
    std::vector<Line> waiting;
    std::size_t waitingBytes = 0;
    std::uint64_t overflow = 0; ///< lines that found the queue full since the last batch
};

ControlServer::ControlServer(QObject *parent)
    : QObject(parent)
    , m_state(std::make_unique<State>(this))
{
}

ControlServer::~ControlServer()
{
    // Peers that disconnect while this goes down are no owners that went away.
    for (const auto &peer : m_state->peers)
        peer->socket->disconnect(this);
}

void ControlServer::setHandler(CommandHandler *handler)
{
    m_state->handler = handler;
}

void ControlServer::setStats(telemetry::StatsStore *stats)
{
    m_state->stats = stats;
}

Result<void> ControlServer::listen(const QString &path)
{
    if (!QDir::isAbsolutePath(path))
        return fail("the control socket's path is not absolute", {path.toStdString()});
    if (auto made = makePrivate(QFileInfo(path).path()); !made)
        return made;
    if (QFileInfo::exists(path)) {
        QLocalSocket probe;
        probe.connectToServer(path);
        if (probe.waitForConnected(1000))
            return fail("another gateway listens on this control socket", {path.toStdString()});
        // What an earlier gateway left behind.
        QLocalServer::removeServer(path);
    }
    if (!m_state->listener.listen(path))
        return fail("the control socket cannot be made: " + m_state->listener.errorString().toStdString(),
                    {path.toStdString()});
    return {};
}

void ControlServer::sendReady(const std::vector<BoundListener> &listeners)
{
    QCborArray list;
    for (const BoundListener &listener : listeners) {
        list.append(QString::fromStdString(listener.name));
        list.append(QString::fromStdString(listener.address));
    }
    QCborMap message = wire::message(wire::ready);
    message.insert(wire::listeners, list);
    m_state->ready = frame(message);
    m_state->toAll(m_state->ready);
}

void ControlServer::sendCertificates(const std::vector<CertificateNote> &certificates)
{
    QCborArray list;
    for (const CertificateNote &note : certificates) {
        QCborMap one;
        one.insert(wire::path, QString::fromStdString(note.path));
        one.insert(wire::subject, QString::fromStdString(note.subject));
        one.insert(wire::serial, QString::fromStdString(note.serial));
        one.insert(wire::notAfter, static_cast<qint64>(note.notAfter));
        list.append(one);
    }
    QCborMap message = wire::message(wire::certificates);
    message.insert(wire::list, list);
    m_state->certificates = frame(message);
    m_state->toAll(m_state->certificates);
}

void ControlServer::sendError(const Error &error)
{
    std::vector<QByteArray> &errors = m_state->errors;
    errors.push_back(frame(errorMessage(error)));
    if (errors.size() > keptErrors)
        errors.erase(errors.begin());
    m_state->toAll(errors.back());
}

void ControlServer::onLogLine(std::string_view line, bool json)
{
    State &state = *m_state;
    if (state.readers.load(std::memory_order_relaxed) == 0)
        return;
    const std::scoped_lock lock(state.mutex);
    if (state.waitingBytes + line.size() > mostWaiting) {
        ++state.overflow;
        return;
    }
    const bool wake = state.waiting.empty();
    state.waitingBytes += line.size();
    state.waiting.push_back({QByteArray(line.data(), static_cast<qsizetype>(line.size())), json});
    if (wake)
        QMetaObject::invokeMethod(
            this, [&state] { state.batch.start(); }, Qt::QueuedConnection);
}

std::uint64_t ControlServer::droppedLines() const
{
    return m_state->lost.load(std::memory_order_relaxed);
}

void ControlServer::State::accept()
{
    while (QLocalSocket *socket = listener.nextPendingConnection()) {
        auto peer = std::make_unique<Peer>();
        peer->socket = socket;
        Peer *own = peer.get();
        QObject::connect(socket, &QLocalSocket::readyRead, server, [this, own] { read(own); });
        QObject::connect(socket, &QLocalSocket::disconnected, server, [this, socket] { gone(socket); });
        peers.push_back(std::move(peer));
        read(own);
    }
}

void ControlServer::State::read(Peer *peer)
{
    peer->reader.append(peer->socket->readAll());
    while (true) {
        const auto message = peer->reader.next();
        if (!message) {
            peer->socket->abort();
            return;
        }
        if (!*message)
            return;
        obey(peer, **message);
    }
}

void ControlServer::State::obey(Peer *peer, const QCborMap &message)
{
    const QString type = message.value(wire::type).toString();
    if (type == wire::hello && !peer->greeted) {
        peer->greeted = true;
        peer->owner = message.value(wire::owner).toBool();
        readers.fetch_add(1);
        QCborMap answer = wire::message(wire::hello);
        answer.insert(wire::versionKey, wire::version);
        peer->socket->write(frame(answer));
        peer->socket->write(certificates);
        for (const QByteArray &error : errors)
            peer->socket->write(error);
        peer->socket->write(ready);
    } else if (type == wire::apply) {
        answerApply(peer, message);
    } else if (type == wire::askStats) {
        answerStats(peer, message);
    } else if (type == wire::drain && handler) {
        handler->drain();
    } else if (type == wire::stop && handler) {
        handler->stop(std::chrono::milliseconds(wire::wholeNumber(message.value(wire::grace))));
    }
}

void ControlServer::State::answerApply(Peer *peer, const QCborMap &message)
{
    // Clusters may have to get their hosts first; the supervisor may be gone by then.
    const auto answer = [socket = QPointer<QLocalSocket>(peer->socket),
                         id = message.value(wire::id)](const Result<void> &done) {
        if (!socket)
            return;
        QCborMap applied = wire::message(wire::applied);
        applied.insert(wire::id, id);
        if (!done) {
            Error error = done.error();
            applied.insert(wire::where, QString::fromStdString(error.where.toString()));
            error.where = {};
            applied.insert(wire::what, QString::fromStdString(error.toString()));
        }
        socket->write(frame(applied));
    };
    if (handler)
        handler->applyBootstrap(message.value(wire::bootstrap).toByteArray(), answer);
    else
        answer(fail("this gateway takes no bootstrap yet"));
}

void ControlServer::State::answerStats(Peer *peer, const QCborMap &message)
{
    if (!stats)
        return;
    QCborMap answer = wire::statsMessage(peer->stats.next(*stats));
    answer.insert(wire::id, message.value(wire::id));
    peer->socket->write(frame(answer));
}

void ControlServer::State::gone(QLocalSocket *socket)
{
    for (auto it = peers.begin(); it != peers.end(); ++it) {
        if ((*it)->socket != socket)
            continue;
        const bool owner = (*it)->owner;
        if ((*it)->greeted)
            readers.fetch_sub(1);
        peers.erase(it);
        socket->deleteLater();
        if (owner)
            Q_EMIT server->ownerGone();
        return;
    }
}

void ControlServer::State::deliver()
{
    std::vector<Line> lines;
    std::uint64_t missed = 0;
    {
        const std::scoped_lock lock(mutex);
        lines.swap(waiting);
        missed = std::exchange(overflow, 0);
        waitingBytes = 0;
    }
    QCborArray list;
    for (const Line &line : lines) {
        list.append(line.json);
        list.append(line.bytes);
    }
    lost.fetch_add(missed, std::memory_order_relaxed);
    bool again = false;
    for (const auto &peer : peers) {
        if (!peer->greeted)
            continue;
        peer->dropped += missed;
        if (peer->socket->bytesToWrite() > mostUnread) {
            peer->dropped += lines.size();
            lost.fetch_add(lines.size(), std::memory_order_relaxed);
            again = true;
            continue;
        }
        if (lines.empty() && peer->dropped == 0)
            continue;
        QCborMap message = wire::message(wire::log);
        message.insert(wire::lines, list);
        message.insert(wire::dropped, static_cast<qint64>(std::exchange(peer->dropped, 0)));
        peer->socket->write(frame(message));
    }
    // A reader that was too slow gets to know what it missed as soon as it has caught up.
    if (again && !batch.isActive())
        batch.start();
}

void ControlServer::State::toAll(const QByteArray &bytes)
{
    for (const auto &peer : peers) {
        if (peer->greeted)
            peer->socket->write(bytes);
    }
}

} // namespace sallyport::control
