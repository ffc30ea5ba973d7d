// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/http/codec.h"
#include "proxy/telemetry/stats.h"

#include <array>
#include <atomic>
#include <mutex>
#include <string>

namespace sallyport::telemetry {

/// The codecs' counts, which have no connection manager in their names: `http1.…` and `http2.…` of the
/// process, or of a cluster with `prefix` before them. Those of a protocol are there once a connection has
/// spoken it, as Envoy's are. Thread-safe.
class CodecStats final : public http::CodecObserver
{
public:
    CodecStats(StatsStore &store, std::string prefix);
    /// The names of a protocol are there from the moment a connection is made for it, even if it never gets
    /// as far as a codec.
    void nameProtocol(http::Protocol protocol);
    void onCodecMade(http::Protocol protocol, bool server) override;
    void onCodecEvent(http::CodecEvent event, int delta) override;

private:
    static constexpr std::size_t EventCount = static_cast<std::size_t>(http::CodecEvent::Count);

    void nameHttp1();
    void nameHttp2();

    StatsStore &m_store;
    const std::string m_prefix;
    std::once_flag m_http1Named;
    std::once_flag m_http2Named;
    std::array<std::atomic<Counter *>, EventCount> m_counters{};
    std::array<std::atomic<Gauge *>, EventCount> m_gauges{};
    std::atomic<Counter *> m_http2Servers = nullptr;
    std::atomic<Counter *> m_http2Clients = nullptr;
};

} // namespace sallyport::telemetry
