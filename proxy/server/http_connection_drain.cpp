// SPDX-License-Identifier: GPL-3.0-or-later
// How a downstream HTTP connection comes to its end: drains, limits of time.
#include "proxy/server/http_connection.h"

#include "proxy/server/active_stream.h"

namespace sallyport::server {

void HttpConnection::checkDrain()
{
    if (m_drain == Drain::No && overload() != nullptr &&
        overload()->hits(OverloadState::Action::DisableHttpKeepalive, m_worker.random)) {
        m_manager->stats().cxOverloadDisableKeepalive.inc();
        startDrainSequence();
        return;
    }
    if (m_drain != Drain::No || !m_chain->drain || !m_chain->drain->hasBegun() ||
        !m_chain->drain->closes(m_worker.dispatcher.now(), m_worker.random()))
        return;
    m_manager->stats().cxDrainClose.inc();
    // HTTP/1, too: whoever was told `connection: close` has this long to go, and is answered until then.
    startDrainSequence();
}

void HttpConnection::closeAfterThisStream()
{
    m_drain = Drain::Closing;
}

void HttpConnection::closeIfDrained(bool atOnce)
{
    // A request that is answered while it is read leaves the connection to the reader's end: more of the
    // client's bytes may be under way, and Envoy then always waits for the client.
    if (m_dispatching || m_drain != Drain::Closing || !m_streams.empty() || m_closed ||
        (m_codec && m_codec->wantsToWrite()))
        return;
    m_connection.close(atOnce ? net::CloseType::Flush : net::CloseType::FlushAndWait,
                       "deferred_close_on_drained_connection");
}

void HttpConnection::startDrainSequence()
{
    m_drain = Drain::Draining;
    if (m_codec)
        m_codec->shutdownNotice();
    m_drainTimer.emplace(m_worker.dispatcher, [this] {
        if (m_codec)
            m_codec->goAway();
        m_drain = Drain::Closing;
        closeIfDrained(false);
    });
    m_drainTimer->arm(m_manager->drainTimeout);
}

void HttpConnection::onDrain()
{
    if (m_closed)
        return;
    if (!m_codec || (protocol() != http::Protocol::Http2 && m_streams.empty())) {
        // Nothing was asked yet, or the last answer is out: a client that keeps the connection finds it
        // closed.
        if (m_connection.bytesReceived() == m_receivedCounted && m_streams.empty() &&
            !m_connection.hasUnreadInput())
            m_connection.close(net::CloseType::Flush, "drained");
        return;
    }
    if (protocol() == http::Protocol::Http2 && m_drain == Drain::No)
        startDrainSequence();
}

void HttpConnection::armIdleTimer()
{
    if (m_manager->idleTimeout.count() == 0)
        return;
    if (!m_idleTimer)
        m_idleTimer.emplace(m_worker.dispatcher, [this] { onIdleTimeout(); });
    m_idleTimer->arm(m_manager->idleTimeout);
}

void HttpConnection::onIdleTimeout()
{
    // One that is being closed has neither timeout any more.
    if (m_connection.state() != net::Connection::State::Open)
        return;
    m_manager->stats().cxIdleTimeout.inc();
    if (!m_codec)
        m_connection.close(net::CloseType::Flush, "on_idle_timeout");
    else if (m_drain == Drain::No)
        startDrainSequence();
}

void HttpConnection::onMaxDuration()
{
    if (m_connection.state() != net::Connection::State::Open)
        return;
    m_manager->stats().cxMaxDurationReached.inc();
    if (!m_codec)
        m_connection.close(net::CloseType::Flush, "duration_timeout");
    else if (m_drain == Drain::No)
        startDrainSequence();
}

} // namespace sallyport::server
