// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pki/mesh_ca.h"
#include "core/pki/pem.h"
#include "openssl_tool.h"

using namespace sallyport;
using namespace sallyport::pki;
using namespace std::chrono_literals;

class TestMeshCa : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void workloadCertificatesVerify()
    {
        const Result<MeshCa> ca = MeshCa::create("cluster.local");
        QVERIFY(ca);
        const Result<IssuedCertificate> issued =
            ca->issueWorkload("spiffe://cluster.local/ns/default/sa/sleep", 1h);
        QVERIFY(issued);
        const QTemporaryDir folder;
        test::writeFile(folder.filePath("ca.pem"), ca->certificate().toPem());
        test::writeFile(folder.filePath("w.pem"), issued->chainPem());
        for (const char *purpose : {"sslclient", "sslserver"})
            QVERIFY(test::openssl(
                        folder, {"verify", "-x509_strict", "-purpose", purpose, "-CAfile", "ca.pem", "w.pem"})
                        .contains("OK"));
        const Certificate &leaf = issued->chain.front();
        QCOMPARE(leaf.subjectAltNames().uris,
                 std::vector<std::string>{"spiffe://cluster.local/ns/default/sa/sleep"});
        QVERIFY(leaf.belongsTo(issued->key));
        QVERIFY(leaf.notAfter() <= std::chrono::system_clock::now() + 1h);
    }

    void refusesForeignTrustDomain()
    {
        const Result<MeshCa> ca = MeshCa::create("cluster.local");
        QVERIFY(ca);
        QVERIFY(!ca->issueWorkload("spiffe://external.local/ns/default/sa/sleep"));
        QVERIFY(!ca->issueWorkload("spiffe://cluster.local.evil/ns/default/sa/sleep"));
    }

    void leafNeverOutlivesItsAuthority()
    {
        const Result<MeshCa> ca = MeshCa::create("cluster.local", 1h);
        QVERIFY(ca);
        const Result<IssuedCertificate> issued = ca->issueWorkload("spiffe://cluster.local/ns/a/sa/b", 48h);
        QVERIFY(issued);
        QCOMPARE(issued->chain.front().notAfter(), ca->certificate().notAfter());
    }

    void restoreChecksTheKey()
    {
        const Result<MeshCa> one = MeshCa::create("a");
        const Result<MeshCa> two = MeshCa::create("a");
        QVERIFY(one && two);
        QVERIFY(MeshCa::restore("a", one->certificate(), one->key()));
        QVERIFY(!MeshCa::restore("a", one->certificate(), two->key()));
    }
};

QTEST_GUILESS_MAIN(TestMeshCa)
#include "test_mesh_ca.moc"
