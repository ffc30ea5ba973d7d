// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/proxy/server/sockets.h"

#include <atomic>
#include <functional>
#include <mutex>

/// An upstream that serves `/good` as it should and does with every other request what `odd` wants; the
/// connection ends when that returns.
class OddUpstream
{
public:
    using Odd = std::function<void(int fd, const std::string &head)>;

    explicit OddUpstream(Odd odd = {})
        : m_odd(std::move(odd))
        , m_peer([this](int fd) { serve(fd); })
    {
    }

    quint16 port() const { return m_peer.port; }
    /// The request lines that came, but for `/good`.
    QByteArrayList seen()
    {
        const std::lock_guard lock(m_mutex);
        return m_seen;
    }

private:
    void serve(int fd)
    {
        std::string input;
        char bytes[16384];
        while (true) {
            const std::size_t end = input.find("\r\n\r\n");
            if (end == std::string::npos) {
                // The body is for whoever reads it: no byte more than the head is taken.
                const ssize_t got = ::recv(fd, bytes, sizeof bytes, MSG_PEEK);
                if (got <= 0)
                    return;
                const std::size_t before = input.size();
                input.append(bytes, static_cast<std::size_t>(got));
                if (const std::size_t found = input.find("\r\n\r\n"); found != std::string::npos)
                    input.resize(found + 4);
                ::recv(fd, bytes, input.size() - before, 0);
                continue;
            }
            const std::string head = input.substr(0, end);
            input.erase(0, end + 4);
            if (head.compare(0, 10, "GET /good ") == 0) {
                Peer::sendAll(fd, "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood");
                continue;
            }
            {
                const std::lock_guard lock(m_mutex);
                m_seen.append(QByteArray::fromStdString(head.substr(0, head.find("\r\n"))));
            }
            if (!m_odd) {
                if (!readBody(fd, head, input))
                    return;
                Peer::sendAll(fd, "HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nanswered");
                continue;
            }
            m_odd(fd, head);
            return;
        }
    }

    /// False: it did not come. What follows it stays in `input`.
    static bool readBody(int fd, const std::string &head, std::string &input)
    {
        const std::size_t length = head.find("\r\ncontent-length: ");
        const bool chunked = head.find("\r\ntransfer-encoding: chunked") != std::string::npos;
        std::size_t end = length == std::string::npos ? 0 : std::stoul(head.substr(length + 18));
        char bytes[16384];
        while (true) {
            if (chunked) {
                const std::size_t last = input.find("0\r\n\r\n");
                end = last == std::string::npos ? std::string::npos : last + 5;
            }
            if (end <= input.size()) {
                input.erase(0, end);
                return true;
            }
            const ssize_t got = ::recv(fd, bytes, sizeof bytes, 0);
            if (got <= 0)
                return false;
            input.append(bytes, static_cast<std::size_t>(got));
        }
    }

    Odd m_odd;
    std::mutex m_mutex;
    QByteArrayList m_seen;
    Peer m_peer; // ends before what it uses
};
