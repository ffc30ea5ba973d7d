// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/live_facts.h"
#include "ui/inspector/subject.h"

#include <QtTest>

using namespace sallyport;
using namespace sallyport::inspector;

namespace {

const QString egress = QStringLiteral("primary:istio-system/istio-egressgateway");
const QString cluster = QStringLiteral("outbound|443||test.com");

QString valueOf(const std::vector<LiveGroup> &groups, const QString &group, const QString &label)
{
    for (const LiveGroup &each : groups) {
        for (const LiveFact &fact : each.facts) {
            if (each.title == group && fact.label == label)
                return fact.value;
        }
    }
    return QStringLiteral("none");
}

control::NodeStatus status(control::NodeState state, const QString &reason = {})
{
    return {"egress", egress, state, reason, 4711};
}

control::LogEntry line(int code, const char *failure = "-")
{
    control::LogEntry entry;
    entry.proxy = egress + "#1";
    entry.receivedUs = 1'000'000;
    entry.fields = QJsonObject{{"upstream_cluster", cluster},
                               {"response_code", code},
                               {"response_flags", code == 503 ? "UF" : "-"},
                               {"upstream_transport_failure_reason", failure},
                               {"upstream_host", "external:istio-system/istio-ingressgateway:443"}};
    return entry;
}

topology::ChainHop hop()
{
    topology::ChainHop made;
    made.from = egress;
    made.to = "external:istio-system/istio-ingressgateway";
    made.cluster = cluster;
    made.statName = cluster + ';';
    made.kind = topology::HopKind::OriginatedMtls;
    made.number = 2;
    made.port = 443;
    made.sni = "test.com";
    made.hosts = QStringList{"test.com"};
    made.crossesMeshes = true;
    return made;
}

} // namespace

class TestLiveFacts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void restartsAreCounted();
    void theNewestLineCounts();
    void handshakesAreSummed();
    void factsOfANode();
    void factsOfAHop();
    void plaintextHasNoHandshake();
    void ages();
    void subjects();
};

void TestLiveFacts::restartsAreCounted()
{
    LiveRecord record;
    const QDateTime begin = QDateTime::fromSecsSinceEpoch(1000);
    record.setNode(status(control::NodeState::Starting), begin);
    QVERIFY(!record.process("egress").since.isValid());
    record.setNode(status(control::NodeState::Ready), begin);
    record.setNode(status(control::NodeState::Ready), begin.addSecs(5)); // told twice
    QCOMPARE(record.process("egress").since, begin);
    QCOMPARE(record.process("egress").restarts, 0);
    record.setNode(status(control::NodeState::Exited), begin.addSecs(9));
    QVERIFY(!record.process("egress").since.isValid());
    record.setNode(status(control::NodeState::Ready), begin.addSecs(10));
    QCOMPARE(record.process("egress").restarts, 1);
    record.clear();
    QCOMPARE(record.process("egress").restarts, 0);
}

void TestLiveFacts::theNewestLineCounts()
{
    LiveRecord record;
    record.addEntries({line(503, "TLS error: unknown CA"), line(200)});
    QVERIFY(record.last(egress, cluster));
    QCOMPARE(record.last(egress, cluster)->status, "200");
    QCOMPARE(record.last(egress, cluster)->flags, QString());
    QCOMPARE(record.lastFailure(egress, cluster)->failure, "TLS error: unknown CA");
    QVERIFY(!record.last("another", cluster));
}

void TestLiveFacts::handshakesAreSummed()
{
    LiveRecord record;
    const QString begin = "cluster." + cluster + ";.ssl.";
    record.addStats({{"egress",
                      egress,
                      0,
                      true,
                      {{begin + "handshake", 4},
                       {begin + "session_reused", 1},
                       {begin + "fail_verify_san", 2},
                       {begin + "connection_error", 1},
                       {begin + "versions.TLSv1.2", 1},
                       {begin + "versions.TLSv1.3", 3},
                       {begin + "ciphers.TLS_AES_128_GCM_SHA256", 4},
                       {"cluster.other.ssl.handshake", 9}},
                      {}},
                     {"egress1", egress + "#1", 0, true, {{begin + "handshake", 2}}, {}}});
    HandshakeCounts counts = record.handshakes(egress, cluster + ';');
    QCOMPARE(counts.handshakes, 6);
    QCOMPARE(counts.resumed, 1);
    QCOMPARE(counts.errors, 3);
    QCOMPARE(counts.notVerified, 2);
    QCOMPARE(counts.versions, QStringList({"TLSv1.3", "TLSv1.2"}));
    // A new process begins from nothing.
    record.addStats({{"egress", egress, 1, true, {{begin + "handshake", 1}}, {}}});
    counts = record.handshakes(egress, cluster + ';');
    QCOMPARE(counts.handshakes, 3);
    QCOMPARE(counts.errors, 0);
}

void TestLiveFacts::factsOfANode()
{
    topology::ChainNode node;
    node.name = egress;
    node.role = topology::NodeRole::Gateway;
    LiveRecord record;
    const QDateTime now = QDateTime::currentDateTime();
    record.setNode(status(control::NodeState::Ready), now.addSecs(-125));
    lab::LabPlan plan;
    lab::Process process;
    process.id = "egress";
    process.listen = {{{"127.1.2.3", 8080}, "primary:istio-system/istio-egressgateway:80", false}};
    process.admin = {"127.1.2.3", 15000};
    plan.processes.push_back(process);
    const auto certificate = [](const char *of, const char *secret, const char *identity,
                                const QDateTime &end) {
        session::NodeCertificate made;
        made.process = of;
        made.secret = secret;
        made.identity = identity;
        made.notAfter = end;
        return made;
    };
    const QList<session::NodeCertificate> certificates{
        certificate("egress", "default", "spiffe://a", now.addDays(1)),
        certificate("egress", "kubernetes://x", "x", now.addSecs(-1)),
        certificate("another", "default", "spiffe://b", now.addDays(1))};
    topology::Flow flow;
    flow.requests = 1234;
    flow.errorShare = 0.048;
    auto groups = liveOf(node, flow, {status(control::NodeState::Ready)}, certificates, &plan, record, now);
    QCOMPARE(valueOf(groups, "Proxy", "state"), "ready");
    QCOMPARE(valueOf(groups, "Proxy", "process"), "4711");
    QCOMPARE(valueOf(groups, "Proxy", "up"), "2 min");
    QCOMPARE(valueOf(groups, "Proxy", "listens"), "port 80 at 127.1.2.3:8080");
    QCOMPARE(valueOf(groups, "Proxy", "admin"), "127.1.2.3:15000");
    QVERIFY(valueOf(groups, "Served", "errors").startsWith("4.8"));
    QVERIFY(valueOf(groups, "Certificates", "identity").startsWith("spiffe://a · 2"));
    QVERIFY(valueOf(groups, "Certificates", "credential").contains("expired"));
    // A status colour never stands alone.
    for (const LiveGroup &group : groups) {
        for (const LiveFact &fact : group.facts)
            QVERIFY(fact.role == theme::Role::Text || !fact.icon.isEmpty());
    }
    groups = liveOf(node, flow, {status(control::NodeState::Exited, "killed by signal 9")}, {}, nullptr,
                    record, now);
    QCOMPARE(valueOf(groups, "Proxy", "state"), "killed by signal 9");
    QCOMPARE(valueOf(groups, "Certificates", "identity"), "none");
}

void TestLiveFacts::factsOfAHop()
{
    LiveRecord record;
    record.addEntries(
        {line(503, "TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED")});
    const auto groups = liveOf(hop(), {}, record, QDateTime::fromSecsSinceEpoch(61));
    QCOMPARE(valueOf(groups, "Handshakes", "server name"), "test.com");
    QCOMPARE(valueOf(groups, "Handshakes", "verified"), "chain only, no name asked for");
    QCOMPARE(valueOf(groups, "Last request", "answer"), "503 UF");
    QCOMPARE(valueOf(groups, "Last TLS error", "when"), "1 min ago");
    QVERIFY(!valueOf(groups, "Last TLS error", "what").isEmpty());
    topology::ChainHop named = hop();
    named.verifiedNames = QStringList{"test.com"};
    QCOMPARE(valueOf(liveOf(named, {}, record, {}), "Handshakes", "verified"), "chain and name: test.com");
}

void TestLiveFacts::plaintextHasNoHandshake()
{
    topology::ChainHop plain = hop();
    plain.kind = topology::HopKind::Plaintext;
    const auto groups = liveOf(plain, {}, {}, QDateTime::currentDateTime());
    QCOMPARE(valueOf(groups, "Handshakes", "protocol"), "none: plaintext");
    QCOMPARE(valueOf(groups, "Handshakes", "verified"), "none");
}

void TestLiveFacts::ages()
{
    QCOMPARE(ageText(-3), "0 s");
    QCOMPARE(ageText(59), "59 s");
    QCOMPARE(ageText(60), "1 min");
    QCOMPARE(ageText(3 * 3600 + 300), "3 h 5 min");
}

void TestLiveFacts::subjects()
{
    topology::Chain chain;
    topology::ChainNode sender;
    sender.name = egress;
    sender.title = "istio-egressgateway";
    topology::ChainNode receiver;
    receiver.name = hop().to;
    receiver.title = "istio-ingressgateway";
    receiver.role = topology::NodeRole::Gateway;
    receiver.resource = {"Deployment istio-ingressgateway", {"external/03.yaml", 0, -1, {}}};
    receiver.policies = {
        {"DENY", "istio-system/restrict", false, {"AuthorizationPolicy restrict", {"p.yaml", 0, -1, {}}}}};
    chain.nodes = {sender, receiver};
    topology::ChainHop made = hop();
    made.resources = {{"DestinationRule rule", {"r.yaml", 0, -1, {}}},
                      {"VirtualService way", {"v.yaml", 0, -1, {}}}};
    made.flags = {{"server name not verified", "why", false}};
    chain.hops = {made};

    const Subject ofHop = subjectOf(made.selection(), chain, nullptr);
    QCOMPARE(ofHop.title, "Hop 2");
    QCOMPARE(ofHop.detail, "istio-egressgateway → test.com:443");
    QCOMPARE(ofHop.chips.size(), std::size_t(2));
    QCOMPARE(ofHop.resources.size(), std::size_t(3));
    QCOMPARE(ofHop.resources.front().title, "DestinationRule rule");
    QCOMPARE(ofHop.resources.back().title, "AuthorizationPolicy restrict");
    const Subject ofNode = subjectOf(session::NodeSelection{receiver.name}, chain, nullptr);
    QCOMPARE(ofNode.kind, Subject::Kind::Node);
    QCOMPARE(ofNode.resources.size(), std::size_t(2));
    QVERIFY(ofNode.chips.back().text.contains("DENY restrict"));
    RequestFacts facts;
    facts.title = "GET test.com/status/418";
    facts.status = 403;
    const Subject request = subjectOf(session::RequestSelection{"x"}, chain, nullptr, facts);
    QCOMPARE(request.kind, Subject::Kind::Request);
    QCOMPARE(request.chips.front().text, "403");
    QCOMPARE(subjectOf(session::RequestSelection{"x"}, chain, nullptr).kind, Subject::Kind::None);
    QCOMPARE(subjectOf(session::NodeSelection{"gone"}, chain, nullptr).kind, Subject::Kind::None);
    // A credential is the resources that name it.
    const model::Project project = model::projectFromFiles(
        "/p",
        {{"primary/a.yaml",
          "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: rule, "
          "namespace: default}\nspec:\n  host: a\n  trafficPolicy:\n    tls: {mode: MUTUAL, "
          "credentialName: test.client}\n"}},
        {});
    const session::CredentialSelection credential{"primary", "istio-system", "test.client"};
    const Subject named = subjectOf(credential, chain, &project);
    QCOMPARE(named.title, "test.client");
    QCOMPARE(named.resources.size(), std::size_t(1));
    QCOMPARE(named.resources.front().where.fieldPath, "spec.trafficPolicy.tls.credentialName");
    // A file that cannot be read is a resource with its text alone.
    const Subject broken = subjectOf(session::ResourceSelection{"primary/a.yaml", 0, -1, {}}, chain, nullptr);
    QCOMPARE(broken.title, "a.yaml");
    QCOMPARE(broken.resources.size(), std::size_t(1));
}

QTEST_GUILESS_MAIN(TestLiveFacts)
#include "test_live_facts.moc"
