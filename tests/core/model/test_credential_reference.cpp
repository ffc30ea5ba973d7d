// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/credential_reference.h"
#include "core/model/project.h"

#include <QtTest>

using namespace sallyport;

class TestCredentialReference : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyFieldThatNamesOne()
    {
        const model::Project project = model::projectFromFiles("/p", {{"primary/a.yaml", R"(
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: in, namespace: default}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 80, name: http, protocol: HTTP}
    hosts: ["*"]
  - port: {number: 443, name: https, protocol: HTTPS}
    hosts: ["*"]
    tls: {mode: MUTUAL, credentialName: test.com}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: out, namespace: default}
spec:
  host: test.com
  trafficPolicy:
    tls: {mode: SIMPLE, credentialName: roots}
    portLevelSettings:
    - port: {number: 80}
    - port: {number: 443}
      tls: {mode: MUTUAL, credentialName: test.client}
  subsets:
  - name: a
    labels: {a: b}
    trafficPolicy:
      tls: {mode: MUTUAL, credentialName: of.subset}
)"}},
                                                               {});
        QCOMPARE(project.meshes.size(), std::size_t(1));
        QStringList found;
        for (const model::CredentialReference &reference :
             model::credentialReferences(project.meshes.front())) {
            found.append(QStringLiteral("%1 %2 %3 %4")
                             .arg(QString::fromStdString(reference.credential),
                                  QString::fromStdString(reference.resource->title()),
                                  QString::fromStdString(reference.path),
                                  reference.server ? "server" : "client"));
            // The path leads to the field itself.
            QVERIFY(reference.resource->place(reference.path).line > 0);
        }
        QCOMPARE(found, (QStringList{
                            "roots DestinationRule default/out spec.trafficPolicy.tls.credentialName client",
                            "test.client DestinationRule default/out "
                            "spec.trafficPolicy.portLevelSettings[1].tls.credentialName client",
                            "of.subset DestinationRule default/out "
                            "spec.subsets[0].trafficPolicy.tls.credentialName client",
                            "test.com Gateway default/in spec.servers[1].tls.credentialName server"}));
    }
};

QTEST_GUILESS_MAIN(TestCredentialReference)
#include "test_credential_reference.moc"
