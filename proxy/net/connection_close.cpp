// SPDX-License-Identifier: GPL-3.0-or-later
// How a connection ends: what is flushed first, whom it waits for, and what the peer gets to see.
#include "proxy/net/connection.h"

#include <sys/socket.h>

namespace sallyport::net {

namespace {

/// Closing with bytes unread resets the connection, which may cost the peer what was just written.
void discardInput(int fd)
{
    char dropped[16 * 1024];
    for (int i = 0; i < 16 && ::recv(fd, dropped, sizeof dropped, MSG_DONTWAIT) > 0; ++i) {
    }
}

} // namespace

void Connection::afterFlush()
{
    if (m_state == State::Closing) {
        if (!m_waitForPeer || m_readEnded) {
            discardInput(m_fd.get());
            closeSocket(CloseEvent::LocalClose);
        } else
            armDelayedClose();
        return;
    }
    if (m_writeEnd && !m_writeEnded) {
        m_transport->sayGoodbye();
        ::shutdown(m_fd.get(), SHUT_WR);
        m_writeEnded = true;
        if (m_readEnded)
            closeSocket(CloseEvent::LocalClose);
    }
}

void Connection::armDelayedClose()
{
    if (m_delayedCloseTimeout.count() == 0)
        return;
    if (m_delayedCloseTimer == nullptr) {
        m_delayedCloseTimer = std::make_unique<Timer>(m_dispatcher, [this] {
            m_delayedCloseTimedOut = true;
            m_localCloseReason = "triggered_delayed_close_timeout";
            closeSocket(CloseEvent::LocalClose);
        });
    }
    m_delayedCloseTimer->arm(m_delayedCloseTimeout);
}

void Connection::close(CloseType type, std::string_view localReason)
{
    if (m_state == State::Closed)
        return;
    if (!localReason.empty())
        m_localCloseReason = localReason;
    if (type == CloseType::Reset) {
        const linger abort{1, 0};
        if (m_fd.isOpen())
            setsockopt(m_fd.get(), SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
        m_sayGoodbye = false;
        closeSocket(CloseEvent::LocalClose);
        return;
    }
    const bool pending = !m_writeBuffer.isEmpty() || m_transport->writePending();
    const bool wait = type == CloseType::FlushAndWait && m_delayedCloseTimeout.count() > 0 && !m_readEnded;
    if (type == CloseType::NoFlush || !m_transportReady || (!pending && !wait)) {
        // Nobody waits for what is left, but what the system takes at once still goes, as with Envoy, which
        // counts it no more.
        if (pending && m_transportReady && m_writable && m_state == State::Open)
            m_transport->write(m_writeBuffer);
        if (type == CloseType::Flush && m_transportReady)
            discardInput(m_fd.get());
        closeSocket(CloseEvent::LocalClose);
        return;
    }
    m_state = State::Closing;
    m_waitForPeer = m_waitForPeer || wait;
    m_readSoon.cancel();
    armDelayedClose();
    if (pending)
        m_flushSoon.schedule();
    // What the peer still sends is read and dropped: unread bytes would turn our FIN into a reset, which may
    // cost the peer the answer.
    if (m_transport->readable())
        m_readSoon.schedule();
}

void Connection::failTransport()
{
    m_failureReason = m_transport->failureReason();
    m_sayGoodbye = false;
    closeSocket(CloseEvent::RemoteClose);
}

void Connection::closeSocket(CloseEvent event)
{
    if (m_state == State::Closed)
        return;
    m_state = State::Closed;
    m_pendingClose.reset();
    m_flushSoon.cancel();
    m_readSoon.cancel();
    m_delayedCloseTimer.reset();
    m_transportConnectTimer.reset();
    if (m_fd.isOpen()) {
        if (m_transportReady && m_sayGoodbye && !m_writeEnded && !m_resetByPeer)
            m_transport->sayGoodbye();
        if (m_dispatcher.isWatched(m_fd.get()))
            m_dispatcher.unwatch(m_fd.get());
        m_fd.reset();
    }
    m_writeBuffer.clear();
    if (m_callbacks != nullptr)
        m_callbacks->onClosed(event);
}

} // namespace sallyport::net
