// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/admin/stat_tags.h"

#include <re2/re2.h>

#include <algorithm>
#include <memory>

namespace sallyport::admin {

namespace {

/// `expression` has two groups: what is taken out of the name, and within it the tag's value.
struct Extractor
{
    const char *tag;
    const char *expression;
    const char *except = ""; ///< a value that is none
};

#define ADDRESS R"((?:(?:\d{1,3}\.){3}\d{1,3}|\[[a-fA-F_\d]+\])_\d+)"

// A part of a name that may be anything ends at its first dot, whatever the configuration called it.
constexpr Extractor extractors[] = {
    // For any name, then by its first part, then what is only counted in parts: the order of the tags.
    {"envoy_response_code", R"(_rq(_(\d{3}))$)"},
    {"envoy_response_code_class", R"(_rq_((\d))xx$)"},
    {"envoy_ssl_curve", R"(^(?:listener|cluster)\..*?\.ssl\.curves(\.([\w-]+))$)"},
    {"envoy_ssl_sigalg", R"(^(?:listener|cluster)\..*?\.ssl\.sigalgs(\.([\w-]+))$)"},
    {"envoy_ssl_version", R"(^(?:listener|cluster)\..*?\.ssl\.versions(\.(TLSv\d\.\d))$)"},
    {"envoy_worker_id", R"(^(?:listener\.(?:)" ADDRESS
                        R"(|[^.]+)|server|listener_manager|thread_local_cluster_manager)\.worker_((\d+)\.))"},
    {"envoy_tls_certificate", R"(^(?:listener|cluster)\..*?\.ssl\.certificate\.(([^.]+)\.).*$)"},
    {"envoy_ssl_cipher", R"(^listener\..*?\.ssl\.ciphers(\.([\w-]+))$)"},
    {"cipher_suite", R"(^cluster\.[^.]+\.ssl\.ciphers(\.([\w-]+))$)"},
    {"envoy_http_conn_manager_prefix", R"(^listener\..*?\.http\.(([^.]+)\.))"},
    {"envoy_listener_address", R"(^listener\.(()" ADDRESS R"(|[^.]+)\.))", "admin"},
    {"envoy_rbac_policy_name",
     R"(^http\.[^.]+\.rbac\.(?:[^.]+\.)?policy\.(([^.]+)\.)(?:allowed|shadow_allowed|denied|shadow_denied)$)"},
    {"envoy_rbac_http_prefix", R"(^http\.[^.]+\.rbac\.(([^.]+)\.))", "policy"},
    {"envoy_proxy_protocol_prefix", R"(^proxy_proto\.(([^.]+)\.).+$)", "versions"},
    {"envoy_proxy_protocol_version", R"(^proxy_proto\.((?:[^.]+\.)?versions\.v(\d)\.)\w+$)"},
    {"envoy_xds_resource_name", R"(^sds\.(([^.]+)\.).+)"},
    {"envoy_http_user_agent", R"(^http\.[^.]+\.user_agent\.(([^.]+)\.))"},
    {"envoy_virtual_cluster", R"(^vhost\.[^.]+\.vcluster\.(([^.]+)\.))"},
    {"envoy_fault_downstream_cluster", R"(^http\.[^.]+\.fault\.(([^.]+)\.))"},
    {"envoy_tcp_prefix", R"(^tcp\.(([^.]+)\.))"},
    {"envoy_cluster_name", R"(^cluster\.(([^.]+)\.))"},
    {"envoy_ext_authz_prefix", R"(^(?:cluster|http)\.[^.]+\.ext_authz\.(([^.]+)\.))"},
    {"envoy_http_conn_manager_prefix", R"(^http\.(([^.]+)\.))"},
    {"envoy_virtual_host", R"(^vhost\.(([^.]+)\.))"},
    {"envoy_route", R"(^vhost\.[^.]+\.route\.(([^.]+)\.))"},
    {"envoy_local_http_ratelimit_prefix", R"(^(([^.]+)\.)http_local_rate_limit\.)"},
    {"envoy_rbac_prefix", R"(^(([^.]+)\.)rbac\.)"},
};

#undef ADDRESS

struct Compiled
{
    const Extractor *extractor;
    std::unique_ptr<re2::RE2> expression;
};

const std::vector<Compiled> &compiled()
{
    static const auto all = [] {
        std::vector<Compiled> list;
        for (const Extractor &extractor : extractors)
            list.push_back({&extractor, std::make_unique<re2::RE2>(extractor.expression)});
        return list;
    }();
    return all;
}

} // namespace

TaggedStat extractTags(const std::string &name)
{
    TaggedStat stat;
    // Every expression sees the whole name; what they take out goes at the end.
    std::vector<bool> taken(name.size(), false);
    for (const Compiled &each : compiled()) {
        re2::StringPiece groups[3];
        if (!each.expression->Match(name, 0, name.size(), re2::RE2::UNANCHORED, groups, 3) ||
            groups[2] == each.extractor->except)
            continue;
        const bool known = std::any_of(stat.tags.begin(), stat.tags.end(),
                                       [&](const StatTag &tag) { return tag.name == each.extractor->tag; });
        if (known)
            continue;
        stat.tags.push_back({each.extractor->tag, std::string(groups[2].data(), groups[2].size())});
        const auto from = static_cast<std::size_t>(groups[1].data() - name.data());
        std::fill_n(taken.begin() + static_cast<std::ptrdiff_t>(from), groups[1].size(), true);
    }
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (!taken[i])
            stat.name += name[i];
    }
    return stat;
}

} // namespace sallyport::admin
