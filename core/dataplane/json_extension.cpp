// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

#include <algorithm>

namespace sallyport::dataplane {

namespace {

constexpr const char *caresResolver = "envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig";
constexpr const char *systemResolver =
    "envoy.extensions.network.dns_resolver.getaddrinfo.v3.GetAddrInfoDnsResolverConfig";

template<typename A>
void describeResolverOptions(A &a)
{
    a.group("dns_resolver_options", [](A &options) {
        options.ignored({"use_tcp_for_dns_lookups"});
        options.refused({"no_default_search_domain"});
    });
}

} // namespace

template<typename A>
void describeNeutralExtension(A &a, const char *name, std::initializer_list<const char *> types)
{
    if constexpr (A::reading) {
        a.group(name, [&](A &extension) {
            extension.ignored({"name"});
            extension.any("typed_config", [&](A &config, const std::string &type) {
                const bool known = std::find(types.begin(), types.end(), type) != types.end();
                config.check(known || config.state().asked != nullptr, "@type",
                             "this field of Envoy's is not supported by this gateway with such a type");
                config.ignoreRest();
            });
        });
    }
}

template<typename A>
void describeResolver(A &a, const char *useTcp)
{
    a.ignored({useTcp});
    if constexpr (A::reading) {
        a.group("dns_resolution_config", [](A &config) {
            config.refused({"resolvers"});
            describeResolverOptions(config);
        });
        a.group("typed_dns_resolver_config", [](A &extension) {
            extension.ignored({"name"});
            extension.any("typed_config", [](A &config, const std::string &type) {
                config.check(
                    type == caresResolver || type == systemResolver || config.state().asked != nullptr,
                    "@type", "this field of Envoy's is not supported by this gateway with such a type");
                config.refused({"resolvers", "filter_unroutable_families"});
                describeResolverOptions(config);
                config.ignoreRest();
            });
        });
    }
}

template void describeNeutralExtension(JsonReader &, const char *, std::initializer_list<const char *>);
template void describeNeutralExtension(JsonWriter &, const char *, std::initializer_list<const char *>);
template void describeResolver(JsonReader &, const char *);
template void describeResolver(JsonWriter &, const char *);

} // namespace sallyport::dataplane
