// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/admin/stat_tags.h"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <regex>
#include <span>

namespace sallyport::admin {

namespace {

/// `expression` has two groups: what is taken out of the name, and within it the tag's value.
struct StandardTag
{
    const char *tag;
    const char *expression;
    const char *except = ""; ///< a value that is none
};

#define ADDRESS R"((?:(?:\d{1,3}\.){3}\d{1,3}|\[[a-fA-F_\d]+\])_\d+)"

// A part of a name that may be anything ends at its first dot, whatever the configuration called it.
constexpr StandardTag forAnyName[] = {
    {"envoy.response_code", R"(_rq(_(\d{3}))$)"},
    {"envoy.response_code_class", R"(_rq_((\d))xx$)"},
    {"envoy.ssl_curve", R"(^(?:listener|cluster)\..*?\.ssl\.curves(\.([\w-]+))$)"},
    {"envoy.ssl_sigalg", R"(^(?:listener|cluster)\..*?\.ssl\.sigalgs(\.([\w-]+))$)"},
    {"envoy.ssl_version", R"(^(?:listener|cluster)\..*?\.ssl\.versions(\.(TLSv\d\.\d))$)"},
    {"envoy.worker_id", R"(^(?:listener\.(?:)" ADDRESS
                        R"(|[^.]+)|server|listener_manager|thread_local_cluster_manager)\.worker_((\d+)\.))"},
    {"envoy.tls_certificate", R"(^(?:listener|cluster)\..*?\.ssl\.certificate\.(([^.]+)\.).*$)"},
};
// By a name's first part: expressions, then what is only counted in parts, the order of the tags.
constexpr StandardTag byFirstPart[] = {
    {"envoy.ssl_cipher", R"(^listener\..*?\.ssl\.ciphers(\.([\w-]+))$)"},
    {"cipher_suite", R"(^cluster\.[^.]+\.ssl\.ciphers(\.([\w-]+))$)"},
    {"envoy.http_conn_manager_prefix", R"(^listener\..*?\.http\.(([^.]+)\.))"},
    {"envoy.listener_address", R"(^listener\.(()" ADDRESS R"(|[^.]+)\.))", "admin"},
    {"envoy.rbac_policy_name",
     R"(^http\.[^.]+\.rbac\.(?:[^.]+\.)?policy\.(([^.]+)\.)(?:allowed|shadow_allowed|denied|shadow_denied)$)"},
    {"envoy.rbac_http_prefix", R"(^http\.[^.]+\.rbac\.(([^.]+)\.))", "policy"},
    {"envoy.proxy_protocol_prefix", R"(^proxy_proto\.(([^.]+)\.).+$)", "versions"},
    {"envoy.proxy_protocol_version", R"(^proxy_proto\.((?:[^.]+\.)?versions\.v(\d)\.)\w+$)"},
    {"envoy.xds_resource_name", R"(^sds\.(([^.]+)\.).+)"},
    {"envoy.http_user_agent", R"(^http\.[^.]+\.user_agent\.(([^.]+)\.))"},
    {"envoy.virtual_cluster", R"(^vhost\.[^.]+\.vcluster\.(([^.]+)\.))"},
    {"envoy.fault_downstream_cluster", R"(^http\.[^.]+\.fault\.(([^.]+)\.))"},
    {"envoy.tcp_prefix", R"(^tcp\.(([^.]+)\.))"},
    {"envoy.cluster_name", R"(^cluster\.(([^.]+)\.))"},
    {"envoy.ext_authz_prefix", R"(^(?:cluster|http)\.[^.]+\.ext_authz\.(([^.]+)\.))"},
    {"envoy.http_conn_manager_prefix", R"(^http\.(([^.]+)\.))"},
    {"envoy.virtual_host", R"(^vhost\.(([^.]+)\.))"},
    {"envoy.route", R"(^vhost\.[^.]+\.route\.(([^.]+)\.))"},
    {"envoy.local_http_ratelimit_prefix", R"(^(([^.]+)\.)http_local_rate_limit\.)"},
    {"envoy.rbac_prefix", R"(^(([^.]+)\.)rbac\.)"},
};

#undef ADDRESS

struct Found
{
    std::string_view out; ///< the part of the name that goes
    std::string_view value;
};

/// Whether an expression is for names with one first part, `^cluster\.`, which Envoy tries after the others.
bool isByFirstPart(std::string_view expression)
{
    if (!expression.starts_with('^'))
        return false;
    std::size_t end = 1;
    while (end < expression.size() &&
           (std::isalnum(static_cast<unsigned char>(expression[end])) != 0 || expression[end] == '_'))
        ++end;
    const std::string_view rest = expression.substr(end);
    return end > 1 && (rest.starts_with("\\.") || rest.starts_with("(?=\\.)") || rest == "$");
}

} // namespace

struct TagProducer::Extractor
{
    std::string tag;
    std::optional<std::string> fixed; ///< the tag's value, whatever the name
    std::string except;
    /// A standard one, else one of the configuration's, whose expressions may look ahead and behind.
    std::unique_ptr<re2::RE2> standard;
    std::regex own;

    std::optional<Found> find(const std::string &name) const
    {
        if (fixed)
            return Found{std::string_view(name).substr(0, 0), *fixed};
        if (standard) {
            re2::StringPiece groups[3];
            if (!standard->Match(name, 0, name.size(), re2::RE2::UNANCHORED, groups, 3) ||
                groups[2] == except)
                return std::nullopt;
            return Found{{groups[1].data(), groups[1].size()}, {groups[2].data(), groups[2].size()}};
        }
        std::smatch match;
        if (!std::regex_search(name, match, own) || match.size() < 2)
            return std::nullopt;
        // The first group goes; the second, if there is one, is the value.
        const auto text = [&](std::size_t group) {
            return match[group].matched
                       ? std::string_view(&*match[group].first, static_cast<std::size_t>(match.length(group)))
                       : std::string_view(name).substr(0, 0);
        };
        return Found{text(1), text(match.size() > 2 ? 2 : 1)};
    }
};

TagProducer::TagProducer()
{
    addStandard(nullptr);
}

bool TagProducer::hasTag(const std::string &tag) const
{
    const auto named = [&](const auto &extractor) { return extractor->tag == tag; };
    return std::any_of(m_forAnyName.begin(), m_forAnyName.end(), named) ||
           std::any_of(m_byFirstPart.begin(), m_byFirstPart.end(), named);
}

void TagProducer::addStandard(const std::string *tag)
{
    // Compiled once in a process.
    const auto compile = [](std::span<const StandardTag> tags) {
        Extractors compiled;
        for (const StandardTag &standard : tags) {
            auto extractor = std::make_shared<Extractor>();
            extractor->tag = standard.tag;
            extractor->except = standard.except;
            extractor->standard = std::make_unique<re2::RE2>(standard.expression);
            compiled.push_back(std::move(extractor));
        }
        return compiled;
    };
    static const Extractors any = compile(forAnyName);
    static const Extractors byPart = compile(byFirstPart);
    const auto wanted = [&](const auto &extractor) { return tag == nullptr || extractor->tag == *tag; };
    std::copy_if(any.begin(), any.end(), std::back_inserter(m_forAnyName), wanted);
    std::copy_if(byPart.begin(), byPart.end(), std::back_inserter(m_byFirstPart), wanted);
}

Result<void> TagProducer::addOwn(const dataplane::StatsConfig::Tag &tag)
{
    if (tag.regex.empty() && !tag.fixedValue) {
        addStandard(&tag.name);
        if (!hasTag(tag.name))
            return fail("No regex specified for tag specifier and no default regex for name: '" + tag.name +
                        '\'');
        return {};
    }
    auto extractor = std::make_shared<Extractor>();
    extractor->tag = tag.name;
    extractor->fixed = tag.fixedValue;
    try {
        extractor->own.assign(tag.regex, std::regex::optimize);
    } catch (const std::regex_error &error) {
        return fail("Invalid regex '" + tag.regex + "': " + error.what());
    }
    (isByFirstPart(tag.regex) ? m_byFirstPart : m_forAnyName).push_back(std::move(extractor));
    return {};
}

Result<TagProducer> TagProducer::create(const dataplane::StatsConfig &configuration)
{
    TagProducer producer;
    if (!configuration.useAllDefaultTags.value_or(true)) {
        producer.m_forAnyName.clear();
        producer.m_byFirstPart.clear();
    }
    for (std::size_t i = 0; i < configuration.tags.size(); ++i) {
        if (Result<void> added = producer.addOwn(configuration.tags[i]); !added) {
            Error error = added.error();
            error.where.file = "stats_config.stats_tags[" + std::to_string(i) + ']';
            return fail(std::move(error));
        }
    }
    return producer;
}

TaggedStat TagProducer::extract(const std::string &name) const
{
    TaggedStat stat;
    // Every expression sees the whole name; what they take out goes at the end.
    std::vector<bool> taken(name.size(), false);
    for (const Extractors *extractors : {&m_forAnyName, &m_byFirstPart}) {
        for (const auto &extractor : *extractors) {
            const bool known = std::any_of(stat.tags.begin(), stat.tags.end(),
                                           [&](const StatTag &tag) { return tag.name == extractor->tag; });
            const std::optional<Found> found = known ? std::nullopt : extractor->find(name);
            if (!found)
                continue;
            stat.tags.push_back({extractor->tag, std::string(found->value)});
            const auto from = found->out.data() - name.data();
            std::fill_n(taken.begin() + from, found->out.size(), true);
        }
    }
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (!taken[i])
            stat.name += name[i];
    }
    return stat;
}

} // namespace sallyport::admin
