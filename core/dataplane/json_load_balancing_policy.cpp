// SPDX-License-Identifier: GPL-3.0-or-later
// `load_balancing_policy`: the balancers as extensions. They become the same model that `lb_policy` does.
#include "core/dataplane/describe.h"

#include <utility>

namespace sallyport::dataplane {

namespace {

using Policy = Cluster::LbPolicy;

constexpr std::pair<const char *, Policy> policyTypes[] = {
    {"envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin", Policy::RoundRobin},
    {"envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest", Policy::LeastRequest},
    {"envoy.extensions.load_balancing_policies.random.v3.Random", Policy::Random},
    {"envoy.extensions.load_balancing_policies.ring_hash.v3.RingHash", Policy::RingHash},
    {"envoy.extensions.load_balancing_policies.maglev.v3.Maglev", Policy::Maglev},
    {"envoy.extensions.load_balancing_policies.cluster_provided.v3.ClusterProvided", Policy::ClusterProvided},
};
/// Envoy knows no balancer by this type and goes on to the next.
constexpr const char *nobodysType = "google.protobuf.Struct";

const char *typeOf(Policy policy)
{
    for (const auto &[type, kind] : policyTypes) {
        if (kind == policy)
            return type;
    }
    return "";
}

template<typename A>
void describeRingHash(A &a, Cluster &m)
{
    int function = m.ringHashFunction == Cluster::HashFunction::MurmurHash2 ? 2 : 0;
    a.word("hash_function", function, {"DEFAULT_HASH", "XX_HASH", "MURMUR_HASH_2"});
    if constexpr (A::reading) {
        m.ringHashFunction =
            function == 2 ? Cluster::HashFunction::MurmurHash2 : Cluster::HashFunction::XxHash;
        // The older form of the two fields, which the younger one replaces as a whole.
        describeConsistentHashing(a, m);
    }
    a.field("minimum_ring_size", m.ringMinimum, std::uint64_t(1024));
    a.field("maximum_ring_size", m.ringMaximum, std::uint64_t(8U << 20U));
}

template<typename A>
void describeHashing(A &a, Cluster &m)
{
    a.group("consistent_hashing_lb_config", [&](A &hashing) {
        if constexpr (A::reading) {
            m.consistentUseHostname = false;
            m.hashBalanceFactor.reset();
        }
        describeConsistentHashing(hashing, m);
        hashing.refused({"hash_policy"});
    });
    describeLocalityWeights(a, m);
}

template<typename A>
void describePolicy(A &a, Policy policy, Cluster &m)
{
    const auto describeLocality = [&] {
        a.group("locality_lb_config", [&](A &locality) { describeLocalityChoice(locality, m); });
    };
    switch (policy) {
    case Policy::RoundRobin:
        describeLocality();
        describeSlowStart(a, m);
        break;
    case Policy::LeastRequest: {
        a.field("choice_count", m.leastRequestChoices, 2U);
        a.field("active_request_bias", m.leastRequestBias);
        describeSlowStart(a, m);
        describeLocality();
        int method = m.leastRequestFullScan ? 1 : 0;
        a.word("selection_method", method, {"N_CHOICES", "FULL_SCAN"});
        if constexpr (A::reading) {
            bool older = false;
            a.field("enable_full_scan", older);
            m.leastRequestFullScan = method == 1 || older;
        }
        break;
    }
    case Policy::Random:
        describeLocality();
        break;
    case Policy::RingHash:
        describeRingHash(a, m);
        describeHashing(a, m);
        break;
    case Policy::Maglev:
        a.field("table_size", m.maglevTableSize, std::uint64_t(65537));
        describeHashing(a, m);
        break;
    case Policy::ClusterProvided:
        break;
    }
}

/// Whether this entry of the list is the one that counts: the first that Envoy has a balancer for.
bool readPolicy(JsonReader &a, Cluster &m)
{
    bool taken = false;
    a.group("typed_extension_config", [&](JsonReader &extension) {
        extension.ignored({"name"});
        extension.any("typed_config", [&](JsonReader &config, const std::string &type) {
            if (config.state().asked != nullptr) {
                for (const auto &[name, policy] : policyTypes) {
                    config.message(name);
                    describePolicy(config, policy, m);
                }
                return;
            }
            if (type == nobodysType) {
                config.ignoreRest();
                return;
            }
            taken = true;
            bool known = false;
            for (const auto &[name, policy] : policyTypes) {
                if (type != name)
                    continue;
                known = true;
                m.lbPolicy = policy;
                describePolicy(config, policy, m);
            }
            config.check(known, "@type",
                         "this load balancing policy of Envoy's is not supported by this gateway");
            if (!known)
                config.ignoreRest();
        });
    });
    return taken;
}

} // namespace

void readTypedPolicy(JsonReader &a, Cluster &m)
{
    constexpr const char *field = "load_balancing_policy";
    const bool there = a.has(field);
    const bool findsByRequest = m.lbPolicy == Policy::ClusterProvided;
    a.group(field, [&](JsonReader &list) {
        const QJsonArray policies = list.take("policies").toArray();
        if (list.state().asked != nullptr) {
            JsonReader policy({}, list.child("policies"), list.state());
            readPolicy(policy, m);
            return;
        }
        for (qsizetype i = 0; i < policies.size() && !m.typedLbPolicy; ++i) {
            JsonReader policy(policies.at(i).toObject(),
                              list.child("policies") + '[' + std::to_string(i) + ']', list.state());
            m.typedLbPolicy = readPolicy(policy, m);
            policy.finish();
        }
    });
    if (!there)
        return;
    a.check(m.typedLbPolicy, field, "didn't find a registered load balancer factory implementation");
    a.check(findsByRequest == (m.lbPolicy == Policy::ClusterProvided), field,
            "CLUSTER_PROVIDED stands in lb_policy and in load_balancing_policy, or in neither");
    a.check(!a.has("lb_subset_config"), field,
            "load_balancing_policy cannot be combined with lb_subset_config");
    const QJsonObject common = a.object().value(QLatin1String("common_lb_config")).toObject();
    for (const char *name :
         {"zone_aware_lb_config", "locality_weighted_lb_config", "consistent_hashing_lb_config"})
        a.check(!common.contains(QLatin1String(name)), field,
                "load_balancing_policy cannot be combined with partial fields (zone_aware_lb_config, "
                "locality_weighted_lb_config, consistent_hashing_lb_config) of common_lb_config");
}

void writeTypedPolicy(JsonWriter &a, const Cluster &m)
{
    if (!m.typedLbPolicy)
        return;
    if (m.lbPolicy == Policy::ClusterProvided)
        a.set("lb_policy", QStringLiteral("CLUSTER_PROVIDED"));
    JsonWriter config;
    // A description takes a reference that readers can fill.
    describePolicy(config, m.lbPolicy, const_cast<Cluster &>(m));
    QJsonObject typed = config.object();
    typed.insert(QStringLiteral("@type"), QLatin1String(typePrefix) + QLatin1String(typeOf(m.lbPolicy)));
    const QString type = QLatin1String(typeOf(m.lbPolicy));
    const QString name =
        QStringLiteral("envoy.load_balancing_policies.") + type.section(QLatin1Char('.'), 3, 3);
    a.set("load_balancing_policy",
          QJsonObject{{QStringLiteral("policies"),
                       QJsonArray{QJsonObject{{QStringLiteral("typed_extension_config"),
                                               QJsonObject{{QStringLiteral("name"), name},
                                                           {QStringLiteral("typed_config"), typed}}}}}}});
}

} // namespace sallyport::dataplane
