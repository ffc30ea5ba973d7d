// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/buffer.h"
#include "proxy/net/tls_info.h"

#include <cstdint>
#include <memory>
#include <string>

namespace sallyport::net {

/// What a transport does with a descriptor: plaintext or TLS. Made per connection by a TLS context or
/// makePlainTransport(); driven by its Connection only.
class Transport
{
public:
    enum class Outcome : std::uint8_t {
        Progress, ///< did what could be done without blocking; more later
        End,      ///< the peer ended its direction (FIN, close_notify)
        Reset,    ///< the peer reset the connection
        Failed,   ///< TLS broke: close; failureReason() says why
    };
    struct Io
    {
        Outcome outcome = Outcome::Progress;
        std::size_t bytes = 0;
        bool drained = true; ///< read: the descriptor had no more; write: everything was written
    };
    enum class Handshake : std::uint8_t { Done, Pending, Closed, Failed };

    virtual ~Transport() = default;
    /// The connection is established below the transport: from now on `fd` may be used.
    virtual void attach(int fd) = 0;
    /// Goes on with the handshake.
    virtual Handshake handshake() = 0;
    /// Reads up to `limit` bytes to the end of `buffer`.
    virtual Io read(Buffer &buffer, std::size_t limit) = 0;
    /// Writes from the front of `buffer` and drains what was written.
    virtual Io write(Buffer &buffer) = 0;
    /// Says goodbye (close_notify) before FIN.
    virtual void sayGoodbye() {}
    virtual const TlsInfo *tls() const { return nullptr; }
    /// In Envoy's form, `TLS_error:|…:TLS_error_end`; empty when nothing failed.
    virtual const std::string &failureReason() const = 0;
};

std::unique_ptr<Transport> makePlainTransport();

} // namespace sallyport::net
