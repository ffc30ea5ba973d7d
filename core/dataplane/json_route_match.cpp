// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

namespace sallyport::dataplane {

namespace {

using PathKind = RouteMatch::PathKind;

constexpr const char *templateMatchType =
    "envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig";

void readPath(JsonReader &a, RouteMatch &m)
{
    const auto take = [&](const char *name, PathKind kind) {
        if (a.has(name))
            m.pathKind = kind;
        a.field(name, m.path);
    };
    take("prefix", PathKind::Prefix);
    take("path", PathKind::Path);
    take("path_separated_prefix", PathKind::PathSeparatedPrefix);
    if (a.has("safe_regex"))
        m.pathKind = PathKind::Regex;
    describeRegex(a, "safe_regex", m.path);
    if (a.has("connect_matcher"))
        m.pathKind = PathKind::Connect;
    a.ignored({"connect_matcher"});
    a.group("path_match_policy", [&](JsonReader &policy) {
        policy.ignored({"name"});
        policy.any("typed_config", [&](JsonReader &config, const std::string &type) {
            config.check(type == templateMatchType, "@type", "only URI templates are supported here");
            config.field("path_template", m.path);
        });
        m.pathKind = PathKind::Template;
    });
}

void writePath(JsonWriter &a, RouteMatch &m)
{
    switch (m.pathKind) {
    case PathKind::Prefix:
        a.always("prefix", m.path);
        break;
    case PathKind::Path:
        a.always("path", m.path);
        break;
    case PathKind::PathSeparatedPrefix:
        a.always("path_separated_prefix", m.path);
        break;
    case PathKind::Regex:
        describeRegex(a, "safe_regex", m.path);
        break;
    case PathKind::Connect:
        a.group(
            "connect_matcher", [](JsonWriter &) {}, true);
        break;
    case PathKind::Template:
        a.set("path_match_policy",
              QJsonObject{{QStringLiteral("name"),
                           QStringLiteral("envoy.path.match.uri_template.uri_template_matcher")},
                          {QStringLiteral("typed_config"),
                           QJsonObject{{QStringLiteral("@type"),
                                        QLatin1String(typePrefix) + QLatin1String(templateMatchType)},
                                       {QStringLiteral("path_template"), toQt(m.path)}}}});
        break;
    }
}

} // namespace

template<typename A>
void describe(A &a, CookieMatcher &m)
{
    a.message("envoy.config.route.v3.CookieMatcher");
    a.field("name", m.name);
    a.field("string_match", m.value);
    a.field("invert_match", m.invert);
}
SALLYPORT_DESCRIBED(CookieMatcher)

template<typename A>
void describe(A &a, RouteMatch &m)
{
    a.message("envoy.config.route.v3.RouteMatch");
    if constexpr (std::is_same_v<A, JsonReader>)
        readPath(a, m);
    else
        writePath(a, m);
    a.field("case_sensitive", m.caseSensitive, true);
    a.field("headers", m.headers);
    a.field("query_parameters", m.queryParameters);
    a.field("runtime_fraction", m.runtimeFraction);
    a.field("dynamic_metadata", m.dynamicMetadata);
    if constexpr (A::reading) {
        m.grpc = a.has("grpc");
        a.ignored({"grpc"});
    } else if (m.grpc) {
        a.group(
            "grpc", [](A &) {}, true);
    }
    a.field("cookies", m.cookies);
    a.group("tls_context", [&m](A &inner) {
        inner.field("presented", m.tlsPresented);
        inner.field("validated", m.tlsValidated);
    });
    a.refused({"filter_state"});
}
SALLYPORT_DESCRIBED(RouteMatch)

} // namespace sallyport::dataplane
