// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/walk.h"

#include "core/explain/application_answer.h"
#include "core/lab/client_name.h"

#include <QUrl>
#include <algorithm>

namespace sallyport::explain {

namespace {

constexpr int httpPort = 80;
constexpr int httpsPort = 443;

std::string joined(const std::vector<std::string> &parts)
{
    std::string text;
    for (const std::string &part : parts)
        text += (text.empty() ? "" : ", ") + part;
    return text;
}

struct Target
{
    bool tls = false;
    std::string host;
    std::string authority; ///< with the port, unless it is the scheme's own
    int port = httpPort;
    std::string path = "/"; ///< and query
};

Result<Target> targetOf(const std::string &url)
{
    Target target;
    std::string rest = url;
    const std::size_t scheme = url.find("://");
    if (scheme != std::string::npos) {
        const std::string name = lowered(url.substr(0, scheme));
        if (name != "http" && name != "https")
            return fail("the URL's scheme is neither http nor https: " + url);
        target.tls = name == "https";
        rest = url.substr(scheme + 3);
    }
    // The path goes as it is written: what a proxy makes of it is what is asked.
    const std::size_t slash = std::min(rest.find_first_of("/?#"), rest.size());
    std::string authority = rest.substr(0, slash);
    std::string path = rest.substr(slash);
    path = path.substr(0, path.find('#'));
    if (path.empty() || path.front() != '/')
        path.insert(path.begin(), '/');
    target.path = path;
    const QUrl parsed(QStringLiteral("http://") + QString::fromStdString(authority));
    target.host = parsed.host().toStdString();
    if (!parsed.isValid() || target.host.empty())
        return fail("there is no host in the URL " + url, {}, "write it as http://test.com/status/418");
    const int own = target.tls ? httpsPort : httpPort;
    target.port = parsed.port(own);
    target.authority = target.host + (target.port == own ? "" : ":" + std::to_string(target.port));
    return target;
}

bool isAddress(const std::string &text)
{
    return dataplane::IpAddress::parse(text).isValid();
}

} // namespace

std::string withoutSpaces(std::string text)
{
    std::replace(text.begin(), text.end(), ' ', '_');
    return text;
}

std::string percentText(double fraction)
{
    QString text = QString::number(fraction * 100, 'f', 2);
    while (text.endsWith(QLatin1Char('0')))
        text.chop(1);
    if (text.endsWith(QLatin1Char('.')))
        text.chop(1);
    return text.toStdString() + " %";
}

Walk::Walk(const Scene &scene, const Request &request)
    : m_scene(scene)
    , m_origins(scene)
{
    m_explanation.request = request;
}

Walk::HopIndex Walk::addHop(Hop::Kind kind, const std::string &name)
{
    Hop hop;
    hop.kind = kind;
    hop.proxy = name;
    hop.log.written = false;
    hop.log.flags = "-";
    m_explanation.hops.push_back(std::move(hop));
    return m_explanation.hops.size() - 1;
}

Walk::HopIndex Walk::addHop(Hop::Kind kind, const std::string &name, HopIndex from, const Wire &wire)
{
    const HopIndex index = addHop(kind, name);
    Hop &hop = m_explanation.hops[index];
    hop.from = m_explanation.hops[from].proxy;
    hop.tls = !wire.layers.empty();
    if (hop.tls)
        hop.sni = wire.layers.front()->sni;
    return index;
}

Step &Walk::add(HopIndex hop, const std::string &kind, Mark mark, const std::string &decision,
                const std::string &object, std::vector<Source> sources)
{
    std::vector<Step> &steps = m_explanation.hops[hop].steps;
    steps.push_back({kind, mark, {}, decision, {}, object, std::move(sources)});
    return steps.back();
}

Result<Explanation> Walk::run()
{
    const lab::NetworkView network = m_scene.network();
    const auto client = network.find(m_explanation.request.from);
    if (!client)
        return fail(client.error());
    m_explanation.request.from = (*client)->name;
    const HopIndex hop = addHop(Hop::Kind::Client, (*client)->name);
    auto wire = leave(**client);
    if (!wire)
        return fail(wire.error());
    Reply reply;
    if (wire->destination.address.empty()) {
        reply.end = Reply::End::Refused;
        reply.failure = "the name does not resolve";
        reply.decidedBy = (*client)->name;
    } else {
        reply = connect(hop, std::move(*wire));
    }
    conclude(reply);
    return std::move(m_explanation);
}

/// The application resolves the name and opens its connection.
Result<Wire> Walk::leave(const lab::Instance &client)
{
    const Request &request = m_explanation.request;
    const auto target = targetOf(request.url);
    if (!target)
        return fail(target.error());
    const lab::NetworkView network = m_scene.network();
    Wire wire;
    wire.http2 = request.http2;
    wire.request.setMethod(request.method);
    wire.request.setScheme(target->tls ? "https" : "http");
    wire.request.setPath(target->path);
    wire.request.setAuthority(target->authority);
    for (const auto &[name, value] : request.headers) {
        const std::string lower = lowered(name);
        if (lower == "host" || lower == ":authority")
            wire.request.setAuthority(value);
        else
            wire.request.add(lower, value);
    }
    if (request.bodySize > 0 && !wire.request.has("content-length"))
        wire.request.add("content-length", std::to_string(request.bodySize));
    if (!wire.request.has("user-agent"))
        wire.request.add("user-agent", lab::userAgent);
    if (!wire.request.has("accept"))
        wire.request.add("accept", "*/*");
    const std::vector<std::string> addresses = request.address.empty()
                                                   ? network.resolve(client, target->host)
                                                   : std::vector<std::string>{request.address};
    if (addresses.empty()) {
        Step &step = add(0, "name", Mark::Refused, target->host + " does not resolve");
        step.reason = "name-unknown";
        step.why = {"it is no Service of the mesh, in full or by the pod's search list",
                    "it is not in .sallyport/hosts, which stands for the rest of the world's names"};
        return wire;
    }
    if (!isAddress(target->host)) {
        Step &step = add(0, "name", Mark::Passed, target->host + " is " + joined(addresses));
        if (addresses.size() > 1)
            step.why.emplace_back("the first address is taken");
    }
    const lab::Destination way = network.way(client, addresses.front(), target->port);
    wire.source = way.source;
    wire.intercepted = way.proxied;
    const lab::SocketAddress &to = way.proxied ? way.original : way.connectTo;
    wire.destination = {to.address, static_cast<std::uint32_t>(to.port), {}};
    Step &step = add(0, "destination", Mark::Passed,
                     std::string(target->tls     ? "TLS"
                                 : request.http2 ? "HTTP/2"
                                                 : "HTTP/1.1") +
                         " to " + addresses.front() + ':' + std::to_string(target->port));
    step.why.push_back(
        "it is the address of " +
        m_scene.nameOf({way.original.address, static_cast<std::uint32_t>(way.original.port), {}}));
    step.why.emplace_back(way.proxied ? "the sidecar intercepts the connection and knows where it meant to go"
                                      : "the workload has no sidecar: nothing intercepts the connection");
    if (way.original.address == m_scene.plan().overlay.nowhere)
        step.why[0] = "no workload of the project has this address: nothing answers there";
    if (target->tls) {
        auto side = std::make_shared<TlsClientSide>();
        side->who = client.name;
        side->sni = isAddress(target->host) ? std::string() : target->host;
        side->alpn = request.tls.alpn;
        side->maximum = dataplane::TlsParameters::Version::Tls13;
        side->shown.chain = certificatesOf(request.tls.certificatePem);
        if (request.tls.verify) {
            side->check.verifiesChain = true;
            side->check.roots = request.tls.caPem.empty() ? systemRoots() : certificatesOf(request.tls.caPem);
            side->expectedNames = {target->host};
        }
        m_clientTls = side;
        wire.layers.push_back(std::move(side));
    }
    return wire;
}

Reply Walk::connect(HopIndex from, Wire wire)
{
    if (wire.intercepted) {
        const auto client = m_scene.network().find(m_explanation.hops[from].proxy);
        const lab::SocketAddress into = client ? (*client)->outbound : lab::SocketAddress();
        const Listening sidecar = m_scene.at({into.address, static_cast<std::uint32_t>(into.port), {}});
        if (const auto *there = std::get_if<AtListener>(&sidecar))
            return listen(from, *there->proxy, *there->listener, std::move(wire));
        add(from, "connection", Mark::Refused, "the sidecar does not listen").reason = "connection-refused";
        Reply reply;
        reply.end = Reply::End::Refused;
        reply.decidedBy = m_explanation.hops[from].proxy;
        return reply;
    }
    const std::vector<lab::SocketAddress> pods = m_scene.behind(wire.destination);
    if (!pods.empty()) {
        Step &step = add(
            from, "connection", Mark::Note,
            "the Service's address leads to " +
                m_scene.nameOf({pods.front().address, static_cast<std::uint32_t>(pods.front().port), {}}));
        if (pods.size() > 1)
            step.why.push_back("it is one of " + std::to_string(pods.size()) +
                               " pods; which one is the network's choice");
        wire.destination = {pods.front().address, static_cast<std::uint32_t>(pods.front().port), {}};
    }
    const Listening listening = m_scene.at(wire.destination);
    if (const auto *there = std::get_if<AtListener>(&listening))
        return listen(from, *there->proxy, *there->listener, std::move(wire));
    if (const auto *application = std::get_if<const Application *>(&listening))
        return answer(from, **application, std::move(wire));
    Step &step =
        add(from, "connection", Mark::Refused, "nothing listens at " + m_scene.nameOf(wire.destination));
    step.reason = "connection-refused";
    step.why.emplace_back("the connection is refused");
    Reply reply;
    reply.end = Reply::End::Refused;
    reply.failure = "delayed connect error: Connection refused";
    reply.decidedBy = m_explanation.hops[from].proxy;
    return reply;
}

Reply Walk::answer(HopIndex from, const Application &application, Wire wire)
{
    const HopIndex hop = addHop(Hop::Kind::Application, application.name, from, wire);
    const std::string port = "port " + std::to_string(application.port);
    Reply reply;
    reply.decidedBy = application.name;
    if (application.tls && wire.layers.empty()) {
        add(hop, "handshake", Mark::Refused, "the application speaks TLS on " + port + " and gets plaintext")
            .reason = "plaintext-to-tls";
        reply.end = Reply::End::Reset;
        return reply;
    }
    if (application.tls) {
        TlsServerSide side;
        side.shown.chain = certificatesOf(application.certificatePem);
        const std::shared_ptr<TlsClientSide> client = wire.layers.front();
        const Handshake handshake = shakeHands(*client, side);
        const bool agreed = handshake.end == Handshake::End::Agreed;
        Step &step = add(hop, "handshake", agreed ? Mark::Passed : Mark::Refused, handshake.decision);
        step.reason = handshake.reason;
        step.why = handshake.why;
        if (!agreed) {
            reply.end = Reply::End::TlsFailed;
            reply.layer = client.get();
            reply.failure = handshake.clientError;
            return reply;
        }
        client->completed = true;
        wire.layers.erase(wire.layers.begin());
        // The application agrees on no protocol, and speaks HTTP/1.1.
        wire.http2 = false;
    }
    if (!wire.layers.empty()) {
        add(hop, "handshake", Mark::Refused,
            "the application speaks plain HTTP on " + port + " and gets a TLS ClientHello")
            .reason = "tls-to-plaintext";
        reply.end = Reply::End::TlsFailed;
        reply.layer = wire.layers.front().get();
        reply.failure = notTls();
        return reply;
    }
    if (wire.http2) {
        add(hop, "answer", Mark::Refused, "the application speaks HTTP/1.1 only and gets HTTP/2").reason =
            "http-version";
        reply.end = Reply::End::ProtocolError;
        return reply;
    }
    const ApplicationAnswer known =
        httpbinAnswer(wire.request.method(), wire.request.path(), wire.request.has("authorization"));
    Step &step = add(hop, "answer", known.varies ? Mark::Uncertain : Mark::Answered,
                     "httpbin on " + port + " answers " + std::to_string(known.status) + " to " +
                         std::string(wire.request.method()) + ' ' + std::string(wire.request.path()));
    step.why.push_back("its Host is " + std::string(wire.request.authority()));
    if (known.takes.count() > 0)
        step.why.push_back("after " + std::to_string(known.takes.count()) + " ms");
    if (known.varies)
        step.why.emplace_back("the status depends on more than method and path");
    reply.status = known.status;
    reply.took = known.takes;
    reply.details = "via_upstream";
    return reply;
}

void Walk::conclude(const Reply &reply)
{
    Outcome &outcome = m_explanation.outcome;
    outcome.status = reply.end == Reply::End::Response ? reply.status : 0;
    outcome.decidedBy = reply.decidedBy;
    outcome.body = reply.body;
    outcome.bodyKnown = reply.bodyKnown;
    outcome.location = reply.location;
    outcome.flags = reply.flags;
    outcome.details = reply.details;
    switch (reply.end) {
    case Reply::End::Response: {
        const std::string tail = reply.flags == "-" ? std::string() : " (" + reply.flags + ')';
        outcome.summary = std::to_string(reply.status) + " from " + reply.decidedBy + tail;
        return;
    }
    case Reply::End::Refused:
        outcome.error =
            reply.failure.find("resolve") != std::string::npos ? reply.failure : "connection refused";
        break;
    case Reply::End::Closed:
    case Reply::End::Reset:
        outcome.error = m_clientTls && !m_clientTls->completed
                            ? "TLS handshake failed: the connection was closed"
                            : "connection closed without an answer";
        break;
    case Reply::End::TlsFailed:
        outcome.error = "TLS handshake failed: " + reply.failure;
        break;
    case Reply::End::Overflow: // a proxy has made an answer of it
    case Reply::End::Loop:
        outcome.error = "the request goes round in circles";
        break;
    case Reply::End::ProtocolError:
        outcome.error = "the answer is no HTTP";
        break;
    }
    outcome.summary = outcome.error + ", at " + reply.decidedBy;
}

} // namespace sallyport::explain
