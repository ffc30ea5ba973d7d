// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes of a TLS connection: OpenSSL's BIO, reading and writing.
#include "proxy/net/tls_transport.h"

#include <algorithm>
#include <cerrno>
#include <openssl/err.h>
#include <sys/socket.h>
#include <utility>

namespace sallyport::net {

namespace {

constexpr std::size_t RecordSize = std::size_t(16) * 1024;
/// Above this much ciphertext that the system does not take, no more is made.
constexpr std::size_t MaxPendingOutput = std::size_t(64) * 1024;
/// Pieces of at least this size become a record as they are; smaller ones are gathered.
constexpr std::size_t OwnRecordFrom = std::size_t(2) * 1024;

} // namespace

BIO_METHOD *TlsTransport::bioMethod()
{
    static BIO_METHOD *const method = [] {
        BIO_METHOD *made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR,
                                        "sallyport descriptor");
        BIO_meth_set_write(made, bioWrite);
        BIO_meth_set_read(made, bioRead);
        BIO_meth_set_ctrl(made, bioControl);
        return made;
    }();
    return method;
}

int TlsTransport::bioWrite(BIO *bio, const char *bytes, int size)
{
    auto &self = *static_cast<TlsTransport *>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (self.m_saysNothing)
        return size;
    std::size_t sent = 0;
    if (!self.m_hold && self.m_out.isEmpty()) {
        const ssize_t put = ::send(self.m_fd, bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
        if (put < 0 && errno != EAGAIN && errno != EINTR) {
            self.m_socketError = errno;
            return -1;
        }
        sent = put < 0 ? 0 : static_cast<std::size_t>(put);
    }
    self.m_out.append({bytes + sent, static_cast<std::size_t>(size) - sent});
    return size;
}

int TlsTransport::bioRead(BIO *bio, char *bytes, int size)
{
    auto &self = *static_cast<TlsTransport *>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    while (self.m_signalled) {
        const ssize_t got = ::recv(self.m_fd, bytes, static_cast<std::size_t>(size), 0);
        if (got > 0) {
            self.m_signalled = got == size || self.m_hangup;
            if (!std::exchange(self.m_heard, true) && self.m_state->server)
                self.m_refusal = refusalOfFirstBytes({bytes, static_cast<std::size_t>(got)});
            return self.m_refusal ? -1 : static_cast<int>(got);
        }
        if (got < 0 && errno == EINTR)
            continue;
        self.m_signalled = false;
        if (got == 0) {
            self.m_eof = true;
            return 0;
        }
        if (errno != EAGAIN) {
            self.m_socketError = errno;
            return -1;
        }
    }
    if (self.m_eof)
        return 0;
    BIO_set_retry_read(bio);
    return -1;
}

long TlsTransport::bioControl(BIO *bio, int command, long /*number*/, void * /*pointer*/)
{
    switch (command) {
    case BIO_CTRL_EOF:
        return static_cast<TlsTransport *>(BIO_get_data(bio))->m_eof ? 1 : 0;
    case BIO_CTRL_FLUSH:
    case BIO_CTRL_DUP:
        return 1;
    default:
        return 0;
    }
}

Transport::Io TlsTransport::read(Buffer &buffer, std::size_t wanted)
{
    Io io;
    m_socketError = 0;
    SSL *ssl = m_ssl.get();
    while (io.bytes < wanted) {
        std::size_t room = 0;
        char *to = buffer.reserve(4096, &room);
        ERR_clear_error();
        const int got = SSL_read(ssl, to, static_cast<int>(room));
        if (got > 0) {
            buffer.commit(static_cast<std::size_t>(got));
            io.bytes += static_cast<std::size_t>(got);
            m_readable = m_signalled || SSL_has_pending(ssl) == 1;
            if (m_readable)
                continue;
            return io;
        }
        buffer.commit(0);
        m_readable = false;
        switch (SSL_get_error(ssl, got)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE:
            break;
        case SSL_ERROR_ZERO_RETURN:
            io.outcome = Outcome::End;
            break;
        case SSL_ERROR_SYSCALL:
            m_broken = true;
            io.outcome = m_socketError != 0 ? Outcome::Reset : Outcome::End;
            break;
        default:
            recordFailure();
            io.outcome = Outcome::Failed;
            break;
        }
        return io;
    }
    return io;
}

bool TlsTransport::sendPending()
{
    while (!m_out.isEmpty()) {
        iovec pieces[16];
        msghdr message{};
        message.msg_iov = pieces;
        message.msg_iovlen = static_cast<std::size_t>(m_out.pieces(pieces, 16));
        const ssize_t put = ::sendmsg(m_fd, &message, MSG_NOSIGNAL);
        if (put < 0) {
            if (errno == EINTR)
                continue;
            if (errno == EAGAIN)
                return true;
            m_socketError = errno;
            return false;
        }
        m_out.drain(static_cast<std::size_t>(put));
    }
    return true;
}

Transport::Io TlsTransport::write(Buffer &buffer)
{
    Io io;
    // Goes on until everything is sent or the system takes no more: only then does writability signal again.
    do {
        if (!sendPending()) {
            io.outcome = refusedWrite(m_socketError);
            return io;
        }
        if (!m_out.isEmpty())
            return io;
        m_hold = buffer.size() > RecordSize;
        io.outcome = encrypt(buffer, io.bytes);
        m_hold = false;
    } while (io.outcome == Outcome::Progress && (!buffer.isEmpty() || !m_out.isEmpty()));
    return io;
}

/// Turns bytes into records until enough of them wait to be sent.
Transport::Outcome TlsTransport::encrypt(Buffer &buffer, std::size_t &bytes)
{
    while (!buffer.isEmpty() && m_out.size() < MaxPendingOutput) {
        const std::size_t front = buffer.front().size();
        const bool alone = front >= OwnRecordFrom;
        const std::string_view record = buffer.linearize(alone ? std::min(front, RecordSize)
                                                               : std::min(buffer.size(), 2 * OwnRecordFrom));
        ERR_clear_error();
        const int put = SSL_write(m_ssl.get(), record.data(), static_cast<int>(record.size()));
        if (put > 0) {
            buffer.drain(static_cast<std::size_t>(put));
            bytes += static_cast<std::size_t>(put);
            continue;
        }
        if (m_socketError != 0) {
            m_broken = true;
            return refusedWrite(m_socketError);
        }
        // Output never blocks and renegotiation is off, so there is nothing to wait for.
        recordFailure();
        return Outcome::Failed;
    }
    return Outcome::Progress;
}

void TlsTransport::sayGoodbye()
{
    if (m_broken || !m_done)
        return;
    ERR_clear_error();
    SSL_shutdown(m_ssl.get());
    ERR_clear_error();
    sendPending();
}

} // namespace sallyport::net
