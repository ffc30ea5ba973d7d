// SPDX-License-Identifier: GPL-3.0-or-later
// The load of tests/bench: HTTP/1.1 over plaintext, TLS or mutual TLS from one thread, as fast as answers
// come or at a fixed rate, whose latencies count from the moment a request was due (so that a slow server
// cannot hide by slowing the client down); or TLS handshakes, full or resumed; or connections that only stay
// open. Prints a line when measuring begins, and one JSON object.
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <map>
#include <memory>
#include <netinet/tcp.h>
#include <set>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Options
{
    std::string mode = "requests"; ///< requests, handshakes, idle
    std::string address = "127.0.0.1";
    int port = 0;
    std::string host = "test.com";
    std::string path = "/";
    int connections = 32;
    double seconds = 5;
    double warmUp = 1;
    double rate = 0; ///< requests a second; 0: as fast as answers come
    int count = 0;   ///< ends after so many answers; 0: after `seconds`
    bool tls = false;
    bool resume = false;
    std::string certificate;
    std::string key;
};

Options options;
std::string request;

struct Counts
{
    std::uint64_t answers = 0;
    std::uint64_t not200 = 0;
    std::uint64_t broken = 0; ///< connections that ended without their answer
    std::uint64_t bytes = 0;
    std::vector<std::uint32_t> latenciesUs;
};
Counts counts;
bool measuring = false;

SSL_CTX *makeContext()
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (!options.certificate.empty() &&
        (SSL_CTX_use_certificate_chain_file(context, options.certificate.c_str()) != 1 ||
         SSL_CTX_use_PrivateKey_file(context, options.key.c_str(), SSL_FILETYPE_PEM) != 1)) {
        ERR_print_errors_fp(stderr);
        std::exit(2);
    }
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT);
    return context;
}

SSL_CTX *context = nullptr;
SSL_SESSION *savedSession = nullptr;

int keepSession(SSL *, SSL_SESSION *session)
{
    if (savedSession)
        SSL_SESSION_free(savedSession);
    savedSession = session;
    return 1;
}

class Connection
{
public:
    enum class State { Connecting, Handshaking, Idle, Waiting, Dead };

    explicit Connection(int epoll)
        : m_epoll(epoll)
    {
    }
    ~Connection() { close(); }
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;

    void open()
    {
        close();
        m_fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        const int on = 1;
        ::setsockopt(m_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(static_cast<std::uint16_t>(options.port));
        ::inet_pton(AF_INET, options.address.c_str(), &to.sin_addr);
        m_state = State::Connecting;
        m_in.clear();
        m_left = -1;
        if (::connect(m_fd, reinterpret_cast<sockaddr *>(&to), sizeof to) != 0 && errno != EINPROGRESS) {
            std::perror("connect");
            m_state = State::Dead;
            return;
        }
        epoll_event event{};
        event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
        event.data.ptr = this;
        ::epoll_ctl(m_epoll, EPOLL_CTL_ADD, m_fd, &event);
    }
    void close()
    {
        if (m_ssl) {
            SSL_set_shutdown(m_ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
            SSL_free(m_ssl);
            m_ssl = nullptr;
        }
        if (m_fd >= 0)
            ::close(m_fd);
        m_fd = -1;
        m_state = State::Dead;
    }

    State state() const { return m_state; }
    bool justAnswered() const { return m_answered; }
    bool resumed() const { return m_ssl && SSL_session_reused(m_ssl) == 1; }

    /// `due`: when the request should have gone out.
    void send(Clock::time_point due)
    {
        m_due = due;
        m_state = State::Waiting;
        m_left = -1;
        m_in.clear();
        const auto sent = m_ssl ? SSL_write(m_ssl, request.data(), static_cast<int>(request.size()))
                                : ::send(m_fd, request.data(), request.size(), MSG_NOSIGNAL);
        if (std::cmp_not_equal(sent, request.size()))
            fail();
    }

    /// Goes on; true when an answer has just come.
    bool advance()
    {
        m_answered = false;
        if (m_state == State::Connecting)
            connected();
        if (m_state == State::Handshaking)
            handshake();
        if (m_state == State::Waiting || m_state == State::Idle)
            read();
        return m_answered;
    }

private:
    void connected()
    {
        int error = 0;
        socklen_t size = sizeof error;
        ::getsockopt(m_fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error != 0) {
            if (error != EINPROGRESS)
                fail();
            return;
        }
        if (!options.tls) {
            m_state = State::Idle;
            return;
        }
        m_ssl = SSL_new(context);
        SSL_set_fd(m_ssl, m_fd);
        SSL_set_tlsext_host_name(m_ssl, options.host.c_str());
        SSL_set_connect_state(m_ssl);
        if (options.resume && savedSession) {
            SSL_SESSION_up_ref(savedSession);
            SSL_set_session(m_ssl, savedSession);
            SSL_SESSION_free(savedSession);
        }
        m_state = State::Handshaking;
    }
    void handshake()
    {
        const int done = SSL_do_handshake(m_ssl);
        if (done == 1) {
            m_state = State::Idle;
            return;
        }
        const int why = SSL_get_error(m_ssl, done);
        if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
            fail();
    }
    void read()
    {
        static char buffer[256 * 1024];
        for (;;) {
            long got = 0;
            if (m_ssl) {
                got = SSL_read(m_ssl, buffer, sizeof buffer);
                if (got <= 0) {
                    const int why = SSL_get_error(m_ssl, static_cast<int>(got));
                    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
                        return;
                    ERR_clear_error();
                    return fail();
                }
            } else {
                got = ::recv(m_fd, buffer, sizeof buffer, 0);
                if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
                    return;
                if (got <= 0) {
                    if (!measuring)
                        std::fprintf(stderr, "connection ended: %s\n",
                                     got < 0 ? std::strerror(errno) : "FIN");
                    return fail();
                }
            }
            take({buffer, static_cast<std::size_t>(got)});
            if (m_state == State::Dead)
                return;
        }
    }
    void take(std::string_view bytes)
    {
        if (measuring)
            counts.bytes += bytes.size();
        if (m_left < 0) {
            m_in.append(bytes);
            const std::size_t end = m_in.find("\r\n\r\n");
            if (end == std::string::npos)
                return;
            m_status = std::atoi(m_in.c_str() + 9);
            std::string head = m_in.substr(0, end + 2);
            std::transform(head.begin(), head.end(), head.begin(),
                           [](unsigned char c) { return std::tolower(c); });
            const std::size_t length = head.find("\r\ncontent-length:");
            if (length == std::string::npos) {
                std::fprintf(stderr, "an answer without content-length: %s\n", head.c_str());
                std::exit(1);
            }
            m_left = std::atol(head.c_str() + length + 17) - static_cast<long>(m_in.size() - end - 4);
        } else {
            m_left -= static_cast<long>(bytes.size());
        }
        if (m_left > 0)
            return;
        m_left = -1;
        m_in.clear();
        m_state = State::Idle;
        m_answered = true;
        if (!measuring)
            return;
        ++counts.answers;
        counts.not200 += m_status == 200 ? 0 : 1;
        const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - m_due).count();
        counts.latenciesUs.push_back(static_cast<std::uint32_t>(took));
    }
    void fail()
    {
        if (measuring && m_state != State::Idle)
            ++counts.broken;
        close();
    }

    int m_epoll;
    int m_fd = -1;
    SSL *m_ssl = nullptr;
    State m_state = State::Dead;
    bool m_answered = false;
    std::string m_in;
    long m_left = -1; ///< of the body; -1: the head is not complete
    int m_status = 0;
    Clock::time_point m_due;
};

double sinceSeconds(Clock::time_point then)
{
    return std::chrono::duration<double>(Clock::now() - then).count();
}

bool isOver(double elapsed)
{
    if (options.count > 0)
        return std::cmp_greater_equal(counts.answers, options.count);
    return elapsed >= options.warmUp + options.seconds;
}

using Connections = std::vector<std::unique_ptr<Connection>>;

void wait(int epoll, std::chrono::nanoseconds most, std::vector<Connection *> &ready)
{
    epoll_event events[512];
    const auto left = std::max<std::int64_t>(most.count(), 0);
    const timespec limit{left / 1'000'000'000, left % 1'000'000'000};
    const int count = ::epoll_pwait2(epoll, events, 512, &limit, nullptr);
    ready.clear();
    for (int i = 0; i < count; ++i)
        ready.push_back(static_cast<Connection *>(events[i].data.ptr));
}

/// Whoever watches the proxy's processor time begins when this line comes.
void beginMeasuring()
{
    measuring = true;
    std::puts("{\"measuring\": true}");
    std::fflush(stdout);
}

/// Opens all connections, a few at a time, each proved by one answer.
bool openAll(int epoll, Connections &connections)
{
    std::vector<Connection *> ready;
    std::set<Connection *> proved;
    std::size_t opened = 0;
    const auto begin = Clock::now();
    while (proved.size() < connections.size() && sinceSeconds(begin) < 60) {
        while (opened < connections.size() && opened < proved.size() + 50)
            connections[opened++]->open();
        wait(epoll, std::chrono::milliseconds(100), ready);
        for (Connection *connection : ready) {
            if (proved.contains(connection))
                continue;
            if (connection->advance())
                proved.insert(connection);
            else if (connection->state() == Connection::State::Idle)
                connection->send(Clock::now());
            else if (connection->state() == Connection::State::Dead)
                return false;
        }
    }
    return proved.size() == connections.size();
}

double runRequests(int epoll, Connections &connections)
{
    std::vector<Connection *> ready;
    std::deque<Connection *> idle;
    std::deque<Clock::time_point> due;
    for (auto &connection : connections)
        idle.push_back(connection.get());
    const auto begin = Clock::now();
    const auto interval =
        options.rate > 0
            ? std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / options.rate))
            : Clock::duration(0);
    auto next = begin;
    auto measuredFrom = begin;
    for (;;) {
        const double elapsed = sinceSeconds(begin);
        if (!measuring && elapsed >= options.warmUp) {
            beginMeasuring();
            measuredFrom = Clock::now();
        }
        if (isOver(elapsed))
            break;
        const auto now = Clock::now();
        if (options.rate > 0) {
            for (; next <= now; next += interval)
                due.push_back(next);
            while (!due.empty() && !idle.empty()) {
                idle.front()->send(due.front());
                idle.pop_front();
                due.pop_front();
            }
        } else {
            for (; !idle.empty(); idle.pop_front())
                idle.front()->send(now);
        }
        wait(epoll, options.rate > 0 ? next - Clock::now() : std::chrono::milliseconds(100), ready);
        for (Connection *connection : ready) {
            const bool wasIdle = connection->state() == Connection::State::Idle;
            const bool answered = connection->advance();
            if (connection->state() == Connection::State::Dead) {
                const auto at = std::find(idle.begin(), idle.end(), connection);
                if (at != idle.end())
                    idle.erase(at);
                connection->open();
            } else if (answered || (!wasIdle && connection->state() == Connection::State::Idle)) {
                idle.push_back(connection);
            }
        }
    }
    return sinceSeconds(measuredFrom);
}

double runHandshakes(int epoll, Connections &connections, std::uint64_t &resumed)
{
    std::vector<Connection *> ready;
    for (auto &connection : connections)
        connection->open();
    const auto begin = Clock::now();
    auto measuredFrom = begin;
    while (!isOver(sinceSeconds(begin))) {
        if (!measuring && sinceSeconds(begin) >= options.warmUp) {
            beginMeasuring();
            measuredFrom = Clock::now();
        }
        wait(epoll, std::chrono::milliseconds(100), ready);
        for (Connection *connection : ready) {
            const bool answered = connection->advance();
            if (answered) {
                resumed += measuring && connection->resumed() ? 1 : 0;
                connection->close();
                connection->open();
            } else if (connection->state() == Connection::State::Idle) {
                connection->send(Clock::now());
            } else if (connection->state() == Connection::State::Dead) {
                connection->open();
            }
        }
    }
    return sinceSeconds(measuredFrom);
}

double percentile(std::vector<std::uint32_t> &sorted, double part)
{
    if (sorted.empty())
        return 0;
    return sorted[std::min(sorted.size() - 1,
                           static_cast<std::size_t>(part * static_cast<double>(sorted.size())))];
}

bool readOptions(int argc, char *argv[])
{
    std::map<std::string, std::string *> texts{
        {"--mode", &options.mode}, {"--address", &options.address},  {"--host", &options.host},
        {"--path", &options.path}, {"--cert", &options.certificate}, {"--key", &options.key}};
    std::map<std::string, double *> numbers{
        {"--seconds", &options.seconds}, {"--warm-up", &options.warmUp}, {"--rate", &options.rate}};
    std::map<std::string, int *> integers{
        {"--port", &options.port}, {"--connections", &options.connections}, {"--count", &options.count}};
    std::map<std::string, bool *> switches{{"--tls", &options.tls}, {"--resume", &options.resume}};
    for (int i = 1; i < argc; ++i) {
        const std::string name = argv[i];
        if (const auto at = switches.find(name); at != switches.end()) {
            *at->second = true;
            continue;
        }
        if (++i == argc)
            return false;
        if (const auto text = texts.find(name); text != texts.end())
            *text->second = argv[i];
        else if (const auto number = numbers.find(name); number != numbers.end())
            *number->second = std::atof(argv[i]);
        else if (const auto integer = integers.find(name); integer != integers.end())
            *integer->second = std::atoi(argv[i]);
        else
            return false;
    }
    return options.port > 0;
}

} // namespace

int main(int argc, char *argv[])
{
    if (!readOptions(argc, argv)) {
        std::fputs(
            "load_generator --port N [--mode requests|handshakes|idle] [--address A] [--host H] [--path P]\n"
            "  [--connections N] [--seconds S | --count N] [--warm-up S] [--rate PER_SECOND] [--tls] "
            "[--resume]\n"
            "  [--cert FILE --key FILE]\n",
            stderr);
        return 2;
    }
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    context = makeContext();
    if (options.resume)
        SSL_CTX_sess_set_new_cb(context, keepSession);
    request = "GET " + options.path + " HTTP/1.1\r\nHost: " + options.host +
              "\r\nUser-Agent: load\r\nAccept: */*\r\n\r\n";
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    Connections connections;
    for (int i = 0; i < options.connections; ++i)
        connections.push_back(std::make_unique<Connection>(epoll));
    double seconds = 0;
    std::uint64_t resumed = 0;
    if (options.mode == "handshakes") {
        seconds = runHandshakes(epoll, connections, resumed);
    } else {
        if (!openAll(epoll, connections)) {
            std::fputs("not every connection could be opened\n", stderr);
            return 1;
        }
        if (options.mode == "idle") {
            std::puts("{\"open\": true}");
            std::fflush(stdout);
            ::usleep(static_cast<useconds_t>(options.seconds * 1e6));
            return 0;
        }
        seconds = runRequests(epoll, connections);
    }
    std::sort(counts.latenciesUs.begin(), counts.latenciesUs.end());
    std::printf("{\"answers\": %llu, \"not200\": %llu, \"broken\": %llu, \"bytes\": %llu, \"resumed\": %llu, "
                "\"seconds\": %.3f, \"p50\": %.0f, \"p99\": %.0f, \"p999\": %.0f}\n",
                static_cast<unsigned long long>(counts.answers),
                static_cast<unsigned long long>(counts.not200),
                static_cast<unsigned long long>(counts.broken), static_cast<unsigned long long>(counts.bytes),
                static_cast<unsigned long long>(resumed), seconds, percentile(counts.latenciesUs, 0.5),
                percentile(counts.latenciesUs, 0.99), percentile(counts.latenciesUs, 0.999));
    return 0;
}
