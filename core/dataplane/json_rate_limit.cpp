// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

namespace sallyport::dataplane {

template<typename A>
void describe(A &a, TokenBucket &m)
{
    a.message("envoy.type.v3.TokenBucket");
    a.field("max_tokens", m.maxTokens);
    a.field("tokens_per_fill", m.tokensPerFill, 1U);
    a.field("fill_interval", m.fillInterval);
}
SALLYPORT_DESCRIBED(TokenBucket)

template<typename A>
void describe(A &a, RateLimitAction &m)
{
    using Kind = RateLimitAction::Kind;
    a.message("envoy.config.route.v3.RateLimit.Action");
    const auto group = [&](const char *name, Kind kind, auto &&describeGroup) {
        if (takesCase(a, name, kind, m.kind))
            a.group(name, describeGroup, true);
    };
    const auto nothing = [](A &) {};
    group("source_cluster", Kind::SourceCluster, nothing);
    group("destination_cluster", Kind::DestinationCluster, nothing);
    group("request_headers", Kind::RequestHeaders, [&](A &inner) {
        inner.field("header_name", m.name);
        inner.field("descriptor_key", m.key);
        inner.field("skip_if_absent", m.skipIfAbsent);
    });
    group("remote_address", Kind::RemoteAddress, nothing);
    group("generic_key", Kind::GenericKey, [&](A &inner) {
        inner.field("descriptor_key", m.key);
        inner.field("descriptor_value", m.value);
        inner.ignored({"default_value"});
    });
    group("header_value_match", Kind::HeaderValueMatch, [&](A &inner) {
        inner.field("descriptor_key", m.key);
        inner.field("descriptor_value", m.value);
        inner.field("expect_match", m.expectMatch, true);
        inner.field("headers", m.headers);
    });
    group("metadata", Kind::Metadata, [&](A &inner) {
        inner.field("descriptor_key", m.key);
        inner.group("metadata_key", [&](A &at) {
            at.field("key", m.metadata.filter);
            describeMetadataPath(at, m.metadata.path);
        });
        inner.field("default_value", m.value);
        inner.word("source", m.ofRoute, {"DYNAMIC", "ROUTE_ENTRY"});
        inner.field("skip_if_absent", m.skipIfAbsent);
    });
    group("masked_remote_address", Kind::MaskedRemoteAddress, [&](A &inner) {
        inner.field("v4_prefix_mask_len", m.v4Length, 32U);
        inner.field("v6_prefix_mask_len", m.v6Length, 128U);
    });
    group("query_parameter_value_match", Kind::QueryParameterValueMatch, [&](A &inner) {
        inner.field("descriptor_key", m.key);
        inner.field("descriptor_value", m.value);
        inner.field("expect_match", m.expectMatch, true);
        inner.field("query_parameters", m.queryParameters);
    });
    group("query_parameters", Kind::QueryParameters, [&](A &inner) {
        inner.field("query_parameter_name", m.name);
        inner.field("descriptor_key", m.key);
        inner.field("skip_if_absent", m.skipIfAbsent);
    });
    a.refused({"dynamic_metadata", "extension", "remote_address_match"});
}
SALLYPORT_DESCRIBED(RateLimitAction)

template<typename A>
void describe(A &a, RateLimit &m)
{
    a.message("envoy.config.route.v3.RateLimit");
    a.field("stage", m.stage);
    a.field("disable_key", m.disableKey);
    a.field("actions", m.actions);
    if (A::reading || m.hits)
        a.group("hits_addend", [&](A &inner) {
            inner.field("number", m.hits);
            inner.refused({"format"});
        });
    a.field("apply_on_stream_done", m.onStreamDone);
    if constexpr (A::reading)
        m.overridesLimit = a.has("limit");
    a.ignored({"limit"});
}
SALLYPORT_DESCRIBED(RateLimit)

template<typename A>
void describe(A &a, RateLimitEntry &m)
{
    a.message("envoy.extensions.common.ratelimit.v3.RateLimitDescriptor.Entry");
    a.field("key", m.key);
    a.field("value", m.value);
}
SALLYPORT_DESCRIBED(RateLimitEntry)

template<typename A>
void describe(A &a, LocalRateLimitDescriptor &m)
{
    a.message("envoy.extensions.common.ratelimit.v3.LocalRateLimitDescriptor");
    a.field("entries", m.entries);
    a.always("token_bucket", m.tokenBucket);
    a.field("shadow_mode", m.shadowMode);
}
SALLYPORT_DESCRIBED(LocalRateLimitDescriptor)

} // namespace sallyport::dataplane
