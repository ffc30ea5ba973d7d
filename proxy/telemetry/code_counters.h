// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/telemetry/stats.h"

#include <array>
#include <atomic>
#include <chrono>
#include <string>

namespace sallyport::telemetry {

/// Answers by their status: `<prefix>upstream_rq_completed`, `…_2xx`, `…_200`, `…_unknown` for what is no
/// status of HTTP, and how long they took, `…_time`. Each name appears with its first use. Shared by all
/// workers.
class CodeCounters
{
public:
    CodeCounters(StatsStore &store, std::string prefix);

    void charge(unsigned code);
    void record(std::chrono::milliseconds time);

private:
    static constexpr unsigned EndOfCodes = 600;
    static constexpr std::size_t Unknown = 0;

    StatsStore &m_store;
    std::string m_prefix;
    std::array<std::atomic<Counter *>, EndOfCodes> m_byCode{};
    std::atomic<Counter *> m_completed{nullptr};
    std::atomic<Histogram *> m_time{nullptr};
};

} // namespace sallyport::telemetry
