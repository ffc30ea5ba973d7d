// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace sallyport::dataplane {

/// What a connection manager's `tracing` makes requests carry on their way: the headers of
/// envoy.config.trace.v3.ZipkinConfig or OpenTelemetryConfig. Spans are reported to nobody here.
struct TraceHeaders
{
    enum class Kind { B3, W3c };
    Kind kind = Kind::B3;
    bool traceId128Bit = false;     ///< of traces that begin here (Zipkin)
    bool sharedSpanContext = true;  ///< a server's span is its client's (Zipkin)
    bool withW3c = false;           ///< USE_B3_WITH_W3C_PROPAGATION
    bool spawnUpstreamSpan = false; ///< an attempt at the upstream has a span of its own
    bool noContextPropagation = false;
    std::string collectorCluster; ///< must be there, as in Envoy (Zipkin)

    bool operator==(const TraceHeaders &) const = default;
};

} // namespace sallyport::dataplane
