// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/api_schema.h"
#include "core/dataplane/describe.h"

#include <algorithm>

namespace sallyport::dataplane {

// json_bootstrap.cpp
template<typename A>
void describe(A &a, RuntimeLayer &m);

namespace {

/// A message by its name, or by a field that holds it: `….Cluster.common_lb_config`. Null if Envoy's API is
/// not known here so far.
const ApiMessage *messageOf(const std::string &name)
{
    const ApiSchema &schema = ApiSchema::envoy();
    if (const ApiMessage *known = schema.message(name))
        return known;
    const std::size_t dot = name.rfind('.');
    const ApiMessage *holder = dot == std::string::npos ? nullptr : messageOf(name.substr(0, dot));
    const ApiField *field = holder ? holder->field(toQt(name.substr(dot + 1))) : nullptr;
    return field ? field->message : nullptr;
}

template<typename... T>
void ask(std::set<KnownField> &asked, T... messages)
{
    const auto one = [&asked](auto &message) {
        ReadState state;
        state.asked = &asked;
        JsonReader reader({}, {}, state);
        describe(reader, message);
    };
    (one(messages), ...);
}

void askAll(std::set<KnownField> &asked)
{
    ask(asked, Bootstrap(), RuntimeLayer(), StatsConfig(), StatsConfig::Tag(), StatsConfig::HistogramBounds(),
        OverloadManager(), OverloadManager::Monitor(), OverloadManager::Action(), OverloadManager::Trigger(),
        AccessLog(), AccessLogFilter(), FormatString());
    ask(asked, SocketAddress(), CidrRange(), DataSource(), ConfigSource(), HeaderValueOption(),
        HeaderMutation(), Locality(), Metadata(), RuntimeUInt32(), RuntimeDouble(), FractionalPercent(),
        RuntimeFractionalPercent(), StringMatcher(), HeaderMatcher(), QueryParameterMatcher(),
        MetadataMatcher(), ValueMatcher(), RegexRewrite());
    ask(asked, Listener(), FilterChain(), FilterChainMatch(), ListenerFilter(), ListenerPredicate(),
        ProxyProtocolFilter(), ProxyProtocolFilter::Rule(), NetworkFilter(), HttpConnectionManager(),
        HttpConnectionManager::Upgrade(), LocalReplyConfig(), LocalReplyConfig::Mapper(), TcpProxy(),
        TcpProxy::Weighted(), TcpTunneling(), SniDynamicForwardProxy());
    ask(asked, RouteConfiguration(), VirtualHost(), VirtualCluster(), Route(), RouteMatch(), CookieMatcher(),
        RouteAction(), RedirectAction(), DirectResponseAction(), WeightedCluster(), RetryPolicy(),
        RetryPolicy::RateLimitedReset(), HedgePolicy(), HashPolicy(), HashPolicy::CookieAttribute(),
        MirrorPolicy(), UpgradeConfig(), RateLimit(), RateLimitAction(), TraceSampling(),
        InternalRedirectPolicy());
    ask(asked, HttpFilter(), Router(), Rbac(), RbacRules(), RbacPolicy(), Fault(), CorsPolicy(),
        JwtAuthentication(), JwtProvider(), JwtProvider::Header(), JwtProvider::ClaimToHeader(), JwtRule(),
        JwtRequirement(), ExtAuthz(), LocalRateLimit(), LocalRateLimitDescriptor(), RateLimitEntry(),
        TokenBucket(), DynamicForwardProxy(), DnsCache(), HeaderMutationFilter(), BufferFilter(),
        SetFilterState(), SetFilterState::Value(), HealthCheckFilter());
    ask(asked, Cluster(), TransportSocketMatch(), ClusterLoadAssignment(),
        ClusterLoadAssignment::DropOverload(), LocalityLbEndpoints(), LbEndpoint(),
        CircuitBreakerThresholds(), OutlierDetection(), HealthCheck(), HealthCheckPayload(), LbSubsetConfig(),
        LbSubsetConfig::Selector(), UpstreamHttpProtocolOptions(), CommonHttpProtocolOptions(),
        Http1ProtocolOptions(), Http2ProtocolOptions(), ProxyProtocolConfig(), ProxyProtocolConfig::Tlv(),
        ProxyTlvSelection());
    ask(asked, DownstreamTlsContext(), UpstreamTlsContext(), CommonTlsContext(), TlsParameters(),
        TlsCertificate(), TlsKeyLog(), CertificateValidationContext(), SubjectAltNameMatcher(),
        SdsSecretConfig(), Secret());
}

} // namespace

std::vector<KnownField> knownFields()
{
    std::set<KnownField> asked;
    askAll(asked);
    std::vector<KnownField> fields;
    std::set<std::string> messages;
    for (const KnownField &field : asked) {
        messages.insert(field.message);
        // What one branch of a description reads, another may pass over.
        const bool again =
            !fields.empty() && fields.back().message == field.message && fields.back().name == field.name;
        // One description may serve several messages: what is read and not the message's is refused before.
        const ApiMessage *message = messageOf(field.message);
        if (!again && (!message || message->field(toQt(field.name))))
            fields.push_back(field);
    }
    // What nobody asks for is left over, which is refused.
    std::vector<KnownField> others;
    for (const std::string &name : messages) {
        const ApiMessage *message = messageOf(name);
        if (!message)
            continue;
        for (const ApiField &field : message->fields) {
            const bool isAsked = std::any_of(fields.begin(), fields.end(), [&](const KnownField &known) {
                return known.message == name && known.name == fromQt(field.name);
            });
            if (!isAsked)
                others.push_back({name, fromQt(field.name), FieldUse::Refused});
        }
    }
    fields.insert(fields.end(), others.begin(), others.end());
    std::sort(fields.begin(), fields.end());
    return fields;
}

} // namespace sallyport::dataplane
