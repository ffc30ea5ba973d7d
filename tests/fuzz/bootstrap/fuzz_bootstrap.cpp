// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever bootstrap a gateway is given: it is refused at a place, or it is written and read again as the
// same, and its matchers answer.
#include "core/dataplane/bootstrap.h"
#include "core/dataplane/filter_chain_matcher.h"
#include "core/dataplane/known_field.h"
#include "core/dataplane/rbac_engine.h"
#include "core/dataplane/route_matcher.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/fuzz/json_mutation.h"

using namespace sallyport;
using namespace sallyport::dataplane;

namespace {

class OneRequest final : public RequestView
{
public:
    std::optional<std::string_view> header(std::string_view name, std::string &) const override
    {
        if (name == ":path")
            return path();
        return name == "x-a" || name == "content-type" ? std::optional<std::string_view>("application/grpc")
                                                       : std::nullopt;
    }
    std::string_view path() const override { return "/status/418?a=b&c"; }
    std::string_view authority() const override { return "test.com:8080"; }
    std::string_view method() const override { return "GET"; }
    std::string_view scheme() const override { return "http"; }
};

void tryManager(const HttpConnectionManager &manager)
{
    const OneRequest request;
    const std::shared_ptr<const CompiledRoutes> routes = CompiledRoutes::compile(manager.routes);
    const VirtualHost *host = nullptr;
    if (const CompiledRoute *route = routes->find(request, 7, &host)) {
        check(host != nullptr);
        static_cast<void>(route->rewrittenPath(request.path()));
        static_cast<void>(route->rewrittenHost(request));
        if (route->redirect() != nullptr)
            static_cast<void>(route->redirectLocation(request));
        if (route->action() != nullptr && !route->action()->weightedClusters.empty())
            static_cast<void>(route->weighted(99));
    }
    ConnectionFacts facts;
    facts.localIp = facts.remoteIp = facts.sourceIp = facts.directRemoteIp = IpAddress::parse("127.0.0.1");
    for (const HttpFilter &filter : manager.filters) {
        if (const auto *rbac = std::get_if<Rbac>(&filter.config); rbac != nullptr && rbac->rules)
            static_cast<void>(RbacEngine(*rbac->rules).decide(facts, &request));
    }
}

/// As a gateway would use it. What a bootstrap's files hold is none of its text's business, so they are left
/// alone.
void use(const Bootstrap &bootstrap, const QByteArray &json)
{
    if (json.contains("filename") || json.contains("path_config_source") ||
        json.contains("watched_directory") || json.contains("\\u") || !validateBootstrap(bootstrap))
        return;
    for (const Listener &listener : bootstrap.listeners) {
        ChainFacts facts;
        facts.destinationIp = facts.sourceIp = facts.directSourceIp = IpAddress::parse("127.0.0.1");
        facts.serverName = "test.com";
        facts.transportProtocol = "tls";
        const int found = FilterChainMatcher(listener.filterChains).find(facts);
        check(found >= -1 && found < static_cast<int>(listener.filterChains.size()));
        for (const FilterChain &chain : listener.filterChains) {
            for (const NetworkFilter &filter : chain.filters) {
                if (const auto *manager = std::get_if<HttpConnectionManager>(&filter.config))
                    tryManager(*manager);
            }
        }
    }
}

const std::vector<std::string> &fieldNames()
{
    static const std::vector<std::string> names = [] {
        std::vector<std::string> found;
        for (const KnownField &field : knownFields())
            found.push_back(field.name);
        return found;
    }();
    return names;
}

} // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(unsigned char *data, std::size_t size, std::size_t mostSize,
                                               unsigned seed)
{
    return mutateJson(data, size, mostSize, seed, {}, fieldNames());
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const unsigned char *data, std::size_t size,
                                                 const unsigned char *other, std::size_t otherSize,
                                                 unsigned char *out, std::size_t mostSize, unsigned seed)
{
    const std::size_t kept = std::min(size, mostSize);
    std::memcpy(out, data, kept);
    return mutateJson(out, kept, mostSize, seed,
                      QByteArray(reinterpret_cast<const char *>(other), static_cast<qsizetype>(otherSize)),
                      fieldNames());
}

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size)
{
    const QByteArray json(reinterpret_cast<const char *>(data), static_cast<qsizetype>(size));
    const Result<Bootstrap> bootstrap = parseBootstrap(json);
    if (!bootstrap) {
        check(!bootstrap.error().what.empty());
        return 0;
    }
    const QByteArray written = encodeBootstrap(*bootstrap);
    const Result<Bootstrap> again = parseBootstrap(written);
    check(again && *again == *bootstrap);
    use(*bootstrap, json);
    return 0;
}
