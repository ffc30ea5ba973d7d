// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/overload_manager.h"
#include "proxy/server/overload_state.h"
#include "proxy/telemetry/stats.h"

#include <QTimer>
#include <functional>
#include <memory>
#include <vector>

namespace sallyport::server {

/// Looks after the process's resources and says how far overload actions are to go
/// (source/server/overload_manager_impl.cc). Lives on the main thread.
class OverloadManager
{
public:
    /// `onAccepting` hears when connections are to be accepted no more, or again.
    OverloadManager(telemetry::StatsStore &store, std::function<void(bool accepting)> onAccepting);

    /// From now on these monitors and actions; none: nothing is done about overload.
    void configure(const std::optional<dataplane::OverloadManager> &configuration);
    const OverloadState &state() const { return m_state; }

private:
    struct Monitor
    {
        dataplane::OverloadManager::Monitor configuration;
        telemetry::Gauge *pressure = nullptr;
        telemetry::Counter *failedUpdates = nullptr;
        double value = 0; ///< of pressure
    };
    struct Action
    {
        OverloadState::Action which = OverloadState::Action::Count;
        std::vector<dataplane::OverloadManager::Trigger> triggers;
        telemetry::Gauge *active = nullptr;
        telemetry::Gauge *scalePercent = nullptr;
    };
    void refresh();
    void update(Monitor &monitor) const;
    double valueOf(const Action &action) const;

    telemetry::StatsStore &m_store;
    std::function<void(bool)> m_onAccepting;
    OverloadState m_state;
    std::optional<dataplane::OverloadManager> m_configuration;
    std::vector<Monitor> m_monitors;
    std::vector<Action> m_actions;
    QTimer m_timer;
    bool m_accepting = true;
};

} // namespace sallyport::server
