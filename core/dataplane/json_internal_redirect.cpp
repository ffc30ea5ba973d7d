// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"
#include "core/result/ascii_case.h"

namespace sallyport::dataplane {

namespace {

using PredicateKind = InternalRedirectPolicy::Predicate::Kind;

constexpr const char *previousRoutesType =
    "envoy.extensions.internal_redirect.previous_routes.v3.PreviousRoutesConfig";
constexpr const char *allowListedRoutesType =
    "envoy.extensions.internal_redirect.allow_listed_routes.v3.AllowListedRoutesConfig";
constexpr const char *safeCrossSchemeType =
    "envoy.extensions.internal_redirect.safe_cross_scheme.v3.SafeCrossSchemeConfig";

void write(JsonWriter &a, const char *name, const char *type, QJsonObject config)
{
    config[QStringLiteral("@type")] = QLatin1String(typePrefix) + QLatin1String(type);
    a.set("name", QLatin1String(name));
    a.set("typed_config", config);
}

} // namespace

template<typename A>
void describe(A &a, InternalRedirectPolicy::Predicate &m)
{
    if constexpr (A::reading) {
        a.ignored({"name"});
        const bool typed = a.any("typed_config", [&m](JsonReader &config, const std::string &type) {
            config.field("allowed_route_names", m.allowedRoutes);
            if (type == allowListedRoutesType)
                m.kind = PredicateKind::AllowListedRoutes;
            else if (type == safeCrossSchemeType)
                m.kind = PredicateKind::SafeCrossScheme;
            else
                config.check(type == previousRoutesType || config.state().asked != nullptr, "@type",
                             "this predicate is not supported by this gateway");
        });
        a.check(typed, "typed_config", "a predicate needs its configuration");
    } else {
        switch (m.kind) {
        case PredicateKind::PreviousRoutes:
            write(a, "envoy.internal_redirect_predicates.previous_routes", previousRoutesType, {});
            break;
        case PredicateKind::AllowListedRoutes:
            write(a, "envoy.internal_redirect_predicates.allow_listed_routes", allowListedRoutesType,
                  {{QStringLiteral("allowed_route_names"), JsonWriter::write(m.allowedRoutes)}});
            break;
        case PredicateKind::SafeCrossScheme:
            write(a, "envoy.internal_redirect_predicates.safe_cross_scheme", safeCrossSchemeType, {});
            break;
        }
    }
}
SALLYPORT_DESCRIBED(InternalRedirectPolicy::Predicate)

template<typename A>
void describe(A &a, InternalRedirectPolicy &m)
{
    a.message("envoy.config.route.v3.InternalRedirectPolicy");
    a.field("max_internal_redirects", m.maxInternalRedirects, 1U);
    a.field("redirect_response_codes", m.responseCodes);
    a.field("predicates", m.predicates);
    a.field("allow_cross_scheme_redirect", m.allowCrossScheme);
    a.field("response_headers_to_copy", m.responseHeadersToCopy);
    for (const std::string &name : m.responseHeadersToCopy)
        a.check(!name.starts_with(':') && asciiLowered(name) != "host", "response_headers_to_copy",
                ":-prefixed headers or Hosts may not be specified here.");
}
SALLYPORT_DESCRIBED(InternalRedirectPolicy)

} // namespace sallyport::dataplane
