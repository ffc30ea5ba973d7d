// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/accepted_socket.h"

#include "proxy/net/proxy_protocol.h"
#include "proxy/net/tls_first_bytes.h"
#include "proxy/server/client_fingerprint.h"
#include "proxy/server/http_inspection.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/socket.h>

namespace sallyport::server {

namespace {

constexpr std::size_t MostPeeked = std::size_t(64) * 1024;
/// Version 2 with TLVs: 16 bytes of header and a 16-bit length.
constexpr std::size_t MostProxyHeader = 16 + 65535;

/// Bytes that are no UTF-8 become exclamation marks, as Envoy has it in metadata.
QString readableText(const std::string &bytes)
{
    return QString::fromStdString(bytes).replace(QChar(QChar::ReplacementCharacter), QLatin1Char('!'));
}

bool isDisabledFor(const dataplane::ListenerFilter &filter, std::uint16_t port)
{
    return filter.filterDisabled && filter.filterDisabled->holds(port);
}

} // namespace

AcceptedSocket::AcceptedSocket(Owner &owner, net::EpollDispatcher &dispatcher,
                               std::shared_ptr<const Listener> listener, net::Descriptor fd,
                               net::ConnectionAddresses addresses)
    : m_owner(owner)
    , m_dispatcher(dispatcher)
    , m_listener(std::move(listener))
    , m_fd(std::move(fd))
    , m_addresses(std::move(addresses))
    , m_timer(dispatcher,
              [this] {
                  m_listener->stats().preCxTimeout.inc();
                  finish(!m_listener->configuration().continueOnListenerFiltersTimeout);
              })
    , m_startTime(dispatcher.now())
{
    m_listener->stats().preCxActive.inc();
}

AcceptedSocket::~AcceptedSocket()
{
    if (m_watched)
        m_dispatcher.unwatch(m_fd.get());
    m_listener->stats().preCxActive.dec();
}

net::Descriptor AcceptedSocket::takeDescriptor()
{
    if (std::exchange(m_watched, false))
        m_dispatcher.unwatch(m_fd.get());
    return std::move(m_fd);
}

void AcceptedSocket::start()
{
    run(false);
    if (m_finished)
        return;
    const std::chrono::milliseconds timeout = m_listener->listenerFiltersTimeout();
    if (timeout.count() > 0)
        m_timer.arm(timeout);
    m_watched = true;
    m_dispatcher.watch(m_fd.get(), EPOLLIN | EPOLLRDHUP | EPOLLET, this);
}

void AcceptedSocket::onIo(std::uint32_t events)
{
    // Who resets has not ended to libevent: what is left is read, and so is the error behind it.
    run((events & EPOLLERR) == 0 && (events & EPOLLRDHUP) != 0);
}

void AcceptedSocket::run(bool peerEnded)
{
    // Who leaves meanwhile is not asked what his bytes were (measured, 1.40).
    if (peerEnded) {
        m_listener->stats().filterRemoteClose.inc();
        finish(true);
        return;
    }
    const std::vector<dataplane::ListenerFilter> &filters = m_listener->listenerFilters();
    while (m_next < filters.size()) {
        const dataplane::ListenerFilter &filter = filters[m_next];
        const Step step = isDisabledFor(filter, m_addresses.local.port()) ? Step::Done : runFilter(filter);
        if (step == Step::Wait)
            return;
        if (step == Step::Refuse) {
            finish(true);
            return;
        }
        ++m_next;
    }
    finish(false);
}

void AcceptedSocket::finish(bool refused)
{
    if (std::exchange(m_finished, true))
        return;
    m_timer.cancel();
    if (refused)
        m_owner.onRefused(*this);
    else
        m_owner.onInspected(*this);
}

AcceptedSocket::Step AcceptedSocket::runFilter(const dataplane::ListenerFilter &filter)
{
    switch (filter.kind) {
    case dataplane::ListenerFilter::Kind::TlsInspector:
        return inspectTls(filter);
    case dataplane::ListenerFilter::Kind::HttpInspector:
        return inspectHttpProtocol();
    case dataplane::ListenerFilter::Kind::ProxyProtocol:
        return takeProxyHeader(filter.proxyProtocol);
    case dataplane::ListenerFilter::Kind::OriginalDst:
        return restoreOriginalDestination();
    case dataplane::ListenerFilter::Kind::Other:
        break;
    }
    return Step::Done;
}

std::optional<std::string_view> AcceptedSocket::peek(std::size_t most, Step &step)
{
    // One event at a time is handled on a thread, and nothing keeps the bytes.
    thread_local std::array<char, MostProxyHeader> buffer;
    const ssize_t got =
        ::recv(m_fd.get(), buffer.data(), std::min(most, buffer.size()), MSG_PEEK | MSG_DONTWAIT);
    if (got > 0)
        return std::string_view(buffer.data(), static_cast<std::size_t>(got));
    step = Step::Wait;
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        telemetry::ListenerStats &stats = m_listener->stats();
        (got == 0 ? stats.filterRemoteClose : stats.filterError).inc();
        step = Step::Refuse;
    }
    return std::nullopt;
}

AcceptedSocket::Step AcceptedSocket::inspectTls(const dataplane::ListenerFilter &filter)
{
    Step step = Step::Wait;
    const std::optional<std::string_view> bytes = peek(MostPeeked, step);
    if (!bytes)
        return step;
    TlsInspectorStats &stats = m_listener->tlsInspectorStats();
    const bool fingerprinted = filter.ja3Fingerprint || filter.ja4Fingerprint;
    ClientHello hello = inspectClientHello(*bytes, fingerprinted);
    switch (hello.status) {
    case ClientHello::Status::NeedMore:
        return Step::Wait;
    case ClientHello::Status::TooLarge:
        stats.bytesProcessed.record(bytes->size());
        stats.clientHelloTooLarge.inc();
        m_listener->stats().filterError.inc();
        return Step::Refuse;
    case ClientHello::Status::NotTls:
        stats.bytesProcessed.record(bytes->size());
        stats.tlsNotFound.inc();
        m_facts.transportFailure =
            net::inspectionText(net::refusalOfFirstBytes(*bytes).value_or(net::UnreadableClientHello));
        return Step::Done;
    case ClientHello::Status::Complete:
        break;
    }
    stats.bytesProcessed.record(bytes->size());
    stats.tlsFound.inc();
    (hello.serverName.empty() ? stats.sniNotFound : stats.sniFound).inc();
    (hello.applicationProtocols.empty() ? stats.alpnNotFound : stats.alpnFound).inc();
    if (fingerprinted) {
        auto fingerprints = std::make_shared<telemetry::TlsFingerprints>();
        if (filter.ja3Fingerprint)
            fingerprints->ja3 = ja3Fingerprint(hello);
        if (filter.ja4Fingerprint)
            fingerprints->ja4 = ja4Fingerprint(hello);
        m_facts.fingerprints = std::move(fingerprints);
    }
    m_facts.transportProtocol = "tls";
    m_facts.serverName = std::move(hello.serverName);
    m_facts.applicationProtocols = std::move(hello.applicationProtocols);
    return Step::Done;
}

AcceptedSocket::Step AcceptedSocket::inspectHttpProtocol()
{
    if (m_facts.transportProtocol == "tls")
        return Step::Done;
    Step step = Step::Wait;
    const std::optional<std::string_view> bytes = peek(MostInspectedHttpBytes, step);
    if (!bytes)
        return step;
    HttpInspectorStats &stats = m_listener->httpInspectorStats();
    const HttpInspection inspection = inspectHttp(*bytes);
    switch (inspection) {
    case HttpInspection::NeedMore:
        return Step::Wait;
    case HttpInspection::NotHttp:
        stats.httpNotFound.inc();
        return Step::Done;
    case HttpInspection::Http10:
        stats.http10Found.inc();
        break;
    case HttpInspection::Http11:
        stats.http11Found.inc();
        break;
    case HttpInspection::Http2:
        stats.http2Found.inc();
        break;
    }
    m_facts.applicationProtocols = {std::string(applicationProtocolOf(inspection))};
    return Step::Done;
}

AcceptedSocket::Step AcceptedSocket::takeProxyHeader(const dataplane::ProxyProtocolFilter &filter)
{
    Step step = Step::Wait;
    const std::optional<std::string_view> bytes = peek(MostProxyHeader, step);
    if (!bytes)
        return step;
    ProxyProtocolStats &stats = m_listener->proxyProtocolStats();
    // A version that is not taken is none: its bytes are the connection's own.
    if (filter.optional && (filter.refusesV1 || !net::mayBeProxyHeader(*bytes, 1)) &&
        (filter.refusesV2 || !net::mayBeProxyHeader(*bytes, 2))) {
        stats.notFoundAllowed.inc();
        return Step::Done;
    }
    const net::ProxyHeaderParse parse = net::parseProxyHeader(*bytes);
    ProxyProtocolStats::Version *version = parse.version == 0 ? nullptr : &stats.versions[parse.version - 1];
    if ((filter.refusesV1 && parse.version == 1) || (filter.refusesV2 && parse.version == 2)) {
        version->found.inc();
        version->disallowed.inc();
        return Step::Refuse;
    }
    switch (parse.status) {
    case net::ProxyHeaderParse::Status::NeedMore:
        return Step::Wait;
    case net::ProxyHeaderParse::Status::NotProxy:
        stats.notFoundDisallowed.inc();
        stats.error.inc();
        return Step::Refuse;
    case net::ProxyHeaderParse::Status::Invalid:
        version->error.inc();
        stats.error.inc();
        return Step::Refuse;
    case net::ProxyHeaderParse::Status::Complete:
        break;
    }
    version->found.inc();
    // What was peeked is there to be read.
    std::string taken(parse.length, '\0');
    if (::recv(m_fd.get(), taken.data(), taken.size(), MSG_DONTWAIT) != static_cast<ssize_t>(taken.size()))
        return Step::Refuse;
    if (!parse.header.local) {
        if (parse.header.destination != m_addresses.local) {
            m_addresses.local = parse.header.destination;
            m_addresses.localRestored = true;
        }
        m_addresses.remote = parse.header.source;
        m_addresses.proxied = true;
    }
    keepProxyTlvs(filter, parse.header.tlvs);
    return Step::Done;
}

void AcceptedSocket::keepProxyTlvs(const dataplane::ProxyProtocolFilter &filter,
                                   const std::vector<net::ProxyTlv> &tlvs)
{
    constexpr const char *OwnNamespace = "envoy.filters.listener.proxy_protocol";
    std::vector<net::ProxyTlv> passed;
    for (const net::ProxyTlv &tlv : tlvs) {
        // Of several rules for a type the last one counts.
        const auto rule = std::find_if(filter.rules.rbegin(), filter.rules.rend(),
                                       [&tlv](const auto &each) { return each.tlvType == tlv.type; });
        if (rule != filter.rules.rend()) {
            const QString space = rule->metadataNamespace.empty()
                                      ? QLatin1String(OwnNamespace)
                                      : QString::fromStdString(rule->metadataNamespace);
            QJsonObject values = m_facts.metadata.value(space).toObject();
            values.insert(QString::fromStdString(rule->key), readableText(tlv.value));
            m_facts.metadata.insert(space, values);
        }
        const std::vector<std::uint32_t> &types = filter.passThrough.types;
        if (filter.passThrough.all || std::find(types.begin(), types.end(), tlv.type) != types.end())
            passed.push_back(tlv);
    }
    if (!passed.empty())
        m_addresses.proxyTlvs = std::make_shared<const std::vector<net::ProxyTlv>>(std::move(passed));
}

AcceptedSocket::Step AcceptedSocket::restoreOriginalDestination()
{
    const std::optional<net::Address> original = net::originalDestinationOf(m_fd.get());
    if (original && original->isValid() && *original != m_addresses.local) {
        m_addresses.local = *original;
        m_addresses.localRestored = true;
    }
    return Step::Done;
}

} // namespace sallyport::server
