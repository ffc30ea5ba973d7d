// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/cel_message.h"
#include "core/dataplane/describe.h"

namespace sallyport::dataplane {

namespace {

using RbacKind = RbacRule::Kind;

constexpr const char *templateType = "envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig";

/// Permissions and principals write the same inner nodes with other names.
struct RuleWords
{
    const char *andName;
    const char *orName;
    const char *listName;
    const char *notName;
    bool permission;
};
constexpr RuleWords permissionWords{"and_rules", "or_rules", "rules", "not_rule", true};
constexpr RuleWords principalWords{"and_ids", "or_ids", "ids", "not_id", false};

void readRule(JsonReader &a, RbacRule &m, const RuleWords &words);

void readRules(JsonReader &a, const char *name, std::vector<RbacRule> &rules, const RuleWords &words)
{
    const QJsonArray array = a.take(name).toArray();
    for (qsizetype i = 0; i < array.size(); ++i) {
        JsonReader inner(array.at(i).toObject(), a.child(name) + '[' + std::to_string(i) + ']', a.state());
        readRule(inner, rules.emplace_back(), words);
        inner.finish();
    }
}

void readNode(JsonReader &a, const char *name, RbacRule &m, RbacKind kind, const RuleWords &words)
{
    if (!a.has(name)) {
        a.ignored({name});
        return;
    }
    m.kind = kind;
    a.group(name, [&](JsonReader &inner) {
        if (kind != RbacKind::Not)
            readRules(inner, words.listName, m.children, words);
        else if (!inner.state().asked)
            readRule(inner, m.children.emplace_back(), words);
    });
}

template<typename F>
void readLeaf(JsonReader &a, const char *name, RbacRule &m, RbacKind kind, F &&read)
{
    if (a.has(name)) {
        m.kind = kind;
        read();
    } else {
        a.ignored({name});
    }
}

void readRule(JsonReader &a, RbacRule &m, const RuleWords &words)
{
    readNode(a, words.andName, m, RbacKind::And, words);
    readNode(a, words.orName, m, RbacKind::Or, words);
    readNode(a, words.notName, m, RbacKind::Not, words);
    readLeaf(a, "any", m, RbacKind::Any, [&] { a.field("any", m.anyValue); });
    readLeaf(a, "header", m, RbacKind::Header, [&] { a.field("header", m.header); });
    readLeaf(a, "metadata", m, RbacKind::Metadata, [&] { a.field("metadata", m.metadata); });
    readLeaf(a, "url_path", m, RbacKind::UrlPath,
             [&] { a.group("url_path", [&](JsonReader &inner) { inner.field("path", m.string); }); });
    if (words.permission) {
        readLeaf(a, "destination_ip", m, RbacKind::DestinationIp, [&] { a.field("destination_ip", m.cidr); });
        readLeaf(a, "destination_port", m, RbacKind::DestinationPort,
                 [&] { a.field("destination_port", m.port); });
        readLeaf(a, "destination_port_range", m, RbacKind::DestinationPorts, [&] {
            a.group("destination_port_range", [&](JsonReader &inner) {
                inner.field("start", m.port);
                inner.field("end", m.portEnd);
                inner.check(m.port <= 65535, "start", "a range starts at 65535 at most");
                inner.check(m.portEnd <= 65536, "end", "a range ends at 65536 at most");
                inner.check(m.port < m.portEnd, "end", "a range ends behind its start");
            });
        });
        readLeaf(a, "requested_server_name", m, RbacKind::RequestedServerName,
                 [&] { a.field("requested_server_name", m.string); });
        readLeaf(a, "uri_template", m, RbacKind::UriTemplate, [&] {
            a.group("uri_template", [&](JsonReader &inner) {
                inner.ignored({"name"});
                inner.any("typed_config", [&](JsonReader &config, const std::string &type) {
                    if (type != templateType && !config.state().asked)
                        config.fail("@type",
                                    "Didn't find a registered implementation for type: '" + type + '\'');
                    config.field("path_template", m.text);
                });
            });
        });
        a.refused({"matcher", "sourced_metadata"});
    } else {
        readLeaf(a, "authenticated", m, RbacKind::Authenticated, [&] {
            a.group("authenticated", [&](JsonReader &inner) {
                m.hasString = inner.has("principal_name");
                inner.field("principal_name", m.string);
            });
        });
        readLeaf(a, "source_ip", m, RbacKind::SourceIp, [&] { a.field("source_ip", m.cidr); });
        readLeaf(a, "direct_remote_ip", m, RbacKind::DirectRemoteIp,
                 [&] { a.field("direct_remote_ip", m.cidr); });
        readLeaf(a, "remote_ip", m, RbacKind::RemoteIp, [&] { a.field("remote_ip", m.cidr); });
        readLeaf(a, "filter_state", m, RbacKind::FilterState, [&] {
            a.group("filter_state", [&](JsonReader &inner) {
                inner.field("key", m.text);
                inner.field("string_match", m.string);
            });
        });
        a.refused({"sourced_metadata", "custom"});
    }
}

/// Which fields there are: a list of rules does not tell while it is empty.
void askForRules(ReadState &state)
{
    for (const auto &[message, words] : {std::pair("envoy.config.rbac.v3.Permission", &permissionWords),
                                         std::pair("envoy.config.rbac.v3.Principal", &principalWords)}) {
        JsonReader reader({}, {}, state);
        reader.message(message);
        RbacRule rule;
        readRule(reader, rule, *words);
    }
}

QJsonObject writeRule(const RbacRule &m, const RuleWords &words)
{
    JsonWriter a;
    QJsonArray children;
    for (const RbacRule &child : m.children)
        children.append(writeRule(child, words));
    const QJsonObject list{{QLatin1String(words.listName), children}};
    switch (m.kind) {
    case RbacKind::Any:
        a.set("any", m.anyValue);
        break;
    case RbacKind::And:
        a.set(words.andName, list);
        break;
    case RbacKind::Or:
        a.set(words.orName, list);
        break;
    case RbacKind::Not:
        a.set(words.notName, children.at(0));
        break;
    case RbacKind::Header:
        a.set("header", JsonWriter::write(m.header));
        break;
    case RbacKind::UrlPath:
        a.set("url_path", QJsonObject{{QStringLiteral("path"), JsonWriter::write(m.string)}});
        break;
    case RbacKind::UriTemplate:
        a.set("uri_template",
              QJsonObject{
                  {QStringLiteral("name"), QStringLiteral("uri-template")},
                  {QStringLiteral("typed_config"),
                   QJsonObject{
                       {QStringLiteral("@type"),
                        QStringLiteral("type.googleapis.com/"
                                       "envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig")},
                       {QStringLiteral("path_template"), toQt(m.text)}}}});
        break;
    case RbacKind::DestinationIp:
        a.set("destination_ip", JsonWriter::write(m.cidr));
        break;
    case RbacKind::DestinationPort:
        a.set("destination_port", static_cast<qint64>(m.port));
        break;
    case RbacKind::DestinationPorts:
        a.set("destination_port_range", QJsonObject{{QStringLiteral("start"), static_cast<qint64>(m.port)},
                                                    {QStringLiteral("end"), static_cast<qint64>(m.portEnd)}});
        break;
    case RbacKind::RequestedServerName:
        a.set("requested_server_name", JsonWriter::write(m.string));
        break;
    case RbacKind::Authenticated:
        a.set("authenticated",
              m.hasString ? QJsonObject{{QStringLiteral("principal_name"), JsonWriter::write(m.string)}}
                          : QJsonObject());
        break;
    case RbacKind::SourceIp:
        a.set("source_ip", JsonWriter::write(m.cidr));
        break;
    case RbacKind::DirectRemoteIp:
        a.set("direct_remote_ip", JsonWriter::write(m.cidr));
        break;
    case RbacKind::RemoteIp:
        a.set("remote_ip", JsonWriter::write(m.cidr));
        break;
    case RbacKind::Metadata:
        a.set("metadata", JsonWriter::write(m.metadata));
        break;
    case RbacKind::FilterState:
        a.set("filter_state", QJsonObject{{QStringLiteral("key"), toQt(m.text)},
                                          {QStringLiteral("string_match"), JsonWriter::write(m.string)}});
        break;
    }
    return a.object();
}

QJsonArray writeRules(const std::vector<RbacRule> &rules, const RuleWords &words)
{
    QJsonArray array;
    for (const RbacRule &rule : rules)
        array.append(writeRule(rule, words));
    return array;
}

} // namespace

template<typename A>
void describe(A &a, RbacPolicy &m)
{
    a.message("envoy.config.rbac.v3.Policy");
    if constexpr (A::reading) {
        readRules(a, "permissions", m.permissions, permissionWords);
        readRules(a, "principals", m.principals, principalWords);
        if (a.state().asked)
            askForRules(a.state());
    } else {
        a.set("permissions", writeRules(m.permissions, permissionWords));
        a.set("principals", writeRules(m.principals, principalWords));
    }
    a.field("condition", m.condition);
    // Envoy 1.40 has the field and does not act on it (measured).
    a.ignored({"checked_condition"});
    if constexpr (A::reading) {
        a.check(!m.condition.isEmpty() || !a.has("condition") || a.state().asked, "condition",
                "Invalid empty expression");
        if (!m.condition.isEmpty()) {
            if (const Result<CelExpression> good = conditionOf(m.condition); !good)
                a.fail("condition", good.error().what);
        }
    }
    a.refused({"cel_config"});
}
SALLYPORT_DESCRIBED(RbacPolicy)

template<typename A>
void describe(A &a, RbacRules &m)
{
    a.message("envoy.config.rbac.v3.RBAC");
    a.word("action", m.action, {"ALLOW", "DENY", "LOG"});
    a.field("policies", m.policies);
    a.refused({"audit_logging_options"});
}
SALLYPORT_DESCRIBED(RbacRules)

template<typename A>
void describe(A &a, Rbac &m)
{
    a.message("envoy.extensions.filters.http.rbac.v3.RBAC");
    a.field("rules", m.rules);
    a.field("rules_stat_prefix", m.rulesStatPrefix);
    a.field("shadow_rules", m.shadowRules);
    a.field("shadow_rules_stat_prefix", m.shadowRulesStatPrefix);
    a.field("stat_prefix", m.statPrefix);
    int enforcement = m.continuousEnforcement ? 1 : 0;
    a.word("enforcement_type", enforcement, {"ONE_TIME_ON_FIRST_BYTE", "CONTINUOUS"});
    if constexpr (A::reading)
        m.continuousEnforcement = enforcement == 1;
    a.field("track_per_rule_stats", m.trackPerRuleStats);
    a.refused({"matcher", "shadow_matcher", "delay_deny"});
}
SALLYPORT_DESCRIBED(Rbac)

} // namespace sallyport::dataplane
