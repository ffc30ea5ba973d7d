// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/code_counters.h"

namespace sallyport::telemetry {

namespace {

/// The handle in `slot`, made when it is first asked for.
template<typename Handle, typename Make>
Handle &lazily(std::atomic<Handle *> &slot, Make make)
{
    Handle *handle = slot.load(std::memory_order_acquire);
    if (handle == nullptr) {
        handle = &make();
        slot.store(handle, std::memory_order_release);
    }
    return *handle;
}

} // namespace

CodeCounters::CodeCounters(StatsStore &store, std::string prefix)
    : m_store(store)
    , m_prefix(std::move(prefix))
{
}

void CodeCounters::charge(unsigned code)
{
    const auto count = [&](std::atomic<Counter *> &slot, auto &&name) {
        lazily(slot, [&]() -> Counter & {
            return m_store.counter(m_prefix + "upstream_rq_" + name());
        }).inc();
    };
    count(m_completed, [] { return std::string("completed"); });
    if (code < 100 || code >= EndOfCodes) {
        count(m_byCode[Unknown], [] { return std::string("unknown"); });
        return;
    }
    // Slots below 10 stand for the classes.
    const unsigned group = code / 100;
    count(m_byCode[group], [group] { return std::to_string(group) + "xx"; });
    count(m_byCode[code], [code] { return std::to_string(code); });
}

void CodeCounters::record(std::chrono::milliseconds time)
{
    lazily(m_time, [&]() -> Histogram & {
        return m_store.histogram(m_prefix + "upstream_rq_time");
    }).record(static_cast<std::uint64_t>(time.count()));
}

} // namespace sallyport::telemetry
