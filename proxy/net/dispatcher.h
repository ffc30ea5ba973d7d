// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractEventDispatcher>
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <sys/epoll.h>

namespace sallyport::net {

class Timer;
class Soon;

using Clock = std::chrono::steady_clock;

/// Gets the events of one watched descriptor.
class IoHandler
{
public:
    virtual ~IoHandler() = default;
    /// `events` is a set of EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLHUP, EPOLLERR.
    virtual void onIo(std::uint32_t events) = 0;

    /// The objects that onIo() goes through. Their memory is asked for while the events before are handled:
    /// among a thousand connections none of it is in the processor's caches any more.
    enum class Step : std::uint8_t { Transport, User, Codec, Request, Stream, Downstream, Answer };
    /// Only a hint: the object may have gone when the event comes.
    template<typename Object>
    void goesThrough(Step step, const Object *object, std::size_t size = sizeof(Object))
    {
        m_path[static_cast<std::size_t>(step)] = {object, size};
    }

private:
    friend class EpollDispatcher;
    struct Piece
    {
        const void *begin = nullptr;
        std::size_t size = 0;
    };
    std::array<Piece, 7> m_path;
};

/// Base of what may be destroyed only after the current event has been handled.
class Deferred
{
public:
    virtual ~Deferred() = default;
};

/// Qt's event loop of one thread on epoll. Everything of Qt that needs an event dispatcher (queued signals,
/// QTimer, QSocketNotifier, QNetworkAccessManager, …) works on such a thread; beside it stands an API without
/// signals for the data path, whose cost does not grow with the number of idle sockets.
/// Set it with QThread::setEventDispatcher (or QCoreApplication::setEventDispatcher) before the thread
/// starts. Only post() and wakeUp() may be called from other threads.
class EpollDispatcher final : public QAbstractEventDispatcher
{
public:
    /// Wakes for these; edge-triggered sources must be drained until EAGAIN.
    static constexpr std::uint32_t EdgeReadWrite = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

    explicit EpollDispatcher(QObject *parent = nullptr);
    ~EpollDispatcher() override;

    /// The one of the calling thread, or null.
    static EpollDispatcher *current();

    /// Watches `fd` until unwatch(). The handler is not owned; after unwatch() it gets nothing more, not even
    /// events that were already collected.
    void watch(int fd, std::uint32_t events, IoHandler *handler);
    void modify(int fd, std::uint32_t events);
    void unwatch(int fd);
    bool isWatched(int fd) const;

    /// Runs `task` on this thread, in order of posting. Thread-safe.
    void post(std::function<void()> task);
    /// Destroys `object` once the current event has been handled.
    void deferredDelete(std::unique_ptr<Deferred> object);

    /// Time of the last wake-up: cheap, and the same for everything that one event causes.
    Clock::time_point now() const { return m_now; }
    /// Reads the clock again.
    Clock::time_point updateNow();

    // Qt's part.
    bool processEvents(QEventLoop::ProcessEventsFlags flags) override;
    void registerSocketNotifier(QSocketNotifier *notifier) override;
    void unregisterSocketNotifier(QSocketNotifier *notifier) override;
    void registerTimer(int timerId, qint64 interval, Qt::TimerType type, QObject *object) override;
    bool unregisterTimer(int timerId) override;
    bool unregisterTimers(QObject *object) override;
    QList<TimerInfo> registeredTimers(QObject *object) const override;
    int remainingTime(int timerId) override;
    void wakeUp() override;
    void interrupt() override;
    void startingUp() override;
    void closingDown() override;

private:
    friend class Timer;
    friend class Soon;
    struct State;

    bool waitAndHandle(int timeout, bool excludeSockets);
    void afterEvent();
    void runTasks();
    void runLater();
    void fetchAhead(const epoll_event *events, int count, int handled) const;

    std::unique_ptr<State> m_state;
    Clock::time_point m_now;
};

} // namespace sallyport::net
