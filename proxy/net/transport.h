// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/buffer.h"
#include "proxy/net/tls_info.h"

#include <cerrno>
#include <cstdint>
#include <memory>
#include <string>

namespace sallyport::net {

/// What stands between a descriptor and the bytes of a connection: nothing, or TLS. Made per connection by a
/// TLS context or makePlainTransport(); driven by its Connection only.
class Transport
{
public:
    enum class Outcome : std::uint8_t {
        Progress, ///< did what could be done without blocking
        End,      ///< the peer ended its direction (FIN, close_notify)
        Reset,    ///< the peer reset the connection
        Failed,   ///< TLS broke: close; failureReason() says why
    };
    struct Io
    {
        Outcome outcome = Outcome::Progress;
        std::size_t bytes = 0;
    };
    enum class Handshake : std::uint8_t { Done, Pending, Closed, Failed };

    /// What a socket's refusal to take bytes means: Envoy calls only ECONNRESET a reset
    /// (ConnectionImpl::onWriteReady).
    static Outcome refusedWrite(int error) { return error == ECONNRESET ? Outcome::Reset : Outcome::End; }

    virtual ~Transport() = default;
    /// The connection is established below the transport: from now on `fd` may be used.
    virtual void attach(int fd) = 0;
    /// Goes on with the handshake.
    virtual Handshake handshake() = 0;
    /// Reads once, to the end of `buffer`; about a block, or `wanted` if that is more.
    virtual Io read(Buffer &buffer, std::size_t wanted) = 0;
    /// Writes from the front of `buffer` and drains what was written. Bytes that are left wait for
    /// writability. End: the peer had ended and takes nothing any more (EPIPE).
    virtual Io write(Buffer &buffer) = 0;
    /// Bytes that were taken out of the buffer but not yet by the system.
    virtual bool writePending() const { return false; }
    /// Says goodbye (close_notify) before FIN.
    virtual void sayGoodbye() {}
    /// After the handshake; null on plaintext.
    virtual std::shared_ptr<const TlsInfo> tls() const { return nullptr; }
    /// In Envoy's form, `TLS_error:|…:TLS_error_end`; empty when nothing failed.
    virtual const std::string &failureReason() const = 0;

    /// The descriptor signalled bytes, or its end. Reading goes on until readable() is false again: the
    /// signal is edge-triggered.
    void markReadable(bool hangup)
    {
        m_readable = true;
        m_signalled = true;
        m_hangup = m_hangup || hangup;
    }
    bool readable() const { return m_readable; }

protected:
    bool m_readable = false;  ///< read() may yield bytes
    bool m_signalled = false; ///< the descriptor may have bytes
    /// After a hang-up a short read does not mean that nothing is left: the end is still to be read.
    bool m_hangup = false;
};

/// Bytes as they are; ready at once.
std::unique_ptr<Transport> makePlainTransport();

} // namespace sallyport::net
