// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/stored_credentials.h"
#include "core/pki/partner_pki.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace sallyport;

namespace {

const char *const given =
    "apiVersion: v1\nkind: Secret\nmetadata:\n  name: test.client\n  namespace: istio-system\n"
    "stringData:\n  tls.key: not a key\n";

model::Project projectWith(const std::string &text)
{
    return model::projectFromFiles("/nowhere", {{"primary/10-mesh.yaml", text}}, {});
}

} // namespace

class TestStoredCredentials : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        QVERIFY(m_folder.isValid());
        const auto partner = pki::PartnerPki::create();
        QVERIFY(partner);
        m_store = std::make_unique<pki::CredentialStore>(m_folder.filePath("store").toStdString());
        QVERIFY(m_store->put({"primary", "istio-system", "test.client"}, partner->client));
        QVERIFY(m_store->put({"elsewhere", "istio-system", "test.client"}, partner->client));
    }

    void becomesASecretOfItsMesh()
    {
        model::Project project =
            projectWith("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: istio-system\n");
        lab::addStoredCredentials(project, *m_store);
        QCOMPARE(project.meshes.size(), size_t(1));
        const model::Secret *secret = project.meshes.front().findSecret("istio-system", "test.client");
        QVERIFY(secret);
        QVERIFY(secret->data.at("tls.key").find("PRIVATE KEY") != std::string::npos);
        QVERIFY(secret->data.at("ca.crt").find("BEGIN CERTIFICATE") != std::string::npos);
        QVERIFY(secret->data.count("tls.crt") == 1);
        QVERIFY(project.problems.empty());
    }

    void aSecretOfTheYamlWins()
    {
        model::Project project = projectWith(given);
        lab::addStoredCredentials(project, *m_store);
        QCOMPARE(project.meshes.front().secrets.size(), size_t(1));
        QCOMPARE(project.meshes.front().secrets.front().data.at("tls.key"), std::string("not a key"));
    }

    void whatCannotBeReadIsAProblem()
    {
        QFile file(m_folder.filePath("store/primary/istio-system/test.client/tls.crt"));
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
        file.write("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        file.close();
        model::Project project =
            projectWith("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: istio-system\n");
        const size_t before = project.problems.size();
        lab::addStoredCredentials(project, *m_store);
        QCOMPARE(project.problems.size(), before + 1);
        QCOMPARE(project.problems.back().resource, std::string("Secret istio-system/test.client"));
        QVERIFY(project.meshes.front().secrets.empty());
    }

private:
    QTemporaryDir m_folder;
    std::unique_ptr<pki::CredentialStore> m_store;
};

QTEST_GUILESS_MAIN(TestStoredCredentials)
#include "test_stored_credentials.moc"
