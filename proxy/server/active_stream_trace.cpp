// SPDX-License-Identifier: GPL-3.0-or-later
// The trace that a stream is part of.
#include "proxy/server/active_stream.h"

namespace sallyport::server {

void ActiveStream::beginSpan(const Tracer &tracer)
{
    m_span = tracer.start(*m_requestHeaders, m_traceReason != TraceReason::NotTraced,
                          m_connection.worker().random);
    if (!m_span)
        return;
    m_info.traceId = m_span->traceId();
    // Envoy's Zipkin tracer does not tell it.
    if (m_span->form == TraceSpan::Form::W3c)
        m_info.spanId = m_span->spanId();
}

void ActiveStream::injectTrace(http::HeaderMap &headers, bool ofItsOwn)
{
    const Tracer *tracer = m_manager->tracer();
    if (tracer == nullptr || !m_span || tracer->configuration().noContextPropagation)
        return;
    if (ofItsOwn || tracer->configuration().spawnUpstreamSpan)
        m_span->child(m_connection.worker().random).inject(headers);
    else
        m_span->inject(headers);
}

} // namespace sallyport::server
