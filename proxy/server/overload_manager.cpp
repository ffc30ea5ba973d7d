// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/overload_manager.h"

#include <QFile>

#include <algorithm>
#include <cmath>
#include <malloc.h>

namespace sallyport::server {

namespace {

using MonitorKind = dataplane::OverloadManager::Monitor::Kind;
using Trigger = dataplane::OverloadManager::Trigger;
using StateAction = OverloadState::Action;

std::chrono::milliseconds intervalOf(const dataplane::OverloadManager &configuration)
{
    constexpr std::chrono::milliseconds standard(1000);
    if (!configuration.refreshInterval)
        return standard;
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(*configuration.refreshInterval),
                    std::chrono::milliseconds(1));
}

double heapBytes()
{
    const struct mallinfo2 heap = ::mallinfo2();
    return static_cast<double>(heap.uordblks + heap.hblkhd);
}

/// None: the file cannot be read, or holds no pressure.
std::optional<double> injectedPressure(const std::string &filename)
{
    QFile file(QString::fromStdString(filename));
    if (!file.open(QIODevice::ReadOnly))
        return std::nullopt;
    bool good = false;
    const double value = file.readAll().trimmed().toDouble(&good);
    return good && value >= 0 && value <= 1 ? std::optional(value) : std::nullopt;
}

/// How far a trigger drives its action, by the pressure of its monitor.
double pulled(const Trigger &trigger, double pressure)
{
    if (!trigger.saturation)
        return pressure >= trigger.threshold ? 1 : 0;
    if (pressure <= trigger.threshold)
        return 0;
    return std::min((pressure - trigger.threshold) / (*trigger.saturation - trigger.threshold), 1.0);
}

} // namespace

OverloadManager::OverloadManager(telemetry::StatsStore &store, std::function<void(bool)> onAccepting)
    : m_store(store)
    , m_onAccepting(std::move(onAccepting))
{
    QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] { refresh(); });
}

void OverloadManager::configure(const std::optional<dataplane::OverloadManager> &configuration)
{
    if (configuration == m_configuration)
        return;
    m_configuration = configuration;
    m_timer.stop();
    m_monitors.clear();
    m_actions.clear();
    if (configuration) {
        for (const dataplane::OverloadManager::Monitor &monitor : configuration->monitors) {
            const std::string prefix = "overload." + monitor.name + '.';
            m_monitors.push_back(
                {monitor, &m_store.gauge(prefix + "pressure"), &m_store.counter(prefix + "failed_updates")});
            m_monitors.back().pressure->set(0);
            // Connections are counted when they come, not from time to time.
            if (monitor.kind != MonitorKind::MaxConnections)
                m_store.counter(prefix + "skipped_updates");
        }
        for (const dataplane::OverloadManager::Action &action : configuration->actions) {
            const auto known =
                std::find(OverloadState::names.begin(), OverloadState::names.end(), action.name);
            const std::string prefix = "overload." + action.name + '.';
            m_actions.push_back({static_cast<StateAction>(known - OverloadState::names.begin()),
                                 action.triggers, &m_store.gauge(prefix + "active"),
                                 &m_store.gauge(prefix + "scale_percent")});
        }
        m_timer.start(intervalOf(*configuration));
    }
    for (std::size_t i = 0; i < OverloadState::names.size(); ++i)
        m_state.set(static_cast<StateAction>(i), 0);
    refresh();
}

void OverloadManager::update(Monitor &monitor) const
{
    std::optional<double> pressure;
    switch (monitor.configuration.kind) {
    case MonitorKind::MaxConnections:
        return;
    case MonitorKind::FixedHeap:
        pressure = heapBytes() / static_cast<double>(monitor.configuration.limit);
        break;
    case MonitorKind::InjectedResource:
        pressure = injectedPressure(monitor.configuration.filename);
        break;
    }
    if (!pressure) {
        monitor.failedUpdates->inc();
        return;
    }
    monitor.value = *pressure;
    monitor.pressure->set(static_cast<std::int64_t>(*pressure * 100));
}

double OverloadManager::valueOf(const Action &action) const
{
    double most = 0;
    for (const Trigger &trigger : action.triggers) {
        const auto monitor = std::find_if(m_monitors.begin(), m_monitors.end(), [&](const Monitor &each) {
            return each.configuration.name == trigger.monitor;
        });
        if (monitor != m_monitors.end())
            most = std::max(most, pulled(trigger, monitor->value));
    }
    return most;
}

void OverloadManager::refresh()
{
    for (Monitor &monitor : m_monitors)
        update(monitor);
    for (const Action &action : m_actions) {
        const double value = valueOf(action);
        m_state.set(action.which, value);
        action.active->set(value >= 1 ? 1 : 0);
        action.scalePercent->set(static_cast<std::int64_t>(value * 100));
    }
    const bool accepting = !m_state.isActive(StateAction::StopAcceptingConnections);
    if (std::exchange(m_accepting, accepting) != accepting)
        m_onAccepting(accepting);
}

} // namespace sallyport::server
