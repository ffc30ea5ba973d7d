// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

namespace sallyport::dataplane {

namespace {

using Errors = std::vector<std::vector<HeaderMatcher>>;

/// A MatchPredicate over an answer's headers: one set of them, or several of which any may fit.
void readErrors(JsonReader &a, Errors &errors)
{
    a.group("http_response_headers_match",
            [&](JsonReader &match) { match.field("headers", errors.emplace_back()); });
    a.group("or_match", [&](JsonReader &any) {
        const QJsonArray rules = any.take("rules").toArray();
        for (qsizetype i = 0; i < rules.size(); ++i) {
            JsonReader rule(rules.at(i).toObject(), any.child("rules") + '[' + std::to_string(i) + ']',
                            any.state());
            readErrors(rule, errors);
            rule.finish();
        }
    });
    a.refused({"and_match", "not_match", "any_match", "http_request_headers_match",
               "http_request_trailers_match", "http_response_trailers_match",
               "http_request_generic_body_match", "http_response_generic_body_match"});
}

void writeErrors(JsonWriter &a, const Errors &errors)
{
    const auto written = [](const std::vector<HeaderMatcher> &headers) {
        return QJsonObject{{QStringLiteral("http_response_headers_match"),
                            QJsonObject{{QStringLiteral("headers"), JsonWriter::write(headers)}}}};
    };
    if (errors.size() == 1) {
        a.set("error_matcher", written(errors.front()));
        return;
    }
    QJsonArray rules;
    for (const std::vector<HeaderMatcher> &headers : errors)
        rules.append(written(headers));
    a.set("error_matcher",
          QJsonObject{{QStringLiteral("or_match"), QJsonObject{{QStringLiteral("rules"), rules}}}});
}

} // namespace

template<typename A>
void describe(A &a, UpstreamHttpProtocolOptions &m)
{
    using Protocol = UpstreamHttpProtocolOptions::Protocol;
    a.message("envoy.extensions.upstreams.http.v3.HttpProtocolOptions");
    a.group("common_http_protocol_options", [&](A &inner) { describe(inner, m.common); });
    a.group("upstream_http_protocol_options", [&](A &inner) { describeSniOptions(inner, m); });
    const auto protocols = [&](A &inner, bool both) {
        const auto one = [&](const char *name, Protocol protocol, auto &options) {
            if constexpr (A::reading) {
                if (inner.has(name) && !both)
                    m.protocol = protocol;
            } else if (!both && m.protocol != protocol) {
                return;
            }
            inner.group(
                name, [&](A &leaf) { describe(leaf, options); }, true);
        };
        one("http_protocol_options", Protocol::Http1, m.http1);
        inner.check(m.http1.ignoredUpgrades.empty(), "http_protocol_options",
                    "ignore_http_11_upgrade of a cluster is not supported by this gateway");
        one("http2_protocol_options", Protocol::Http2, m.http2);
        inner.refused({"http3_protocol_options"});
    };
    if (A::reading || m.protocol == Protocol::Http1 || m.protocol == Protocol::Http2)
        a.group(
            "explicit_http_config", [&](A &inner) { protocols(inner, false); }, true);
    const auto other = [&](const char *name, Protocol protocol) {
        if (!takesCase(a, name, protocol, m.protocol))
            return;
        a.group(
            name,
            [&](A &inner) {
                protocols(inner, true);
                inner.ignored({"alternate_protocols_cache_options"});
            },
            true);
    };
    other("use_downstream_protocol_config", Protocol::UseDownstream);
    other("auto_config", Protocol::Auto);
    a.group("outlier_detection", [&](A &inner) {
        if constexpr (std::is_same_v<A, JsonReader>)
            inner.group("error_matcher", [&](A &matcher) { readErrors(matcher, m.outlierErrors); });
        else if (!m.outlierErrors.empty())
            writeErrors(inner, m.outlierErrors);
    });
    a.refused({"http_filters", "header_validation_config"});
}
SALLYPORT_DESCRIBED(UpstreamHttpProtocolOptions)

} // namespace sallyport::dataplane
