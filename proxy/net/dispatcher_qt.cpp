// SPDX-License-Identifier: GPL-3.0-or-later
// Qt's timers and socket notifiers on the epoll dispatcher.
#include "proxy/net/dispatcher_state.h"

#include <QCoreApplication>
#include <QSocketNotifier>
#include <algorithm>

namespace sallyport::net {

std::uint32_t EpollDispatcher::State::Notified::interest() const
{
    return (notifiers[QSocketNotifier::Read] != nullptr ? std::uint32_t{EPOLLIN} : 0U) |
           (notifiers[QSocketNotifier::Write] != nullptr ? std::uint32_t{EPOLLOUT} : 0U) |
           (notifiers[QSocketNotifier::Exception] != nullptr ? std::uint32_t{EPOLLPRI} : 0U);
}

void EpollDispatcher::State::Notified::onIo(std::uint32_t events)
{
    // The first notifier's slot may unregister the others and with them this object.
    State *owner = state;
    const int descriptor = fd;
    const auto activate = [owner, descriptor](int type) {
        const auto found = owner->notified.find(descriptor);
        if (found == owner->notified.end() || found->second->notifiers[type] == nullptr)
            return;
        QEvent event(QEvent::SockAct);
        QCoreApplication::sendEvent(found->second->notifiers[type], &event);
    };
    const std::uint32_t broken = EPOLLHUP | EPOLLERR;
    if ((events & (EPOLLIN | EPOLLRDHUP | broken)) != 0)
        activate(QSocketNotifier::Read);
    if ((events & (EPOLLOUT | broken)) != 0)
        activate(QSocketNotifier::Write);
    if ((events & (EPOLLPRI | broken)) != 0)
        activate(QSocketNotifier::Exception);
}

void EpollDispatcher::registerSocketNotifier(QSocketNotifier *notifier)
{
    const int fd = static_cast<int>(notifier->socket());
    auto &slot = m_state->notified[fd];
    const bool fresh = slot == nullptr;
    if (fresh) {
        slot = std::make_unique<State::Notified>();
        slot->state = m_state.get();
        slot->fd = fd;
    }
    slot->notifiers[notifier->type()] = notifier;
    if (fresh)
        watch(fd, slot->interest(), slot.get());
    else
        modify(fd, slot->interest());
}

void EpollDispatcher::unregisterSocketNotifier(QSocketNotifier *notifier)
{
    const int fd = static_cast<int>(notifier->socket());
    const auto found = m_state->notified.find(fd);
    if (found == m_state->notified.end() || found->second->notifiers[notifier->type()] != notifier)
        return;
    found->second->notifiers[notifier->type()] = nullptr;
    if (found->second->interest() == 0) {
        unwatch(fd);
        m_state->notified.erase(found);
    } else {
        modify(fd, found->second->interest());
    }
}

EpollDispatcher::State::QtTimer::QtTimer(EpollDispatcher &owner, int timerId, qint64 every,
                                         Qt::TimerType timerType, QObject *receiver)
    : dispatcher(owner)
    , id(timerId)
    , interval(every)
    , type(timerType)
    , object(receiver)
    , alive(std::make_shared<bool>(true))
    , timer(owner, [this] { fire(); })
{
}

void EpollDispatcher::State::QtTimer::arm(Clock::time_point from)
{
    due = from + std::chrono::milliseconds(interval);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - dispatcher.now());
    timer.arm(std::max(left, std::chrono::milliseconds(0)));
}

void EpollDispatcher::State::QtTimer::fire()
{
    // Armed first, so that a slot which runs an event loop of its own does not stop the timer; while it is in
    // its slot the timer does not fire again, as in Qt's own dispatchers.
    const auto now = dispatcher.now();
    arm(now - due < std::chrono::milliseconds(interval) ? due : now);
    if (firing)
        return;
    const auto stillThere = alive;
    firing = true;
    QTimerEvent event(id);
    QCoreApplication::sendEvent(object, &event);
    if (*stillThere)
        firing = false;
}

void EpollDispatcher::registerTimer(int timerId, qint64 interval, Qt::TimerType type, QObject *object)
{
    auto timer = std::make_unique<State::QtTimer>(*this, timerId, interval, type, object);
    timer->arm(updateNow());
    m_state->timers[timerId] = std::move(timer);
}

bool EpollDispatcher::unregisterTimer(int timerId)
{
    const auto found = m_state->timers.find(timerId);
    if (found == m_state->timers.end())
        return false;
    *found->second->alive = false;
    // Its callback may be running: it must not be destroyed under it.
    found->second->timer.cancel();
    struct Dead final : Deferred
    {
        std::unique_ptr<State::QtTimer> timer;
    };
    auto dead = std::make_unique<Dead>();
    dead->timer = std::move(found->second);
    m_state->timers.erase(found);
    deferredDelete(std::move(dead));
    return true;
}

bool EpollDispatcher::unregisterTimers(QObject *object)
{
    std::vector<int> ids;
    for (const auto &[id, timer] : m_state->timers) {
        if (timer->object == object)
            ids.push_back(id);
    }
    for (const int id : ids)
        unregisterTimer(id);
    return !ids.empty();
}

QList<QAbstractEventDispatcher::TimerInfo> EpollDispatcher::registeredTimers(QObject *object) const
{
    QList<TimerInfo> list;
    for (const auto &[id, timer] : m_state->timers) {
        if (timer->object == object)
            list.append(TimerInfo(id, static_cast<int>(timer->interval), timer->type));
    }
    return list;
}

int EpollDispatcher::remainingTime(int timerId)
{
    const auto found = m_state->timers.find(timerId);
    if (found == m_state->timers.end())
        return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(found->second->due - Clock::now());
    return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

} // namespace sallyport::net
