// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/admin/stat_tags.h"

#include <re2/re2.h>

#include <memory>

namespace sallyport::admin {

namespace {

/// `expression` has two groups: what is taken out of the name, and within it the tag's value.
struct Extractor
{
    const char *tag;
    const char *expression;
};

constexpr Extractor extractors[] = {
    {"envoy_response_code", R"(_rq(_(\d{3}))$)"},
    {"envoy_response_code_class", R"(_rq_((\d))xx$)"},
    {"envoy_ssl_cipher", R"(\.ssl\.ciphers(\.(.+))$)"},
    {"envoy_ssl_curve", R"(\.ssl\.curves(\.(.+))$)"},
    {"envoy_ssl_sigalg", R"(\.ssl\.sigalgs(\.(.+))$)"},
    {"envoy_ssl_version", R"(\.ssl\.versions(\.(.+))$)"},
    {"envoy_worker_id", R"(^(?:listener\..*|server|listener_manager)\.(worker_((\d+))\.))"},
    {"envoy_cluster_name", R"(^cluster(\.([^\.]+))\.)"},
    {"envoy_http_conn_manager_prefix",
     R"(^(?:|listener\..*\.)http(\.(.+?))\.(?:downstream_|rq_|no_route|no_cluster|rs_too_large|rbac\.|fault\.|cors\.|tracing\.|passthrough_|jwt_authn\.|ext_authz\.|user_agent\.))"},
    {"envoy_listener_address",
     R"(^listener(\.((?:[0-9]{1,3}\.){3}[0-9]{1,3}_\d+|\[[^\]]*\]_\d+|[^.]+_\d+))\.)"},
    {"envoy_tcp_prefix", R"(^tcp(\.(.+?))\.(?:downstream_|idle_timeout|max_|upstream_|early_data|route_))"},
};

const std::vector<std::pair<const char *, std::unique_ptr<re2::RE2>>> &compiled()
{
    static const auto all = [] {
        std::vector<std::pair<const char *, std::unique_ptr<re2::RE2>>> list;
        for (const Extractor &extractor : extractors)
            list.emplace_back(extractor.tag, std::make_unique<re2::RE2>(extractor.expression));
        return list;
    }();
    return all;
}

} // namespace

TaggedStat extractTags(const std::string &name)
{
    TaggedStat stat;
    stat.name = name;
    const bool ofAdmin = name.starts_with("listener.admin.");
    for (const auto &[tag, expression] : compiled()) {
        if (ofAdmin && std::string_view(tag) == "envoy_listener_address")
            continue;
        re2::StringPiece groups[3];
        if (!expression->Match(stat.name, 0, stat.name.size(), re2::RE2::UNANCHORED, groups, 3))
            continue;
        stat.tags.push_back({tag, std::string(groups[2].data(), groups[2].size())});
        const auto from = static_cast<std::size_t>(groups[1].data() - stat.name.data());
        stat.name.erase(from, groups[1].size());
    }
    return stat;
}

} // namespace sallyport::admin
