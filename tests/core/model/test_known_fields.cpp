// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/known_fields.h"

#include <QtTest>
#include <algorithm>

using namespace sallyport::model;

class TestKnownFields : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void fields_data();
    void fields();
    void wordsAreTheApis();
    void nothingIsKnownOfOtherKinds();
};

void TestKnownFields::fields_data()
{
    QTest::addColumn<QByteArray>("kind");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<int>("type");
    const auto row = [](const char *kind, const char *path, const char *name, FieldType type) {
        QTest::addRow("%s %s.%s", kind, path, name)
            << QByteArray(kind) << QByteArray(path) << QByteArray(name) << static_cast<int>(type);
    };
    row("ServiceEntry", "", "spec", FieldType::Object);
    row("ServiceEntry", "metadata", "labels", FieldType::LabelMap);
    row("ServiceEntry", "spec", "hosts", FieldType::Texts);
    row("ServiceEntry", "spec", "ports", FieldType::Objects);
    row("ServiceEntry", "spec.ports[3]", "number", FieldType::Number);
    row("VirtualService", "spec.http[1].match[2].headers[\"x.y\"]", "exact", FieldType::Text);
    row("VirtualService", "spec.http[0]", "timeout", FieldType::TimeSpan);
    row("DestinationRule", "spec.trafficPolicy.portLevelSettings[0].tls", "credentialName", FieldType::Text);
    row("DestinationRule", "spec.trafficPolicy.loadBalancer", "simple", FieldType::Word);
    row("DestinationRule", "spec.subsets[0].trafficPolicy.tls", "subjectAltNames", FieldType::Texts);
    row("Gateway", "spec.servers[0].tls", "mode", FieldType::Word);
    row("AuthorizationPolicy", "spec.rules[0].from[0].source", "notPrincipals", FieldType::Texts);
    row("PeerAuthentication", "spec.mtls", "mode", FieldType::Word);
    row("Sidecar", "spec.egress[0]", "hosts", FieldType::Texts);
    row("Service", "spec.ports[0]", "targetPort", FieldType::TextOrNumber);
    row("ConfigMap", "data.mesh.outboundTrafficPolicy", "mode", FieldType::Word);
    row("ConfigMap", "data.mesh", "trustDomain", FieldType::Text);
}

void TestKnownFields::fields()
{
    QFETCH(QByteArray, kind);
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, name);
    const bool security = kind == "AuthorizationPolicy" || kind == "PeerAuthentication";
    const bool core = kind == "Service" || kind == "ConfigMap";
    const std::vector<KnownField> known = knownFields(core       ? "v1"
                                                      : security ? "security.istio.io/v1"
                                                                 : "networking.istio.io/v1",
                                                      kind.toStdString(), path.toStdString());
    const auto found = std::find_if(known.begin(), known.end(), [&](const KnownField &field) {
        return field.name == name.toStdString();
    });
    QVERIFY(found != known.end());
    QTEST(static_cast<int>(found->type), "type");
    QVERIFY(std::is_sorted(known.begin(), known.end(),
                           [](const KnownField &a, const KnownField &b) { return a.name < b.name; }));
}

void TestKnownFields::wordsAreTheApis()
{
    const std::vector<KnownField> tls =
        knownFields("networking.istio.io/v1", "DestinationRule", "spec.trafficPolicy.tls");
    const auto mode =
        std::find_if(tls.begin(), tls.end(), [](const KnownField &field) { return field.name == "mode"; });
    QVERIFY(mode != tls.end());
    QCOMPARE(mode->words, (std::vector<std::string>{"DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL"}));
}

void TestKnownFields::nothingIsKnownOfOtherKinds()
{
    QVERIFY(knownFields("example.com/v1", "Widget", "spec").empty());
    QVERIFY(knownFields("networking.istio.io/v1", "VirtualService", "spec.nothing[0].there").empty());
}

QTEST_GUILESS_MAIN(TestKnownFields)
#include "test_known_fields.moc"
