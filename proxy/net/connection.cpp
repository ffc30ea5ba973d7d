// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/connection.h"

#include <atomic>
#include <sys/ioctl.h>

namespace sallyport::net {

namespace {

/// One connection may read this much before others get their turn.
constexpr std::size_t ReadBudget = std::size_t(256) * 1024;

/// Less than this goes out when all events at hand have been handled, so that a peer which sleeps is woken
/// for several messages and not for each; more goes at once, while it is in the processor's caches.
constexpr std::size_t Bulk = 16UL * 1024;

/// About what a transport of any kind is large.
constexpr std::size_t TransportSize = 320;

std::uint64_t nextConnectionId()
{
    static std::atomic<std::uint64_t> next{1};
    return next.fetch_add(1, std::memory_order_relaxed);
}

} // namespace

Connection::Connection(EpollDispatcher &dispatcher, std::unique_ptr<Transport> transport)
    : m_dispatcher(dispatcher)
    , m_transport(std::move(transport))
    , m_flushSoon(dispatcher, [this] { writeNow(); })
    , m_readSoon(dispatcher, [this] { resumeReading(); })
    , m_id(nextConnectionId())
    , m_startTime(dispatcher.now())
{
    goesThrough(Step::Transport, m_transport.get(), TransportSize);
}

Connection::~Connection()
{
    if (m_fd.isOpen() && m_dispatcher.isWatched(m_fd.get()))
        m_dispatcher.unwatch(m_fd.get());
}

std::unique_ptr<Connection> Connection::accepted(EpollDispatcher &dispatcher, Descriptor fd,
                                                 ConnectionAddresses addresses,
                                                 std::unique_ptr<Transport> transport)
{
    std::unique_ptr<Connection> connection(new Connection(dispatcher, std::move(transport)));
    connection->m_fd = std::move(fd);
    connection->m_addresses = std::move(addresses);
    connection->m_connectedTime = connection->m_startTime;
    return connection;
}

void Connection::start()
{
    if (m_client) {
        beginConnect();
        return;
    }
    m_transport->attach(m_fd.get());
    m_writable = true;
    m_dispatcher.watch(m_fd.get(), EpollDispatcher::EdgeReadWrite, this);
    // Plaintext is ready at once; a TLS handshake begins with the client's first bytes.
    switch (m_transport->handshake()) {
    case Transport::Handshake::Done:
        becomeReady();
        break;
    case Transport::Handshake::Pending:
        break;
    case Transport::Handshake::Closed:
    case Transport::Handshake::Failed:
        m_failureReason = m_transport->failureReason();
        m_pendingClose = CloseEvent::LocalClose;
        m_flushSoon.schedule();
        break;
    }
}

void Connection::setTransportConnectTimeout(std::chrono::milliseconds timeout)
{
    m_transportConnectTimer = std::make_unique<Timer>(m_dispatcher, [this] {
        m_transportConnectTimedOut = true;
        m_terminationDetails = "transport socket timeout was reached";
        close(CloseType::NoFlush, "transport socket timeout was reached");
    });
    m_transportConnectTimer->arm(timeout);
}

void Connection::continueHandshake()
{
    switch (m_transport->handshake()) {
    case Transport::Handshake::Done:
        becomeReady();
        break;
    case Transport::Handshake::Pending:
        break;
    case Transport::Handshake::Closed:
        m_tls = m_transport->tls();
        closeSocket(CloseEvent::RemoteClose);
        break;
    case Transport::Handshake::Failed:
        m_tls = m_transport->tls();
        failTransport();
        break;
    }
}

void Connection::becomeReady()
{
    m_transportReady = true;
    m_tls = m_transport->tls();
    m_readyTime = m_dispatcher.now();
    m_transportConnectTimer.reset();
    if (m_callbacks != nullptr)
        m_callbacks->onConnected();
    if (m_state != State::Closed && (!m_writeBuffer.isEmpty() || m_writeEnd))
        m_flushSoon.schedule();
}

void Connection::onIo(std::uint32_t events)
{
    if (m_state == State::Closed)
        return;
    const bool broken = (events & (EPOLLHUP | EPOLLERR)) != 0;
    if ((events & EPOLLOUT) != 0 || broken)
        m_writable = true;
    if (m_connecting) {
        if (!m_writable)
            return;
        finishConnect();
        if (m_state == State::Closed)
            return;
    }
    const bool hangup = broken || (events & EPOLLRDHUP) != 0;
    if ((events & EPOLLIN) != 0 || hangup)
        m_transport->markReadable(hangup);
    if (!m_transportReady) {
        continueHandshake();
        if (!m_transportReady || m_state == State::Closed)
            return;
    }
    if (m_transport->readable()) {
        if (hangup && m_readDisabled != 0 && m_state == State::Open && !m_halfClose && m_detectEarlyClose) {
            m_resetByPeer = (events & EPOLLERR) != 0;
            closeSocket(CloseEvent::RemoteClose);
            return;
        }
        flushBeforeReading();
        readNow();
    }
    if (m_state != State::Closed && m_writable &&
        (!m_writeBuffer.isEmpty() || m_transport->writePending() || (m_writeEnd && !m_writeEnded)))
        writeNow();
}

void Connection::readNow()
{
    std::size_t budget = ReadBudget;
    const bool wasOpen = m_state == State::Open;
    while (m_transport->readable() && m_state != State::Closed) {
        const bool discard = m_state == State::Closing;
        if (!discard && (m_readDisabled != 0 || (m_bufferLimit != 0 && m_readBuffer.size() >= m_bufferLimit)))
            return;
        const Transport::Io io = m_transport->read(m_readBuffer, Buffer::BlockSize);
        m_bytesReceived += io.bytes;
        if (discard) {
            m_readBuffer.clear();
        } else if (io.bytes != 0 && m_callbacks != nullptr) {
            m_callbacks->onData(m_readBuffer, false);
            if (m_state == State::Closed)
                return;
        }
        switch (io.outcome) {
        case Transport::Outcome::Progress:
            break;
        case Transport::Outcome::End:
            // A peer whose end came along with what was answered has left before the answer (measured, 1.40).
            if (wasOpen && m_state == State::Closing && !m_halfClose)
                closeSocket(CloseEvent::RemoteClose);
            else
                onPeerEnded();
            return;
        case Transport::Outcome::Reset:
            m_resetByPeer = true;
            closeSocket(CloseEvent::RemoteClose);
            return;
        case Transport::Outcome::Failed:
            failTransport();
            return;
        }
        if (io.bytes >= budget) {
            m_readSoon.scheduleNextRound();
            return;
        }
        budget -= io.bytes;
    }
}

void Connection::onPeerEnded()
{
    m_readEnded = true;
    if (m_state == State::Closing) {
        // What was answered is still written; a peer that has closed both ways resets us then.
        if (m_waitForPeer && m_writeBuffer.isEmpty() && !m_transport->writePending())
            closeSocket(CloseEvent::RemoteClose);
        return;
    }
    if (!m_halfClose) {
        closeSocket(CloseEvent::RemoteClose);
        return;
    }
    if (m_callbacks != nullptr)
        m_callbacks->onData(m_readBuffer, true);
    if (m_state == State::Open && m_writeEnded)
        closeSocket(CloseEvent::RemoteClose);
}

void Connection::resumeReading()
{
    if (m_state == State::Closed || !m_transportReady || (m_state == State::Open && m_readDisabled != 0))
        return;
    flushBeforeReading();
    if (m_state == State::Open && !m_readBuffer.isEmpty() && m_callbacks != nullptr)
        m_callbacks->onData(m_readBuffer, false);
    readNow();
}

/// Whoever reads the next request may look at what of the answers before has gone: as in Envoy, where an
/// event of both kinds writes first (source/common/network/connection_impl.cc, onFileEvent).
void Connection::flushBeforeReading()
{
    if (m_flushSoon.isScheduled())
        writeNow();
}

void Connection::readDisable(bool disable)
{
    if (disable) {
        ++m_readDisabled;
        return;
    }
    if (m_readDisabled == 0 || --m_readDisabled != 0)
        return;
    if (m_state == State::Open && m_transportReady && (!m_readBuffer.isEmpty() || m_transport->readable()))
        m_readSoon.schedule();
}

void Connection::write(Buffer &data, bool endStream)
{
    if (m_state != State::Open || m_writeEnd) {
        data.clear();
        return;
    }
    m_writeBuffer.move(data);
    m_writeEnd = endStream;
    scheduleFlush();
    checkWatermarks();
}

void Connection::write(std::string_view bytes)
{
    if (m_state != State::Open || m_writeEnd)
        return;
    m_writeBuffer.append(bytes);
    scheduleFlush();
    checkWatermarks();
}

void Connection::scheduleFlush()
{
    if (!m_transportReady)
        return;
    if (m_writeBuffer.size() < Bulk) {
        m_flushSoon.scheduleNextRound();
        return;
    }
    m_flushSoon.cancel();
    m_flushSoon.schedule();
}

bool Connection::hasUnreadInput() const
{
    int unread = 0;
    return m_transport->readable() ||
           (m_fd.isOpen() && ::ioctl(m_fd.get(), FIONREAD, &unread) == 0 && unread > 0);
}

void Connection::setBufferLimit(std::uint32_t limit)
{
    m_bufferLimit = limit;
}

void Connection::checkWatermarks()
{
    if (m_state == State::Closed || m_bufferLimit == 0)
        return;
    if (!m_aboveHighWatermark && m_writeBuffer.size() > m_bufferLimit) {
        m_aboveHighWatermark = true;
        if (m_callbacks != nullptr)
            m_callbacks->onAboveHighWatermark();
    } else if (m_aboveHighWatermark && m_writeBuffer.size() <= m_bufferLimit / 2) {
        m_aboveHighWatermark = false;
        if (m_callbacks != nullptr)
            m_callbacks->onBelowLowWatermark();
    }
}

void Connection::tellSent(bool sent)
{
    if (m_callbacks == nullptr || (!sent && m_writeBuffer.size() == m_toldToWrite))
        return;
    m_toldToWrite = m_writeBuffer.size();
    m_callbacks->onSent();
}

void Connection::writeNow()
{
    m_flushSoon.cancel();
    if (m_pendingClose) {
        closeSocket(*m_pendingClose);
        return;
    }
    if (m_state == State::Closed || !m_transportReady)
        return;
    if (!m_writable) {
        tellSent(false);
        return;
    }
    const Transport::Io io = m_transport->write(m_writeBuffer);
    m_bytesSent += io.bytes;
    if (io.outcome == Transport::Outcome::Failed) {
        failTransport();
        return;
    }
    if (io.outcome != Transport::Outcome::Progress) {
        // A peer that resets a connection may have said why just before: its alert is still to be read.
        Buffer last;
        if (m_transport->tls() != nullptr) {
            m_transport->markReadable(true);
            if (m_transport->read(last, 1).outcome == Transport::Outcome::Failed) {
                failTransport();
                return;
            }
        }
        m_resetByPeer = io.outcome == Transport::Outcome::Reset;
        closeSocket(CloseEvent::RemoteClose);
        return;
    }
    tellSent(io.bytes != 0);
    if (!m_writeBuffer.isEmpty() || m_transport->writePending()) {
        m_writable = false;
        if (m_state == State::Closing && io.bytes != 0)
            armDelayedClose();
    } else {
        afterFlush();
    }
    checkWatermarks();
}

} // namespace sallyport::net
