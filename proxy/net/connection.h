// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/address.h"
#include "proxy/net/buffer.h"
#include "proxy/net/dispatcher.h"
#include "proxy/net/proxy_protocol.h"
#include "proxy/net/socket.h"
#include "proxy/net/timer.h"
#include "proxy/net/transport.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::net {

enum class CloseEvent : std::uint8_t { RemoteClose, LocalClose };

/// How this side ends a connection.
enum class CloseType : std::uint8_t {
    Flush,        ///< write what is buffered, then close
    FlushAndWait, ///< the same, then wait (delayed close timeout) for the peer to close first
    NoFlush,      ///< close now, what is buffered is lost
    Reset,        ///< close now with RST
};

/// Callbacks of one connection, on its thread. The connection may be closed within any of them; it must be
/// destroyed through EpollDispatcher::deferredDelete.
class ConnectionCallbacks
{
public:
    virtual ~ConnectionCallbacks() = default;
    /// The transport is ready: accepted or connected and, with TLS, the handshake is done.
    virtual void onConnected() {}
    /// `data` is the connection's read buffer: what is left in it comes again with the next bytes, or when
    /// reading is enabled again. endStream (the peer's FIN) is only told with half-close on; without it the
    /// connection closes itself then.
    virtual void onData(Buffer &data, bool endStream) = 0;
    /// Some of what was written has gone out, or more of it waits: for who counts bytesSent() and
    /// bytesToWrite() as they change.
    virtual void onSent() {}
    virtual void onAboveHighWatermark() {}
    virtual void onBelowLowWatermark() {}
    /// Once, and last.
    virtual void onClosed(CloseEvent event) = 0;
};

/// Both ends of a connection, as the socket has them and as others say they are.
struct ConnectionAddresses
{
    Address local; ///< where the peer wanted to go: the listener's, or the restored original destination
    Address directLocal;  ///< the socket's own
    Address remote;       ///< the peer, or whom PROXY protocol names
    Address directRemote; ///< the socket's peer
    bool localRestored = false;
    bool proxied = false; ///< a PROXY header has told them
    /// What of the PROXY header is kept for the one that goes on to a host; null: nothing.
    std::shared_ptr<const std::vector<ProxyTlv>> proxyTlvs;
};

/// How a client connection is made.
struct ConnectOptions
{
    Address source;           ///< to bind, unless invalid
    std::string preamble;     ///< bytes sent before the transport starts (PROXY protocol)
    bool namesItself = false; ///< before it comes a PROXY header, version 1, of the connection's own two ends
    std::optional<Keepalive> keepalive;
};

/// A TCP (or Unix) connection and its transport. Lives on one dispatcher's thread.
/// Reading is edge-triggered and stops by itself while disabled; writes of one event are sent together after
/// it, little ones after all events at hand.
class Connection final : public Deferred, public IoHandler
{
public:
    /// A connection that was accepted; call start() when callbacks are set.
    static std::unique_ptr<Connection> accepted(EpollDispatcher &dispatcher, Descriptor fd,
                                                ConnectionAddresses addresses,
                                                std::unique_ptr<Transport> transport);
    /// A connection to be opened; start() begins to connect, errors come by onClosed().
    static std::unique_ptr<Connection> client(EpollDispatcher &dispatcher, const Address &remote,
                                              std::unique_ptr<Transport> transport,
                                              ConnectOptions options = {});
    ~Connection() override;

    void setCallbacks(ConnectionCallbacks *callbacks) { m_callbacks = callbacks; }
    ConnectionCallbacks *callbacks() const { return m_callbacks; }
    void start();

    /// Takes all of `data`. With endStream FIN follows (close_notify first).
    void write(Buffer &data, bool endStream);
    void write(std::string_view bytes);
    void close(CloseType type, std::string_view localReason = {});
    /// Counts: as many true as false let reading go on. While disabled a remote close is still noticed and,
    /// with half-close off, closes the connection.
    void readDisable(bool disable);
    bool readEnabled() const { return m_readDisabled == 0; }
    /// With half-close on, the peer's FIN only ends its direction. Off by default.
    void enableHalfClose(bool enable) { m_halfClose = enable; }
    /// On (the default), a peer that ends while reading is disabled closes the connection at once, and what
    /// it had sent is lost. Off, the end is seen where it stands: behind all that came before.
    void detectEarlyCloseWhenReadDisabled(bool detect) { m_detectEarlyClose = detect; }
    /// Write buffer: above `limit` onAboveHighWatermark(), below half of it onBelowLowWatermark(). The read
    /// buffer stops reading at `limit` as well. 0: no limit.
    void setBufferLimit(std::uint32_t limit);
    std::uint32_t bufferLimit() const { return m_bufferLimit; }
    bool aboveHighWatermark() const { return m_aboveHighWatermark; }
    /// For FlushAndWait; default 1 s, 0 closes at once.
    void setDelayedCloseTimeout(std::chrono::milliseconds timeout) { m_delayedCloseTimeout = timeout; }
    /// From start() until the transport is ready; then onClosed with `transport socket timeout was reached`.
    /// On a client connection this is the connect timeout's business instead.
    void setTransportConnectTimeout(std::chrono::milliseconds timeout);

    enum class State : std::uint8_t { Open, Closing, Closed };
    State state() const { return m_state; }
    bool isConnecting() const { return m_connecting; }
    bool transportReady() const { return m_transportReady; }

    EpollDispatcher &dispatcher() const { return m_dispatcher; }
    std::uint64_t id() const { return m_id; } ///< unique in the process
    const ConnectionAddresses &addresses() const { return m_addresses; }
    ConnectionAddresses &addresses() { return m_addresses; }
    /// Null on plaintext and before the handshake is done.
    const TlsInfo *tls() const { return m_tls.get(); }
    /// The same for those who may outlive the connection, as log records do.
    const std::shared_ptr<const TlsInfo> &sharedTls() const { return m_tls; }
    /// Why connecting or the transport failed, in Envoy's words (spaces kept); empty otherwise.
    const std::string &transportFailureReason() const { return m_failureReason; }
    /// A client's: the address that it was to come from is not this machine's, or not free.
    bool failedToBind() const { return m_failedToBind; }
    const std::string &localCloseReason() const { return m_localCloseReason; }
    /// Why this side ended the connection, for `%CONNECTION_TERMINATION_DETAILS%`; empty otherwise.
    const std::string &terminationDetails() const { return m_terminationDetails; }
    void setTerminationDetails(std::string details) { m_terminationDetails = std::move(details); }
    bool resetByPeer() const { return m_resetByPeer; }
    bool delayedCloseTimedOut() const { return m_delayedCloseTimedOut; }
    bool transportConnectTimedOut() const { return m_transportConnectTimedOut; }

    /// Bytes, or the peer's end, that nobody has read yet.
    bool hasUnreadInput() const;
    std::uint64_t bytesReceived() const { return m_bytesReceived; }
    std::uint64_t bytesSent() const { return m_bytesSent; }
    std::size_t bytesToWrite() const { return m_writeBuffer.size(); }
    Clock::time_point startTime() const { return m_startTime; }
    std::optional<Clock::time_point> connectedTime() const { return m_connectedTime; }  ///< TCP is up
    std::optional<Clock::time_point> transportReadyTime() const { return m_readyTime; } ///< TLS is up

    void onIo(std::uint32_t events) override;

private:
    Connection(EpollDispatcher &dispatcher, std::unique_ptr<Transport> transport);
    void beginConnect();
    void finishConnect();
    void continueHandshake();
    void becomeReady();
    void readNow();
    void resumeReading();
    void onPeerEnded();
    void scheduleFlush();
    void flushBeforeReading();
    void writeNow();
    void afterFlush();
    void closeSocket(CloseEvent event);
    void failTransport();
    void armDelayedClose();
    void checkWatermarks();

    // First what every event needs: the dispatcher fetches the beginning ahead.
    EpollDispatcher &m_dispatcher;
    Descriptor m_fd;
    State m_state = State::Open;
    bool m_client = false;
    bool m_connecting = false;
    bool m_transportReady = false;
    bool m_halfClose = false;
    bool m_detectEarlyClose = true;
    bool m_writable = false;
    bool m_readEnded = false;  ///< the peer's FIN was delivered
    bool m_writeEnd = false;   ///< FIN is to follow the write buffer
    bool m_writeEnded = false; ///< FIN was sent
    bool m_waitForPeer = false;
    bool m_aboveHighWatermark = false;
    bool m_resetByPeer = false;
    bool m_delayedCloseTimedOut = false;
    bool m_transportConnectTimedOut = false;
    bool m_sayGoodbye = true;
    std::uint32_t m_bufferLimit = 1024 * 1024;
    std::uint32_t m_readDisabled = 0;
    std::unique_ptr<Transport> m_transport;
    ConnectionCallbacks *m_callbacks = nullptr;
    Buffer m_readBuffer;
    void tellSent(bool sent);

    Buffer m_writeBuffer;
    std::uint64_t m_bytesReceived = 0;
    std::uint64_t m_bytesSent = 0;
    std::size_t m_toldToWrite = 0;            ///< of bytesToWrite(), by onSent()
    std::optional<CloseEvent> m_pendingClose; ///< connecting failed at once; told from the event loop
    Soon m_flushSoon;
    Soon m_readSoon;

    std::shared_ptr<const TlsInfo> m_tls;
    ConnectionAddresses m_addresses;
    std::unique_ptr<ConnectOptions> m_connectOptions;
    std::unique_ptr<Timer> m_delayedCloseTimer;
    std::unique_ptr<Timer> m_transportConnectTimer;
    std::string m_failureReason;
    bool m_failedToBind = false;
    std::string m_localCloseReason;
    std::string m_terminationDetails;
    std::uint64_t m_id;
    Clock::time_point m_startTime;
    std::optional<Clock::time_point> m_connectedTime;
    std::optional<Clock::time_point> m_readyTime;
    std::chrono::milliseconds m_delayedCloseTimeout{1000};
};

} // namespace sallyport::net
