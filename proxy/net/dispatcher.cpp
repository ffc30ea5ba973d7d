// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/dispatcher.h"

#include "proxy/net/dispatcher_state.h"

#include <QCoreApplication>
#include <QThread>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

namespace sallyport::net {

namespace {

constexpr int EventsPerWait = 128;

/// How much of a handler every event needs.
constexpr std::size_t HotPart = 384;

thread_local EpollDispatcher *t_current = nullptr;

void fetch(const void *begin, std::size_t size)
{
    constexpr std::size_t Line = 64;
    for (std::size_t at = 0; at < size; at += Line)
        __builtin_prefetch(static_cast<const char *>(begin) + at);
}

std::uint64_t ticksOf(Clock::time_point time)
{
    return static_cast<std::uint64_t>(
        std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count());
}

} // namespace

EpollDispatcher::EpollDispatcher(QObject *parent)
    : QAbstractEventDispatcher(parent)
    , m_state(std::make_unique<State>())
    , m_now(Clock::now())
{
    m_state->epoll.reset(epoll_create1(EPOLL_CLOEXEC));
    m_state->wakeFd.reset(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (!m_state->epoll.isOpen() || !m_state->wakeFd.isOpen())
        qFatal("cannot create an event queue: %s", std::strerror(errno));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = static_cast<std::uint64_t>(m_state->wakeFd.get());
    epoll_ctl(m_state->epoll.get(), EPOLL_CTL_ADD, m_state->wakeFd.get(), &event);
    m_state->wheel.advance(ticksOf(m_now), [] {});
}

EpollDispatcher::~EpollDispatcher()
{
    if (t_current == this)
        t_current = nullptr;
    while (!m_state->deferred.empty())
        std::exchange(m_state->deferred, {}).clear();
    m_state->timers.clear();
}

EpollDispatcher *EpollDispatcher::current()
{
    if (t_current == nullptr)
        t_current = dynamic_cast<EpollDispatcher *>(QAbstractEventDispatcher::instance());
    return t_current;
}

void EpollDispatcher::startingUp() {}

void EpollDispatcher::closingDown()
{
    if (t_current == this)
        t_current = nullptr;
}

void EpollDispatcher::watch(int fd, std::uint32_t events, IoHandler *handler)
{
    auto &watches = m_state->watches;
    if (watches.size() <= static_cast<std::size_t>(fd))
        watches.resize(static_cast<std::size_t>(fd) * 2 + 64);
    auto &watch = watches[static_cast<std::size_t>(fd)];
    watch.handler = handler;
    ++watch.generation;
    epoll_event event{};
    event.events = events;
    event.data.u64 = static_cast<std::uint64_t>(watch.generation) << 32U | static_cast<std::uint32_t>(fd);
    epoll_ctl(m_state->epoll.get(), EPOLL_CTL_ADD, fd, &event);
}

void EpollDispatcher::modify(int fd, std::uint32_t events)
{
    const auto &watch = m_state->watches[static_cast<std::size_t>(fd)];
    epoll_event event{};
    event.events = events;
    event.data.u64 = static_cast<std::uint64_t>(watch.generation) << 32U | static_cast<std::uint32_t>(fd);
    epoll_ctl(m_state->epoll.get(), EPOLL_CTL_MOD, fd, &event);
}

void EpollDispatcher::unwatch(int fd)
{
    auto &watch = m_state->watches[static_cast<std::size_t>(fd)];
    if (watch.handler == nullptr)
        return;
    watch.handler = nullptr;
    ++watch.generation;
    epoll_event unused{};
    epoll_ctl(m_state->epoll.get(), EPOLL_CTL_DEL, fd, &unused);
}

bool EpollDispatcher::isWatched(int fd) const
{
    return static_cast<std::size_t>(fd) < m_state->watches.size() &&
           m_state->watches[static_cast<std::size_t>(fd)].handler != nullptr;
}

void EpollDispatcher::post(std::function<void()> task)
{
    {
        const std::lock_guard lock(m_state->mutex);
        m_state->tasks.push_back(std::move(task));
    }
    wakeUp();
}

void EpollDispatcher::deferredDelete(std::unique_ptr<Deferred> object)
{
    m_state->deferred.push_back(std::move(object));
}

Clock::time_point EpollDispatcher::updateNow()
{
    m_now = Clock::now();
    return m_now;
}

void EpollDispatcher::wakeUp()
{
    if (!m_state->awake.exchange(true, std::memory_order_acq_rel)) {
        const std::uint64_t one = 1;
        // The only possible failure is a full counter, which wakes as well.
        [[maybe_unused]] const auto written = write(m_state->wakeFd.get(), &one, sizeof one);
    }
}

void EpollDispatcher::interrupt()
{
    m_state->interrupted.store(true, std::memory_order_release);
    wakeUp();
}

void EpollDispatcher::afterEvent()
{
    State &state = *m_state;
    while (state.soon != nullptr) {
        Soon *soon = state.soon;
        soon->cancel();
        soon->m_run();
    }
    // What an outer event still uses must stay while a nested loop runs.
    while (!state.deferred.empty() && state.depth <= 1) {
        state.ending.swap(state.deferred);
        state.ending.clear();
    }
}

void EpollDispatcher::runTasks()
{
    std::vector<std::function<void()>> tasks;
    {
        const std::lock_guard lock(m_state->mutex);
        tasks.swap(m_state->tasks);
    }
    for (auto &task : tasks) {
        task();
        afterEvent();
    }
}

void EpollDispatcher::runLater()
{
    State &state = *m_state;
    if (state.later == nullptr)
        return;
    // Those of before only: one that schedules itself again waits for the next round. The list moves to a
    // head of its own, so that cancelling one of them still works.
    Soon *round = state.later;
    round->m_link = &round;
    state.later = nullptr;
    state.laterTail = &state.later;
    while (round != nullptr) {
        Soon *soon = round;
        soon->cancel();
        soon->m_run();
        afterEvent();
    }
}

bool EpollDispatcher::processEvents(QEventLoop::ProcessEventsFlags flags)
{
    State &state = *m_state;
    t_current = this;
    state.interrupted.store(false, std::memory_order_release);
    ++state.depth;

    Q_EMIT awake();
    QCoreApplication::sendPostedEvents();
    afterEvent();

    bool handled = false;
    if (!state.interrupted.load(std::memory_order_acquire)) {
        int timeout = 0;
        if (flags.testFlag(QEventLoop::WaitForMoreEvents) && state.later == nullptr) {
            Q_EMIT aboutToBlock();
            timeout = -1;
            const std::uint64_t next = state.wheel.nextTick();
            if (next != TimerWheel::Never) {
                const std::uint64_t now = ticksOf(updateNow());
                timeout = next <= now ? 0 : static_cast<int>(std::min<std::uint64_t>(next - now, 3'600'000));
            }
        }
        handled = waitAndHandle(timeout, flags.testFlag(QEventLoop::ExcludeSocketNotifiers));
        runLater();
    }
    --state.depth;
    return handled;
}

/// A handler first, its path when the handler has had time to arrive.
void EpollDispatcher::fetchAhead(const epoll_event *events, int count, int handled) const
{
    constexpr int HandlersAhead = 4;
    constexpr int PathsAhead = 2;
    const auto handlerOf = [&](int index) {
        const auto fd = static_cast<std::uint32_t>(events[index].data.u64);
        return fd < m_state->watches.size() ? m_state->watches[fd].handler : nullptr;
    };
    if (handled + HandlersAhead < count) {
        if (const IoHandler *handler = handlerOf(handled + HandlersAhead))
            fetch(handler, HotPart);
    }
    if (handled + PathsAhead < count) {
        if (const IoHandler *handler = handlerOf(handled + PathsAhead)) {
            for (const auto &[begin, size] : handler->m_path)
                fetch(begin, size);
        }
    }
}

bool EpollDispatcher::waitAndHandle(int timeout, bool excludeSockets)
{
    State &state = *m_state;
    bool handled = false;
    epoll_event events[EventsPerWait];
    int count = 0;
    if (!excludeSockets) {
        count = epoll_wait(state.epoll.get(), events, EventsPerWait, timeout);
    } else {
        // Sockets stay untouched; wake-ups and timers still count.
        epoll_event &event = events[0];
        event.events = EPOLLIN;
        event.data.u64 = static_cast<std::uint64_t>(state.wakeFd.get());
        count = state.awake.load(std::memory_order_acquire) ? 1 : 0;
        if (count == 0 && timeout != 0)
            QThread::msleep(1);
    }
    updateNow();
    for (int i = 0; i < count; ++i) {
        const auto fd = static_cast<std::uint32_t>(events[i].data.u64);
        const auto generation = static_cast<std::uint32_t>(events[i].data.u64 >> 32U);
        if (generation == 0) {
            std::uint64_t value = 0;
            [[maybe_unused]] const auto got = read(state.wakeFd.get(), &value, sizeof value);
            state.awake.exchange(false, std::memory_order_acq_rel);
            QCoreApplication::sendPostedEvents();
            afterEvent();
            runTasks();
            handled = true;
            continue;
        }
        fetchAhead(events, count, i);
        const auto &watch = state.watches[fd];
        if (watch.generation != generation || watch.handler == nullptr)
            continue;
        watch.handler->onIo(events[i].events);
        afterEvent();
        handled = true;
    }
    state.wheel.advance(ticksOf(m_now), [this, &handled] {
        handled = true;
        afterEvent();
    });
    return handled;
}

} // namespace sallyport::net
