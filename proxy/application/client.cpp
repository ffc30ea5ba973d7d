// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/application/client.h"

#include "proxy/application/proxy_header.h"

#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <netinet/in.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sallyport::application {

namespace {

using Clock = std::chrono::steady_clock;

constexpr const char *closedWithoutAnswer = "connection closed without an answer";

/// A connected TCP socket that reads until a deadline.
class Connection
{
public:
    explicit Connection(Clock::time_point deadline)
        : m_deadline(deadline)
    {
    }
    ~Connection()
    {
        if (m_fd >= 0)
            ::close(m_fd);
    }
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;

    Result<void> bind(const std::string &source)
    {
        m_fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (m_fd < 0)
            return fail(std::string("no socket: ") + std::strerror(errno));
        sockaddr_in address = inetAddress({source, 0});
        if (::bind(m_fd, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0)
            return fail("the workload's address " + source + " cannot be used: " + std::strerror(errno));
        return {};
    }

    bool connect(const lab::SocketAddress &to)
    {
        sockaddr_in address = inetAddress(to);
        if (::connect(m_fd, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0)
            return true;
        if (errno != EINPROGRESS || !wait(POLLOUT))
            return false;
        int error = 0;
        socklen_t size = sizeof error;
        return ::getsockopt(m_fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
    }

    lab::SocketAddress local() const
    {
        sockaddr_in address = {};
        socklen_t size = sizeof address;
        ::getsockname(m_fd, reinterpret_cast<sockaddr *>(&address), &size);
        char text[INET_ADDRSTRLEN] = {};
        ::inet_ntop(AF_INET, &address.sin_addr, text, sizeof text);
        return {text, ntohs(address.sin_port)};
    }

    /// Writes what the peer takes; a peer that answers early and closes is not an error here.
    void write(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(m_fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent > 0) {
                bytes.remove_prefix(static_cast<std::size_t>(sent));
            } else if (errno == EAGAIN) {
                if (!wait(POLLOUT))
                    return;
            } else if (errno != EINTR) {
                return;
            }
        }
    }

    /// Appends what comes next. False: the connection ended, or time is up (then timedOut()).
    bool read(std::string &into)
    {
        char buffer[16384];
        while (true) {
            const ssize_t got = ::recv(m_fd, buffer, sizeof buffer, 0);
            if (got > 0) {
                into.append(buffer, static_cast<std::size_t>(got));
                return true;
            }
            if (got == 0)
                return false;
            if (errno == EAGAIN) {
                if (!wait(POLLIN))
                    return false;
            } else if (errno != EINTR) {
                return false;
            }
        }
    }

    bool timedOut() const { return Clock::now() >= m_deadline; }

private:
    static sockaddr_in inetAddress(const lab::SocketAddress &address)
    {
        sockaddr_in result = {};
        result.sin_family = AF_INET;
        result.sin_port = htons(static_cast<std::uint16_t>(address.port));
        ::inet_pton(AF_INET, address.address.c_str(), &result.sin_addr);
        return result;
    }

    bool wait(short events)
    {
        while (true) {
            const auto left =
                std::chrono::duration_cast<std::chrono::milliseconds>(m_deadline - Clock::now());
            if (left.count() <= 0)
                return false;
            pollfd entry{m_fd, events, 0};
            const int ready = ::poll(&entry, 1, static_cast<int>(left.count()) + 1);
            if (ready > 0)
                return true;
            if (ready < 0 && errno != EINTR)
                return false;
        }
    }

    int m_fd = -1;
    Clock::time_point m_deadline;
};

/// Reads one HTTP/1.1 answer. The bytes come from a proxy that is under test, so nothing about them is taken
/// for granted.
class AnswerReader
{
public:
    AnswerReader(Connection &connection, bool head)
        : m_connection(connection)
        , m_head(head)
    {
    }

    Answer read()
    {
        do {
            if (!readHead())
                return failed();
        } while (m_answer.status >= 100 && m_answer.status < 200 && m_answer.status != 101);
        if (m_head || m_answer.status == 204 || m_answer.status == 304)
            return m_answer;
        bool complete = true;
        if (const std::string *encoding = header("transfer-encoding");
            encoding && encoding->find("chunked") != std::string::npos) {
            complete = readChunks();
        } else if (const std::string *length = header("content-length")) {
            std::size_t size = 0;
            std::from_chars(length->data(), length->data() + length->size(), size);
            complete = fill(size);
            m_answer.body = m_buffer.substr(0, size);
        } else {
            while (m_connection.read(m_buffer))
                continue;
            m_answer.body = m_buffer;
        }
        if (!complete)
            m_answer.error = m_connection.timedOut() ? "the answer did not end in time"
                                                     : "connection closed before the answer was complete";
        return m_answer;
    }

private:
    Answer failed()
    {
        Answer answer;
        answer.error = m_connection.timedOut() ? "no answer in time"
                       : m_buffer.empty()      ? closedWithoutAnswer
                                               : "the answer is not HTTP";
        return answer;
    }

    const std::string *header(const char *name) const
    {
        for (const auto &[key, value] : m_answer.headers) {
            if (::strcasecmp(key.c_str(), name) == 0)
                return &value;
        }
        return nullptr;
    }

    bool fill(std::size_t size)
    {
        while (m_buffer.size() < size) {
            if (!m_connection.read(m_buffer))
                return false;
        }
        return true;
    }

    bool readHead()
    {
        constexpr std::size_t limit = std::size_t{1} << 20;
        std::size_t end = std::string::npos;
        while ((end = m_buffer.find("\r\n\r\n")) == std::string::npos) {
            if (m_buffer.size() > limit || !m_connection.read(m_buffer))
                return false;
        }
        const std::string head = m_buffer.substr(0, end + 2);
        m_buffer.erase(0, end + 4);
        std::size_t at = head.find("\r\n");
        const std::string line = head.substr(0, at);
        if (line.compare(0, 5, "HTTP/") != 0 || line.size() < 12)
            return false;
        m_answer = {};
        std::from_chars(line.data() + 9, line.data() + 12, m_answer.status);
        at += 2;
        while (at < head.size()) {
            const std::size_t stop = head.find("\r\n", at);
            const std::string field = head.substr(at, stop - at);
            at = stop + 2;
            const std::size_t colon = field.find(':');
            if (colon == std::string::npos)
                continue;
            const std::size_t begin = field.find_first_not_of(" \t", colon + 1);
            const std::size_t last = field.find_last_not_of(" \t");
            m_answer.headers.emplace_back(field.substr(0, colon),
                                          begin == std::string::npos ? std::string()
                                                                     : field.substr(begin, last - begin + 1));
        }
        return true;
    }

    bool readChunks()
    {
        while (true) {
            std::size_t end = std::string::npos;
            while ((end = m_buffer.find("\r\n")) == std::string::npos) {
                if (!m_connection.read(m_buffer))
                    return false;
            }
            std::size_t size = 0;
            if (std::from_chars(m_buffer.data(), m_buffer.data() + end, size, 16).ec != std::errc())
                return false;
            m_buffer.erase(0, end + 2);
            if (size == 0)
                return readTrailers();
            if (!fill(size + 2)) {
                m_answer.body += m_buffer;
                return false;
            }
            m_answer.body.append(m_buffer, 0, size);
            m_buffer.erase(0, size + 2);
        }
    }

    bool readTrailers()
    {
        while (true) {
            std::size_t end = std::string::npos;
            while ((end = m_buffer.find("\r\n")) == std::string::npos) {
                if (!m_connection.read(m_buffer))
                    return false;
            }
            if (end == 0)
                return true;
            m_buffer.erase(0, end + 2);
        }
    }

    Connection &m_connection;
    bool m_head;
    std::string m_buffer;
    Answer m_answer;
};

} // namespace

Result<Answer> send(const lab::NetworkView &network, const lab::Instance &instance, const Request &request,
                    std::chrono::milliseconds limit)
{
    const std::vector<std::string> addresses = network.resolve(instance, request.host);
    if (addresses.empty())
        return fail("`" + request.host + "` does not resolve in " + instance.name, {},
                    "add it to .sallyport/hosts, or send to an address");
    const lab::Destination way = network.way(instance, addresses.front(), request.port);
    Connection connection(Clock::now() + limit);
    if (const auto bound = connection.bind(way.source); !bound)
        return fail(bound.error());
    if (!connection.connect(way.connectTo)) {
        if (way.proxied)
            return fail("the sidecar of " + instance.name + " does not take connections at " +
                            way.connectTo.toString(),
                        {}, "is the lab still running?");
        Answer answer;
        answer.error = closedWithoutAnswer;
        return answer;
    }
    std::string bytes = way.proxied ? proxyHeader(connection.local(), way.original) : std::string();
    bytes += request.bytes();
    connection.write(bytes);
    Answer answer = AnswerReader(connection, request.method == "HEAD").read();
    answer.body = network.meshText(answer.body);
    for (auto &field : answer.headers)
        field.second = network.meshText(field.second);
    return answer;
}

} // namespace sallyport::application
