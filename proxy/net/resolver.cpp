// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/resolver.h"

#include "core/result/ascii_case.h"

#include <QDateTime>
#include <QDnsLookup>
#include <QFile>
#include <QFileInfo>
#include <QHostAddress>
#include <QHostInfo>
#include <QObject>
#include <QTimer>
#include <algorithm>
#include <cstdlib>
#include <limits>
#include <map>
#include <utility>

namespace sallyport::net {

namespace {

using Family = Address::Family;

/// A name as it is compared: neither its case nor a dot at its end make another one of it.
std::string comparable(std::string_view name)
{
    std::string lower = asciiLowered(name);
    if (lower.size() > 1 && lower.back() == '.')
        lower.pop_back();
    return lower;
}

/// Names and addresses of a hosts file; what cannot be read of it is left out.
class HostsFile
{
public:
    explicit HostsFile(const std::string &path)
        : m_path(QString::fromStdString(path))
    {
    }

    std::vector<Address> find(const std::string &name)
    {
        readIfChanged();
        const auto found = m_hosts.find(comparable(name));
        return found == m_hosts.end() ? std::vector<Address>() : found->second;
    }

private:
    void readIfChanged()
    {
        const QFileInfo info(m_path);
        const auto stamp = std::make_pair(info.lastModified(), info.size());
        if (m_path.isEmpty() || stamp == m_stamp)
            return;
        m_stamp = stamp;
        m_hosts.clear();
        QFile file(m_path);
        if (!file.open(QIODevice::ReadOnly))
            return;
        while (!file.atEnd()) {
            QByteArray line = file.readLine();
            if (const auto comment = line.indexOf('#'); comment >= 0)
                line.truncate(comment);
            const auto words = line.simplified().split(' ');
            auto address = Address::parseIp(words.front().toStdString(), 0);
            if (!address)
                address = Address::parseHostPort(words.front().toStdString());
            if (!address)
                continue;
            for (qsizetype i = 1; i < words.size(); ++i)
                m_hosts[comparable(words[i].toStdString())].push_back(*address);
        }
    }

    const QString m_path;
    std::pair<QDateTime, qint64> m_stamp;
    std::map<std::string, std::vector<Address>> m_hosts;
};

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

Address toAddress(const QHostAddress &host)
{
    if (host.protocol() == QAbstractSocket::IPv4Protocol)
        return Address::v4(host.toIPv4Address(), 0);
    const Q_IPV6ADDR bytes = host.toIPv6Address();
    in6_addr six{};
    std::copy(std::begin(bytes.c), std::end(bytes.c), std::begin(six.s6_addr));
    return Address::v6(six, 0);
}

/// Someone waits for an answer; dropped, it keeps silent.
class Waiting : public QObject
{
public:
    explicit Waiting(std::function<void(const DnsAnswer &)> onAnswer)
        : m_onAnswer(std::move(onAnswer))
    {
    }
    void answer(const DnsAnswer &answer)
    {
        // It may be dropped from within.
        if (const auto onAnswer = std::exchange(m_onAnswer, nullptr))
            onAnswer(answer);
    }
    static void drop(Waiting *waiting)
    {
        waiting->m_onAnswer = nullptr;
        waiting->deleteLater();
    }

private:
    std::function<void(const DnsAnswer &)> m_onAnswer;
};

/// One look-up over the network: A and AAAA together where both are wanted.
class NetworkQuery final : public Waiting
{
public:
    NetworkQuery(const std::string &name, DnsFamily family, std::function<void(const DnsAnswer &)> onAnswer)
        : Waiting(std::move(onAnswer))
        , m_name(QString::fromStdString(name))
        , m_family(family)
    {
        if (family != DnsFamily::V6Only)
            start(QDnsLookup::A);
        if (family != DnsFamily::V4Only)
            start(QDnsLookup::AAAA);
    }

private:
    void start(QDnsLookup::Type type)
    {
        auto *lookup = new QDnsLookup(type, m_name, this);
        ++m_pending;
        connect(lookup, &QDnsLookup::finished, this, [this, lookup] { onFinished(*lookup); });
        lookup->lookup();
    }

    void onFinished(const QDnsLookup &lookup)
    {
        if (lookup.error() == QDnsLookup::NoError) {
            for (const auto &record : lookup.hostAddressRecords()) {
                m_addresses.push_back(toAddress(record.value()));
                m_ttl = std::min(m_ttl, record.timeToLive());
            }
        } else if (lookup.error() != QDnsLookup::NotFoundError) {
            m_error = lookup.errorString();
        }
        if (--m_pending > 0)
            return;
        if (m_addresses.empty() && !m_error.isEmpty()) {
            askSystem();
            return;
        }
        DnsAnswer result;
        result.addresses = selected(m_addresses, m_family);
        result.status = result.addresses.empty() ? DnsAnswer::Status::NoSuchName : DnsAnswer::Status::Success;
        if (!result.addresses.empty())
            result.ttl = std::chrono::seconds(m_ttl);
        answer(result);
    }

    /// Where the DNS cannot be asked directly, the system's own resolver may know.
    void askSystem()
    {
        QHostInfo::lookupHost(m_name, this, [this](const QHostInfo &info) {
            std::vector<Address> addresses;
            for (const QHostAddress &host : info.addresses())
                addresses.push_back(toAddress(host));
            DnsAnswer result;
            result.addresses = selected(addresses, m_family);
            result.status = !result.addresses.empty()                 ? DnsAnswer::Status::Success
                            : info.error() == QHostInfo::HostNotFound ? DnsAnswer::Status::NoSuchName
                                                                      : DnsAnswer::Status::Failure;
            result.error = info.errorString().toStdString();
            answer(result);
        });
    }

    const QString m_name;
    const DnsFamily m_family;
    int m_pending = 0;
    std::vector<Address> m_addresses;
    quint32 m_ttl = std::numeric_limits<quint32>::max();
    QString m_error;
};

} // namespace

struct Resolver::State
{
    explicit State(const Options &options)
        : hosts(options.hostsFile)
        , system(options.hostsFileOnly ? std::string() : std::string("/etc/hosts"))
        , hostsFileOnly(options.hostsFileOnly)
    {
    }
    HostsFile hosts;
    HostsFile system;
    bool hostsFileOnly;
};

Resolver::Options Resolver::optionsFromEnvironment()
{
    const auto value = [](const char *name) {
        const char *text = std::getenv(name);
        return std::string(text == nullptr ? "" : text);
    };
    return {.hostsFile = value("SALLYPORT_HOSTS"), .hostsFileOnly = value("SALLYPORT_HOSTS_ONLY") == "1"};
}

Resolver::Resolver(const Options &options)
    : m_state(std::make_unique<State>(options))
{
}

Resolver::~Resolver() = default;

Resolver::Query Resolver::resolve(const std::string &name, DnsFamily family,
                                  std::function<void(const DnsAnswer &)> onAnswer, std::uint16_t port)
{
    std::vector<Address> known;
    if (port != 0)
        known = m_state->hosts.find(name + ':' + std::to_string(port));
    if (known.empty()) {
        if (const auto literal = Address::parseIp(name, 0))
            known = {*literal};
        else if (known = m_state->hosts.find(name); known.empty())
            known = m_state->system.find(name);
    }
    const std::vector<Address> wanted = selected(known, family);
    if (wanted.empty() && known.empty() && !m_state->hostsFileOnly)
        return {new NetworkQuery(name, family, std::move(onAnswer)), Waiting::drop};

    DnsAnswer answer;
    answer.addresses = wanted;
    answer.status = wanted.empty() ? DnsAnswer::Status::NoSuchName : DnsAnswer::Status::Success;
    auto *waiting = new Waiting(std::move(onAnswer));
    QMetaObject::invokeMethod(
        waiting, [waiting, answer] { waiting->answer(answer); }, Qt::QueuedConnection);
    return {waiting, Waiting::drop};
}

} // namespace sallyport::net
