// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/resolver.h"

#include <QHostAddress>
#include <QHostInfo>
#include <QObject>
#include <QSocketNotifier>
#include <QTimer>
#include <algorithm>
#include <ares.h>
#include <limits>
#include <map>
#include <netdb.h>
#include <utility>

namespace sallyport::net {

namespace {

using Family = Address::Family;
using Status = DnsAnswer::Status;

/// The addresses that the wanted family leaves, in its order of preference.
std::vector<Address> selected(const std::vector<Address> &all, DnsFamily family)
{
    std::vector<Address> four;
    std::vector<Address> six;
    for (const Address &address : all)
        (address.family() == Family::V4 ? four : six).push_back(address);
    switch (family) {
    case DnsFamily::V4Only:
        return four;
    case DnsFamily::V6Only:
        return six;
    case DnsFamily::V4Preferred:
        return four.empty() ? six : four;
    case DnsFamily::Auto:
        return six.empty() ? four : six;
    case DnsFamily::All:
        break;
    }
    six.insert(six.end(), four.begin(), four.end());
    return six;
}

/// Someone waits for an answer; dropped, it keeps silent. It may be dropped from within.
class Waiting : public QObject
{
public:
    Waiting(DnsFamily family, std::function<void(const DnsAnswer &)> onAnswer)
        : m_family(family)
        , m_onAnswer(std::move(onAnswer))
    {
    }
    /// Answers later, from the event loop.
    void answer(DnsAnswer answer)
    {
        answer.addresses = selected(answer.addresses, m_family);
        if (answer.status == Status::Success && answer.addresses.empty()) {
            answer.status = Status::NoSuchName;
            answer.error = "cares_norecords:DNS_server_returned_answer_with_no_data";
        }
        QMetaObject::invokeMethod(
            this,
            [this, answer = std::move(answer)] {
                if (const auto onAnswer = std::exchange(m_onAnswer, nullptr))
                    onAnswer(answer);
            },
            Qt::QueuedConnection);
    }
    void drop() { m_onAnswer = nullptr; }

private:
    DnsFamily m_family;
    std::function<void(const DnsAnswer &)> m_onAnswer;
};

using WaitingPtr = std::shared_ptr<Waiting>;

Resolver::Query tokenOf(const WaitingPtr &waiting)
{
    return {waiting.get(), [waiting](Waiting *own) { own->drop(); }};
}

/// `cares_failure:DNS_server_refused_query`
std::string errorOf(const char *kind, int status)
{
    std::string text = std::string(kind) + ':' + ares_strerror(status);
    std::replace(text.begin(), text.end(), ' ', '_');
    return text;
}

DnsAnswer answerOf(int status, const ares_addrinfo *info)
{
    DnsAnswer answer;
    if (status != ARES_SUCCESS || info == nullptr) {
        const bool isNone = status == ARES_ENOTFOUND || status == ARES_ENODATA;
        answer.status = isNone ? Status::NoSuchName : Status::Failure;
        answer.error = errorOf(isNone ? "cares_norecords" : "cares_failure", status);
        return answer;
    }
    answer.status = Status::Success;
    int ttl = std::numeric_limits<int>::max();
    for (const ares_addrinfo_node *node = info->nodes; node != nullptr; node = node->ai_next) {
        if (node->ai_family == AF_INET) {
            const auto *four = reinterpret_cast<const sockaddr_in *>(node->ai_addr);
            answer.addresses.push_back(Address::v4(ntohl(four->sin_addr.s_addr), 0));
        } else if (node->ai_family == AF_INET6) {
            const auto *six = reinterpret_cast<const sockaddr_in6 *>(node->ai_addr);
            answer.addresses.push_back(Address::v6(six->sin6_addr, 0));
        } else {
            continue;
        }
        ttl = std::min(ttl, node->ai_ttl);
    }
    if (!answer.addresses.empty())
        answer.ttl = std::chrono::seconds(ttl);
    return answer;
}

Address toAddress(const QHostAddress &host)
{
    if (host.protocol() == QAbstractSocket::IPv4Protocol)
        return Address::v4(host.toIPv4Address(), 0);
    const Q_IPV6ADDR bytes = host.toIPv6Address();
    in6_addr six{};
    std::copy(std::begin(bytes.c), std::end(bytes.c), std::begin(six.s6_addr));
    return Address::v6(six, 0);
}

/// By getaddrinfo, which blocks, on a thread of Qt's.
void askSystem(const std::string &name, const WaitingPtr &waiting)
{
    QHostInfo::lookupHost(QString::fromStdString(name), waiting.get(), [waiting](const QHostInfo &info) {
        DnsAnswer answer;
        for (const QHostAddress &host : info.addresses())
            answer.addresses.push_back(toAddress(host));
        answer.status = !answer.addresses.empty()                 ? Status::Success
                        : info.error() == QHostInfo::HostNotFound ? Status::NoSuchName
                                                                  : Status::Failure;
        answer.error = info.errorString().toStdString();
        waiting->answer(std::move(answer));
    });
}

std::string serverOf(const dataplane::SocketAddress &server)
{
    constexpr std::uint32_t dns = 53;
    const bool six = server.address.find(':') != std::string::npos;
    return (six ? '[' + server.address + ']' : server.address) + ':' +
           std::to_string(server.port == 0 ? dns : server.port);
}

} // namespace

/// c-ares on Qt's event loop.
class Resolver::Channel final : public QObject
{
public:
    explicit Channel(const dataplane::DnsResolver &configuration)
    {
        ares_library_init(ARES_LIB_INIT_ALL);
        ares_options options{};
        int given = ARES_OPT_SOCK_STATE_CB;
        options.sock_state_cb = [](void *own, ares_socket_t fd, int readable, int writable) {
            static_cast<Channel *>(own)->watch(fd, readable != 0, writable != 0);
        };
        options.sock_state_cb_data = this;
        if (configuration.useTcp || configuration.noDefaultSearchDomain) {
            given |= ARES_OPT_FLAGS;
            options.flags = (configuration.useTcp ? ARES_FLAG_USEVC : 0) |
                            (configuration.noDefaultSearchDomain ? ARES_FLAG_NOSEARCH : 0);
        }
        if (configuration.queryTimeoutSeconds) {
            given |= ARES_OPT_TIMEOUT;
            options.timeout = static_cast<int>(*configuration.queryTimeoutSeconds);
        }
        if (configuration.queryTries) {
            given |= ARES_OPT_TRIES;
            options.tries = static_cast<int>(*configuration.queryTries);
        }
        if (configuration.rotateNameservers)
            given |= ARES_OPT_ROTATE;
        m_status = ares_init_options(&m_channel, &options, given);
        std::string servers;
        for (const dataplane::SocketAddress &server : configuration.resolvers)
            servers += (servers.empty() ? "" : ",") + serverOf(server);
        if (m_status == ARES_SUCCESS && !servers.empty())
            m_status = ares_set_servers_ports_csv(m_channel, servers.c_str());
        m_timer.setSingleShot(true);
        connect(&m_timer, &QTimer::timeout, this, [this] { process(ARES_SOCKET_BAD, ARES_SOCKET_BAD); });
    }
    ~Channel() override
    {
        // Whoever still waits is told nothing more.
        m_ending = true;
        for (auto &[fd, notifiers] : m_notifiers) {
            delete notifiers.read.release();
            delete notifiers.write.release();
        }
        m_notifiers.clear();
        if (m_channel != nullptr)
            ares_destroy(m_channel);
        ares_library_cleanup();
    }
    Channel(const Channel &) = delete;
    Channel &operator=(const Channel &) = delete;

    void ask(const std::string &name, DnsFamily family, const WaitingPtr &waiting)
    {
        if (m_status != ARES_SUCCESS) {
            waiting->answer(answerOf(m_status, nullptr));
            return;
        }
        ares_addrinfo_hints hints{};
        hints.ai_family = family == DnsFamily::V4Only   ? AF_INET
                          : family == DnsFamily::V6Only ? AF_INET6
                                                        : AF_UNSPEC;
        hints.ai_flags = ARES_AI_NOSORT;
        // Given back in onAnswer(), which c-ares always calls.
        auto question = std::make_unique<Question>(Question{this, waiting});
        ares_getaddrinfo(m_channel, name.c_str(), nullptr, &hints, onAnswer, question.release());
        startTimer();
    }

private:
    /// A notifier may go from within its own signal.
    struct Retire
    {
        void operator()(QSocketNotifier *notifier) const
        {
            notifier->setEnabled(false);
            notifier->deleteLater();
        }
    };
    using NotifierPtr = std::unique_ptr<QSocketNotifier, Retire>;
    struct Notifiers
    {
        NotifierPtr read;
        NotifierPtr write;
    };
    struct Question
    {
        Channel *channel;
        WaitingPtr waiting;
    };

    static void onAnswer(void *own, int status, int, ares_addrinfo *info)
    {
        const std::unique_ptr<Question> question(static_cast<Question *>(own));
        const std::unique_ptr<ares_addrinfo, void (*)(ares_addrinfo *)> answer(info, [](ares_addrinfo *made) {
            if (made != nullptr)
                ares_freeaddrinfo(made);
        });
        if (!question->channel->m_ending)
            question->waiting->answer(answerOf(status, info));
    }

    void watch(ares_socket_t fd, bool readable, bool writable)
    {
        Notifiers &notifiers = m_notifiers[fd];
        set(notifiers.read, fd, QSocketNotifier::Read, readable);
        set(notifiers.write, fd, QSocketNotifier::Write, writable);
        if (!readable && !writable)
            m_notifiers.erase(fd);
    }

    void set(NotifierPtr &notifier, ares_socket_t fd, QSocketNotifier::Type type, bool wanted)
    {
        if (!wanted) {
            notifier.reset();
            return;
        }
        if (notifier)
            return;
        notifier.reset(new QSocketNotifier(fd, type));
        const bool reads = type == QSocketNotifier::Read;
        connect(notifier.get(), &QSocketNotifier::activated, this,
                [this, fd, reads] { process(reads ? fd : ARES_SOCKET_BAD, reads ? ARES_SOCKET_BAD : fd); });
    }

    void process(ares_socket_t readable, ares_socket_t writable)
    {
        ares_process_fd(m_channel, readable, writable);
        startTimer();
    }

    void startTimer()
    {
        timeval wait{};
        if (ares_timeout(m_channel, nullptr, &wait) == nullptr) {
            m_timer.stop();
            return;
        }
        constexpr int thousand = 1000;
        m_timer.start(static_cast<int>(wait.tv_sec * thousand + wait.tv_usec / thousand + 1));
    }

    ares_channel m_channel = nullptr;
    int m_status = ARES_SUCCESS;
    bool m_ending = false;
    std::map<ares_socket_t, Notifiers> m_notifiers;
    QTimer m_timer;
};

Resolver::Resolver(dataplane::DnsResolver configuration)
    : m_configuration(std::move(configuration))
{
}

Resolver::~Resolver() = default;

Resolver::Query Resolver::resolve(const std::string &name, DnsFamily family,
                                  std::function<void(const DnsAnswer &)> onAnswer)
{
    const auto waiting = std::shared_ptr<Waiting>(new Waiting(family, std::move(onAnswer)),
                                                  [](Waiting *own) { own->deleteLater(); });
    if (m_configuration.system) {
        askSystem(name, waiting);
        return tokenOf(waiting);
    }
    if (!m_channel)
        m_channel = std::make_unique<Channel>(m_configuration);
    m_channel->ask(name, family, waiting);
    return tokenOf(waiting);
}

} // namespace sallyport::net
