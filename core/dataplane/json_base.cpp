// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/access_log_format.h"
#include "core/dataplane/describe.h"
#include "core/dataplane/header_text.h"

#include <QByteArray>

#include <algorithm>
#include <arpa/inet.h>
#include <array>

namespace sallyport::dataplane {

namespace {

constexpr std::uint32_t largestPort = 65535;

bool parsesAsIp(const std::string &text, std::uint32_t &bits)
{
    std::array<unsigned char, 16> bytes{};
    if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1)
        bits = 32;
    else if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1)
        bits = 128;
    else
        return false;
    return true;
}

} // namespace

template<typename A>
void describe(A &a, SocketAddress &m)
{
    a.message("envoy.config.core.v3.Address");
    if constexpr (A::reading)
        a.check(a.has("socket_address") || a.has("pipe"), "", "an address needs socket_address");
    a.group("socket_address", [&](A &inner) {
        inner.message("envoy.config.core.v3.SocketAddress");
        inner.field("address", m.address);
        if constexpr (A::reading)
            inner.check(inner.has("port_value") || inner.has("named_port"), "", "a port is required");
        // Port 0 is a value of its own.
        inner.field("port_value", m.port, m.address.empty() ? 0U : ~0U);
        int protocol = 0;
        if constexpr (A::reading)
            inner.word("protocol", protocol, {"TCP", "UDP"});
        inner.check(protocol == 0, "protocol", "UDP is not supported by this gateway");
        inner.refused({"ipv4_compat", "named_port", "resolver_name", "network_namespace_filepath"});
        inner.check(!m.address.empty(), "address", "an address must not be empty");
        inner.check(m.port <= largestPort, "port_value", "a port is at most 65535");
    });
    a.group("pipe", [&](A &inner) { inner.field("path", m.pipe); });
    a.refused({"envoy_internal_address"});
}
SALLYPORT_DESCRIBED(SocketAddress)

template<typename A>
void describe(A &a, CidrRange &m)
{
    a.message("envoy.config.core.v3.CidrRange");
    a.field("address_prefix", m.addressPrefix);
    if constexpr (A::reading) {
        a.field("prefix_len", m.prefixLen);
        std::uint32_t bits = 0;
        a.check(parsesAsIp(m.addressPrefix, bits), "address_prefix", "malformed IP address");
        m.prefixLen = std::min(m.prefixLen, bits);
    } else {
        std::uint32_t never = ~0U;
        a.field("prefix_len", m.prefixLen, never);
    }
}
SALLYPORT_DESCRIBED(CidrRange)

template<typename A>
void describe(A &a, DataSource &m)
{
    a.message("envoy.config.core.v3.DataSource");
    a.field("filename", m.filename);
    a.field("inline_string", m.inlineString);
    a.field("environment_variable", m.environmentVariable);
    a.ignored({"watched_directory"});
    if constexpr (A::reading) {
        std::optional<std::string> bytes;
        a.field("inline_bytes", bytes);
        if (bytes)
            m.inlineBytes = QByteArray::fromBase64(QByteArray::fromStdString(*bytes)).toStdString();
        a.check(a.has("filename") || a.has("inline_string") || a.has("environment_variable") ||
                    bytes.has_value(),
                "", "one of filename, inline_bytes, inline_string and environment_variable is required");
    } else if (m.inlineBytes) {
        std::string bytes = QByteArray::fromStdString(*m.inlineBytes).toBase64().toStdString();
        a.field("inline_bytes", bytes);
    }
}
SALLYPORT_DESCRIBED(DataSource)

template<typename A>
void describe(A &a, FractionalPercent &m)
{
    a.message("envoy.type.v3.FractionalPercent");
    a.field("numerator", m.numerator);
    a.word("denominator", m.denominator, {"HUNDRED", "TEN_THOUSAND", "MILLION"});
}
SALLYPORT_DESCRIBED(FractionalPercent)

template<typename A>
void describe(A &a, RuntimeFractionalPercent &m)
{
    a.message("envoy.config.core.v3.RuntimeFractionalPercent");
    a.field("default_value", m.defaultValue);
    a.field("runtime_key", m.runtimeKey);
    a.check(m.defaultValue.has_value(), "default_value", "a value is required");
}
SALLYPORT_DESCRIBED(RuntimeFractionalPercent)

template<typename A>
void describe(A &a, RuntimeUInt32 &m)
{
    a.message("envoy.config.core.v3.RuntimeUInt32");
    a.field("default_value", m.defaultValue);
    a.field("runtime_key", m.runtimeKey);
}
SALLYPORT_DESCRIBED(RuntimeUInt32)

template<typename A>
void describe(A &a, RuntimeDouble &m)
{
    a.message("envoy.config.core.v3.RuntimeDouble");
    a.field("default_value", m.defaultValue);
    a.field("runtime_key", m.runtimeKey);
    a.check(!m.runtimeKey.empty(), "runtime_key", "a runtime key is required");
}
SALLYPORT_DESCRIBED(RuntimeDouble)

template<typename A>
void describe(A &a, HeaderValueOption &m)
{
    a.message("envoy.config.core.v3.HeaderValueOption");
    if constexpr (A::reading) {
        a.check(a.has("header"), "header", "a header is required");
        a.check(!a.has("append") || !a.has("append_action"), "append",
                "Both append and append_action are set and it's not allowed");
    }
    a.group("header", [&](A &inner) {
        inner.field("key", m.key);
        inner.field("value", m.value);
        constexpr std::size_t longest = 16384;
        inner.check(m.key.size() <= longest && m.value.size() <= longest, "",
                    "names and values have at most 16384 bytes");
        inner.refused({"raw_value"});
        const auto bad = [](unsigned char c) { return c <= 0x20 || c == 0x7f || c >= 0x80; };
        inner.check(!m.key.empty() && std::none_of(m.key.begin(), m.key.end(), bad), "key",
                    "this is no header name");
        inner.check(isOneLine(m.value), "value", "a header value holds no line break");
    });
    // Envoy takes one of the two.
    if (A::reading || !m.append)
        a.word("append_action", m.action,
               {"APPEND_IF_EXISTS_OR_ADD", "ADD_IF_ABSENT", "OVERWRITE_IF_EXISTS_OR_ADD",
                "OVERWRITE_IF_EXISTS"});
    a.field("append", m.append);
    a.field("keep_empty_value", m.keepEmptyValue);
    // The deprecated flag overrides the default of the action that replaced it.
    if (A::reading && m.append)
        m.action =
            *m.append ? HeaderAppendAction::AppendIfExistsOrAdd : HeaderAppendAction::OverwriteIfExistsOrAdd;
}
SALLYPORT_DESCRIBED(HeaderValueOption)

template<typename A>
void describe(A &a, HeaderMutation &m)
{
    a.message("envoy.config.common.mutation_rules.v3.HeaderMutation");
    a.field("remove", m.remove);
    a.field("append", m.append);
    a.refused({"remove_on_match"});
    if constexpr (A::reading)
        a.check(a.has("remove") != a.has("append"), "", "either remove or append is required");
    if (m.append) {
        const std::string &key = m.append->key;
        a.check(!key.starts_with(':') && key != "host" && key != "Host", "append",
                ":-prefixed or host headers may not be modified");
        if (const Result<std::vector<FormatCommand>> parsed = parseFormat(m.append->value); !parsed)
            a.check(false, "append", parsed.error().what.c_str());
    }
}
SALLYPORT_DESCRIBED(HeaderMutation)

template<typename A>
void describeHeaderMutations(A &a, HeaderMutations &m)
{
    a.field("request_headers_to_add", m.requestAdd);
    a.field("request_headers_to_remove", m.requestRemove);
    a.field("response_headers_to_add", m.responseAdd);
    a.field("response_headers_to_remove", m.responseRemove);
    const auto pseudo = [](std::string_view name) {
        return name.starts_with(':') || name == "host" || name == "Host";
    };
    for (const std::string &name : m.requestRemove)
        a.check(!pseudo(name), "request_headers_to_remove", ":-prefixed or host headers may not be removed");
    for (const HeaderValueOption &option : m.requestAdd)
        a.check(!pseudo(option.key), "request_headers_to_add",
                ":-prefixed or host headers may not be modified");
    for (const std::string &name : m.responseRemove)
        a.check(!pseudo(name), "response_headers_to_remove", ":-prefixed or host headers may not be removed");
    for (const HeaderValueOption &option : m.responseAdd)
        a.check(!pseudo(option.key), "response_headers_to_add",
                ":-prefixed or host headers may not be modified");
    for (const auto *names : {&m.requestRemove, &m.responseRemove}) {
        for (const std::string &name : *names)
            a.check(!name.empty() && isOneLine(name),
                    names == &m.requestRemove ? "request_headers_to_remove" : "response_headers_to_remove",
                    "a header's name is required");
    }
    constexpr std::size_t mostHeaders = 1000;
    a.check(m.requestAdd.size() <= mostHeaders, "request_headers_to_add",
            "at most 1000 headers are possible");
    a.check(m.responseAdd.size() <= mostHeaders, "response_headers_to_add",
            "at most 1000 headers are possible");
}
SALLYPORT_DESCRIBED_AS(describeHeaderMutations, HeaderMutations)

template<typename A>
void describe(A &a, Locality &m)
{
    a.message("envoy.config.core.v3.Locality");
    a.field("region", m.region);
    a.field("zone", m.zone);
    a.field("sub_zone", m.subZone);
}
SALLYPORT_DESCRIBED(Locality)

template<typename A>
void describe(A &a, Metadata &m)
{
    a.message("envoy.config.core.v3.Metadata");
    a.field("filter_metadata", m.filters);
    a.ignored({"typed_filter_metadata"});
}
SALLYPORT_DESCRIBED(Metadata)

template<typename A>
void describe(A &a, ConfigSource &m)
{
    a.message("envoy.config.core.v3.ConfigSource");
    a.group("path_config_source", [&](A &inner) {
        inner.message("envoy.config.core.v3.PathConfigSource");
        inner.field("path", m.path);
        inner.group("watched_directory", [&](A &directory) { directory.field("path", m.watchedDirectory); });
    });
    a.field("path", m.path, m.path);
    a.ignored({"resource_api_version", "initial_fetch_timeout"});
    a.refused({"api_config_source", "ads", "self", "authorities"});
    a.check(!m.path.empty(), "path_config_source", "only path_config_source is supported here");
}
SALLYPORT_DESCRIBED(ConfigSource)

template<typename A>
void describeRegex(A &a, const char *name, std::string &regex)
{
    a.group(
        name,
        [&](A &inner) {
            inner.message("envoy.type.matcher.v3.RegexMatcher");
            inner.field("regex", regex);
            inner.ignored({"google_re2"});
            inner.check(!regex.empty(), "regex", "an expression is required");
        },
        !regex.empty());
}
template void describeRegex(JsonReader &, const char *, std::string &);
template void describeRegex(JsonWriter &, const char *, std::string &);

template<typename A>
void describe(A &a, StringMatcher &m)
{
    a.message("envoy.type.matcher.v3.StringMatcher");
    static constexpr const char *names[] = {"exact", "prefix", "suffix", "contains"};
    if constexpr (A::reading) {
        int given = 0;
        for (int i = 0; i < 4; ++i) {
            if (!a.has(names[i])) {
                a.ignored({names[i]});
                continue;
            }
            m.kind = static_cast<StringMatchKind>(i);
            a.field(names[i], m.value);
            a.check(i == 0 || !m.value.empty(), names[i], "a text is required");
            ++given;
        }
        if (a.has("safe_regex")) {
            m.kind = StringMatchKind::Regex;
            ++given;
        }
        describeRegex(a, "safe_regex", m.value);
        a.check(given == 1, "", "exactly one of exact, prefix, suffix, contains and safe_regex is required");
    } else if (m.kind == StringMatchKind::Regex) {
        describeRegex(a, "safe_regex", m.value);
    } else {
        static const std::string never("\0", 1);
        a.field(names[static_cast<int>(m.kind)], m.value, never);
    }
    a.field("ignore_case", m.ignoreCase);
    a.refused({"custom"});
}
SALLYPORT_DESCRIBED(StringMatcher)

template<typename A>
void describe(A &a, HeaderMatcher &m)
{
    a.message("envoy.config.route.v3.HeaderMatcher");
    a.field("name", m.name);
    a.check(!m.name.empty(), "name", "a header name is required");
    a.field("invert_match", m.invert);
    a.field("treat_missing_header_as_empty", m.treatMissingAsEmpty);
    if constexpr (A::reading) {
        static constexpr const char *olderForms[] = {"exact_match", "prefix_match", "suffix_match",
                                                     "contains_match"};
        for (int i = 0; i < 4; ++i) {
            if (a.has(olderForms[i])) {
                m.kind = HeaderMatchKind::String;
                m.string.kind = static_cast<StringMatchKind>(i);
            }
            a.field(olderForms[i], m.string.value);
            a.check(i == 0 || !a.has(olderForms[i]) || !m.string.value.empty(), olderForms[i],
                    "a text is required");
        }
        // An empty exact_match asks for presence (Envoy 1.40).
        if (a.has("exact_match") && m.string.value.empty())
            m.kind = HeaderMatchKind::Present;
        if (a.has("safe_regex_match")) {
            m.kind = HeaderMatchKind::String;
            m.string.kind = StringMatchKind::Regex;
        }
        describeRegex(a, "safe_regex_match", m.string.value);
        if (a.has("string_match"))
            m.kind = HeaderMatchKind::String;
        a.field("string_match", m.string);
        if (a.has("range_match"))
            m.kind = HeaderMatchKind::Range;
        a.field("present_match", m.present);
    } else if (m.kind == HeaderMatchKind::String) {
        static const StringMatcher never{StringMatchKind::Exact, std::string("\0", 1), false};
        a.field("string_match", m.string, never);
    } else if (m.kind == HeaderMatchKind::Present) {
        a.field("present_match", m.present, !m.present);
    }
    if (A::reading || m.kind == HeaderMatchKind::Range) {
        a.group(
            "range_match",
            [&](A &inner) {
                inner.field("start", m.rangeStart);
                inner.field("end", m.rangeEnd);
            },
            true);
    }
}
SALLYPORT_DESCRIBED(HeaderMatcher)

template<typename A>
void describe(A &a, QueryParameterMatcher &m)
{
    a.message("envoy.config.route.v3.QueryParameterMatcher");
    a.field("name", m.name);
    a.check(!m.name.empty(), "name", "a name is required");
    a.field("string_match", m.string);
    if (A::reading || !m.string)
        a.field("present_match", m.present, !m.present);
}
SALLYPORT_DESCRIBED(QueryParameterMatcher)

template<typename A>
void describe(A &a, ValueMatcher &m)
{
    using Kind = ValueMatcher::Kind;
    a.message("envoy.type.matcher.v3.ValueMatcher");
    const auto is = [&](const char *name, Kind kind) {
        if constexpr (A::reading) {
            if (a.has(name))
                m.kind = kind;
            return true;
        } else {
            return m.kind == kind;
        }
    };
    if (is("null_match", Kind::Null))
        a.group(
            "null_match", [](A &) {}, true);
    if (is("double_match", Kind::Number)) {
        a.group("double_match", [&](A &inner) {
            inner.field("exact", m.number);
            inner.group("range", [&](A &range) {
                std::pair<double, double> both = m.range.value_or(std::pair<double, double>());
                range.field("start", both.first);
                range.field("end", both.second);
                if constexpr (A::reading)
                    m.range = both;
            });
        });
    }
    if (is("string_match", Kind::String)) {
        static const StringMatcher never{StringMatchKind::Exact, std::string("\0", 1), false};
        a.field("string_match", m.string, never);
    }
    if (is("bool_match", Kind::Bool))
        a.field("bool_match", m.boolean, !m.boolean);
    if (is("present_match", Kind::Present))
        a.field("present_match", m.boolean, !m.boolean);
    if (is("list_match", Kind::List)) {
        a.group("list_match", [&](A &inner) {
            ValueMatcher one = m.nested.empty() ? ValueMatcher() : m.nested.front();
            inner.group("one_of", [&](A &element) { describe(element, one); });
            if constexpr (A::reading)
                m.nested = {one};
        });
    }
    if (is("or_match", Kind::Or))
        a.group("or_match", [&](A &inner) { inner.field("value_matchers", m.nested); });
}
SALLYPORT_DESCRIBED(ValueMatcher)

template<typename A>
void describe(A &a, MetadataMatcher &m)
{
    a.message("envoy.type.matcher.v3.MetadataMatcher");
    a.field("filter", m.filter);
    if constexpr (A::reading) {
        const QJsonValue path = a.take("path");
        for (const QJsonValue &step : path.toArray())
            m.path.push_back(fromQt(step.toObject().value(QLatin1String("key")).toString()));
        a.check(!m.path.empty(), "path", "a path is required");
    } else {
        QJsonArray path;
        for (const std::string &key : m.path)
            path.append(QJsonObject{{QStringLiteral("key"), toQt(key)}});
        a.set("path", path);
    }
    static const ValueMatcher never{ValueMatcher::Kind::Null, {}, 1, {}, false, {}};
    a.field("value", m.value, never);
    a.field("invert", m.invert);
}
SALLYPORT_DESCRIBED(MetadataMatcher)

template<typename A>
void describe(A &a, RegexRewrite &m)
{
    a.message("envoy.type.matcher.v3.RegexMatchAndSubstitute");
    describeRegex(a, "pattern", m.pattern);
    a.field("substitution", m.substitution);
    a.check(!m.pattern.empty(), "pattern", "a pattern is required");
}
SALLYPORT_DESCRIBED(RegexRewrite)

} // namespace sallyport::dataplane
