// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/base.h"
#include "core/dataplane/tracing.h"
#include "proxy/http/header_map.h"

#include <optional>
#include <random>
#include <string>

namespace sallyport::server {

/// The place of one request in a trace, which its headers tell the next: B3 (b3-propagation of Zipkin) or
/// W3C Trace Context. What Envoy 1.40's tracers do with headers is what is done here; no span is reported.
struct TraceSpan
{
    enum class Form { B3, B3Single, W3c };
    Form form = Form::B3;
    std::uint64_t traceHigh = 0;
    std::uint64_t traceLow = 0;
    std::uint64_t id = 0;
    std::optional<std::uint64_t> parent;
    bool isWide = false; ///< the trace's id has 128 bits
    bool isSampled = false;
    bool withW3c = false;   ///< B3 and `traceparent`
    std::string traceState; ///< W3C, as it came

    /// 16 or 32 hexadecimal digits
    std::string traceId() const;
    std::string spanId() const;
    TraceSpan child(std::mt19937_64 &random) const;
    /// Writes the headers of the request that goes on.
    void inject(http::HeaderMap &request) const;
};

/// Begins spans as a connection manager's tracer does.
class Tracer
{
public:
    /// `inbound`: the listener is a server's.
    Tracer(const dataplane::TraceHeaders &configuration, bool inbound)
        : m_configuration(configuration)
        , m_isServer(inbound || configuration.spawnUpstreamSpan)
    {
    }

    const dataplane::TraceHeaders &configuration() const { return m_configuration; }
    /// None: the request's headers are no context that can be read, and go on as they are. `sampled`: what
    /// was decided about requests that begin a trace.
    std::optional<TraceSpan> start(const http::HeaderMap &request, bool sampled,
                                   std::mt19937_64 &random) const;

private:
    std::optional<TraceSpan> startB3(const http::HeaderMap &request, bool sampled,
                                     std::mt19937_64 &random) const;
    TraceSpan rootB3(bool sampled, std::mt19937_64 &random) const;
    TraceSpan joined(TraceSpan context, std::mt19937_64 &random) const;

    dataplane::TraceHeaders m_configuration;
    bool m_isServer;
};

} // namespace sallyport::server
