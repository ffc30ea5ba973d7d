// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/transport.h"

#include <algorithm>
#include <cerrno>
#include <sys/socket.h>
#include <sys/uio.h>

namespace sallyport::net {

namespace {

class PlainTransport final : public Transport
{
public:
    void attach(int fd) override { m_fd = fd; }
    Handshake handshake() override { return Handshake::Done; }

    Io read(Buffer &buffer, std::size_t /*wanted*/) override
    {
        std::size_t room = 0;
        char *to = buffer.reserve(4096, &room);
        for (;;) {
            const ssize_t got = ::recv(m_fd, to, room, 0);
            if (got > 0) {
                buffer.commit(static_cast<std::size_t>(got));
                // A short read has emptied the socket; the next byte signals again.
                m_readable = static_cast<std::size_t>(got) == room || m_hangup;
                return {Outcome::Progress, static_cast<std::size_t>(got)};
            }
            if (got < 0 && errno == EINTR)
                continue;
            buffer.commit(0);
            m_readable = false;
            if (got == 0)
                return {Outcome::End, 0};
            return {errno == EAGAIN ? Outcome::Progress : Outcome::Reset, 0};
        }
    }

    Io write(Buffer &buffer) override
    {
        constexpr int MaxPieces = 32;
        Io io;
        while (!buffer.isEmpty()) {
            iovec vectors[MaxPieces];
            const int count = buffer.pieces(vectors, MaxPieces);
            std::size_t offered = 0;
            for (int i = 0; i < count; ++i)
                offered += vectors[i].iov_len;
            const ssize_t put = send(vectors, count);
            if (put < 0) {
                if (errno == EINTR)
                    continue;
                if (errno != EAGAIN)
                    io.outcome = refusedWrite(errno);
                return io;
            }
            buffer.drain(static_cast<std::size_t>(put));
            io.bytes += static_cast<std::size_t>(put);
            if (static_cast<std::size_t>(put) < offered)
                return io;
        }
        return io;
    }

    const std::string &failureReason() const override
    {
        static const std::string none;
        return none;
    }

private:
    ssize_t send(iovec *vectors, int count) const
    {
        // One piece is the rule, and costs the system less by itself.
        if (count == 1)
            return ::send(m_fd, vectors[0].iov_base, vectors[0].iov_len, MSG_NOSIGNAL);
        msghdr message{};
        message.msg_iov = vectors;
        message.msg_iovlen = static_cast<std::size_t>(count);
        return ::sendmsg(m_fd, &message, MSG_NOSIGNAL);
    }

    int m_fd = -1;
};

} // namespace

std::unique_ptr<Transport> makePlainTransport()
{
    return std::make_unique<PlainTransport>();
}

} // namespace sallyport::net
