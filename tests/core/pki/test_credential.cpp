// SPDX-License-Identifier: GPL-3.0-or-later
// The guide's three files and everything that can be wrong with them.
#include "core/pki/certificate_builder.h"
#include "core/pki/credential_checks.h"
#include "core/pki/credential_store.h"
#include "core/pki/partner_pki.h"
#include "core/pki/secret_yaml.h"
#include "openssl_tool.h"

#include <sys/stat.h>

using namespace sallyport;
using namespace sallyport::pki;
using namespace std::chrono_literals;

namespace {

TimePoint now()
{
    return std::chrono::system_clock::now();
}

const CredentialCheck *find(const std::vector<CredentialCheck> &checks, const std::string &id)
{
    for (const CredentialCheck &check : checks) {
        if (check.id == id)
            return &check;
    }
    return nullptr;
}

unsigned modeOf(const std::string &path)
{
    struct stat status
    {
    };
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777U : 0;
}

} // namespace

class TestCredential : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        Result<PartnerPki> partner = PartnerPki::create();
        QVERIFY(partner);
        m_partner = *std::move(partner);
        const Result<CredentialFiles> files =
            writeGuideFiles(m_partner.client, m_folder.filePath("guide").toStdString());
        QVERIFY(files);
        m_files = *files;
    }

    void guideFilesAreWhatOpensslSays()
    {
        const QByteArray verified = test::openssl(m_folder, {"verify", "-purpose", "sslclient", "-CAfile",
                                                             "guide/cacert.pem", "guide/clientcert.pem"});
        QVERIFY(verified.contains("guide/clientcert.pem: OK"));
        const QByteArray text =
            test::openssl(m_folder, {"x509", "-in", "guide/clientcert.pem", "-noout", "-text"});
        QVERIFY(text.contains("URI:spiffe://test.client"));
        QVERIFY(text.contains("TLS Web Client Authentication"));
        QCOMPARE(modeOf(m_files.key), 0600U);
    }

    void importsDroppedFilesInAnyOrder_data()
    {
        QTest::addColumn<QStringList>("order");
        QTest::newRow("as the guide") << QStringList{"client.key.pem", "clientcert.pem", "cacert.pem"};
        QTest::newRow("reversed") << QStringList{"cacert.pem", "clientcert.pem", "client.key.pem"};
        QTest::newRow("unusual names") << QStringList{"a.pem", "b.pem", "c.pem"};
        QTest::newRow("names that lie") << QStringList{"tls.crt", "ca.crt", "tls.key"};
    }
    void importsDroppedFilesInAnyOrder()
    {
        QFETCH(QStringList, order);
        QFile::copy(m_folder.filePath("guide/cacert.pem"), m_folder.filePath("guide/a.pem"));
        QFile::copy(m_folder.filePath("guide/client.key.pem"), m_folder.filePath("guide/b.pem"));
        QFile::copy(m_folder.filePath("guide/clientcert.pem"), m_folder.filePath("guide/c.pem"));
        QFile::copy(m_folder.filePath("guide/cacert.pem"), m_folder.filePath("guide/tls.crt"));
        QFile::copy(m_folder.filePath("guide/client.key.pem"), m_folder.filePath("guide/ca.crt"));
        QFile::copy(m_folder.filePath("guide/clientcert.pem"), m_folder.filePath("guide/tls.key"));
        std::vector<std::string> paths;
        for (const QString &name : order)
            paths.push_back(m_folder.filePath("guide/" + name).toStdString());
        const Result<Credential> credential = importCredential("test.client", paths);
        QVERIFY2(credential, credential ? "" : credential.error().toString().c_str());
        QVERIFY(credential->leaf()->belongsTo(credential->key));
        QCOMPARE(credential->ca.size(), std::size_t(1));
        const std::vector<CredentialCheck> checks =
            checkCredential(*credential, CredentialUse::Client, now());
        QCOMPARE(worstOutcome(checks), CheckOutcome::Passed);
        QVERIFY(find(checks, "identity")->text.find("\"test.client\"") != std::string::npos);
    }

    void checksNameTheFileAtFault_data()
    {
        QTest::addColumn<QString>("fault");
        QTest::addColumn<QString>("id");
        QTest::addColumn<int>("outcome");
        QTest::addColumn<QString>("file");
        const int failed = static_cast<int>(CheckOutcome::Failed);
        const int warning = static_cast<int>(CheckOutcome::Warning);
        QTest::newRow("another key") << "key"
                                     << "key-matches" << failed << "client.key.pem";
        QTest::newRow("no CA") << "no-ca"
                               << "ca" << failed << "";
        QTest::newRow("leaf as CA") << "leaf-as-ca"
                                    << "ca" << failed << "cacert.pem";
        QTest::newRow("other CA") << "other-ca"
                                  << "chain" << warning << "clientcert.pem";
        QTest::newRow("expired") << "expired"
                                 << "validity" << failed << "clientcert.pem";
        QTest::newRow("expires soon") << "soon"
                                      << "validity" << warning << "clientcert.pem";
        QTest::newRow("not yet valid") << "early"
                                       << "validity" << failed << "clientcert.pem";
        QTest::newRow("server certificate as client") << "server"
                                                      << "purpose" << failed << "clientcert.pem";
        QTest::newRow("no names") << "no-san"
                                  << "subject-alt-names" << warning << "clientcert.pem";
        QTest::newRow("no identity") << "dns"
                                     << "identity" << warning << "clientcert.pem";
        QTest::newRow("two identities") << "two"
                                        << "identity" << warning << "clientcert.pem";
    }
    void checksNameTheFileAtFault()
    {
        QFETCH(QString, fault);
        QFETCH(QString, id);
        QFETCH(int, outcome);
        QFETCH(QString, file);
        Credential credential = m_partner.client;
        credential.sources = {"client.key.pem", "clientcert.pem", fault == "no-ca" ? "" : "cacert.pem"};
        TimePoint at = now();
        const PrivateKey caKey = *PrivateKey::generate(KeyType::EcP256);
        CertificateRequest root;
        root.commonName = "Other";
        root.ca = true;
        const Certificate ca = *issueCertificate(root, caKey, {}, {});
        CertificateRequest leaf;
        leaf.commonName = "c";
        const auto reissue = [&] {
            credential.key = *PrivateKey::generate(KeyType::EcP256);
            credential.chain = {*issueCertificate(leaf, credential.key, ca, caKey)};
            credential.ca = {ca};
        };
        if (fault == "key")
            credential.key = caKey;
        if (fault == "no-ca")
            credential.ca.clear();
        if (fault == "leaf-as-ca")
            credential.ca = credential.chain;
        if (fault == "other-ca")
            credential.ca = {ca};
        if (fault == "expired")
            at = credential.leaf()->notAfter() + 1h;
        if (fault == "soon")
            at = credential.leaf()->notAfter() - 48h;
        if (fault == "early")
            at = credential.leaf()->notBefore() - 1h;
        if (fault == "server") {
            leaf.server = true;
            leaf.subjectAltNames.dns = {"c"};
            reissue();
        }
        if (fault == "no-san")
            reissue();
        if (fault == "dns") {
            leaf.subjectAltNames.dns = {"client.test.com"};
            reissue();
        }
        if (fault == "two") {
            leaf.subjectAltNames.uris = {"spiffe://a/b", "spiffe://c/d"};
            reissue();
        }
        const std::vector<CredentialCheck> checks = checkCredential(credential, CredentialUse::Client, at);
        const CredentialCheck *check = find(checks, id.toStdString());
        QVERIFY(check);
        QCOMPARE(static_cast<int>(check->outcome), outcome);
        QCOMPARE(QString::fromStdString(check->file), file);
    }

    void chainIsPutInOrder()
    {
        const PrivateKey rootKey = *PrivateKey::generate(KeyType::EcP256);
        const PrivateKey middleKey = *PrivateKey::generate(KeyType::EcP256);
        const PrivateKey leafKey = *PrivateKey::generate(KeyType::EcP256);
        CertificateRequest authority;
        authority.ca = true;
        authority.commonName = "root";
        const Certificate root = *issueCertificate(authority, rootKey, {}, {});
        authority.commonName = "middle";
        const Certificate middle = *issueCertificate(authority, middleKey, root, rootKey);
        CertificateRequest request;
        request.commonName = "leaf";
        const Certificate leaf = *issueCertificate(request, leafKey, middle, middleKey);
        const std::vector<Certificate> ordered = orderChain({root, middle, leaf}, leafKey);
        QVERIFY(ordered[0] == leaf && ordered[1] == middle && ordered[2] == root);
        QVERIFY(verifyChain(leaf, {middle}, {root}, now()));
        QVERIFY(!verifyChain(leaf, {}, {root}, now()));
    }

    void storeKeepsKeysPrivate()
    {
        const CredentialStore store(m_folder.filePath("store").toStdString());
        const CredentialId id{"primary", "istio-system", "test.client"};
        QVERIFY(store.put(id, m_partner.client));
        QCOMPARE(store.list(), std::vector<CredentialId>{id});
        const std::string folder = store.folder() + "/primary/istio-system/test.client";
        QCOMPARE(modeOf(folder), 0700U);
        QCOMPARE(modeOf(folder + "/tls.key"), 0600U);
        const Result<Credential> read = store.get(id);
        QVERIFY(read);
        QVERIFY(read->leaf()->belongsTo(read->key));
        QVERIFY(*read->leaf() == *m_partner.client.leaf());
        QVERIFY(store.remove(id));
        QVERIFY(!store.contains(id));
        QVERIFY(!store.put({"primary", "..", "x"}, m_partner.client));
    }

    void secretYamlBothConventions_data()
    {
        QTest::addColumn<int>("keys");
        QTest::newRow("tls.crt") << static_cast<int>(SecretKeys::Tls);
        QTest::newRow("cert") << static_cast<int>(SecretKeys::Generic);
    }
    void secretYamlBothConventions()
    {
        QFETCH(int, keys);
        const std::string yaml = secretYaml(m_partner.client, "istio-system", static_cast<SecretKeys>(keys));
        const Result<Credential> read = credentialFromSecretYaml(yaml, "secret.yaml");
        QVERIFY2(read, read ? "" : read.error().toString().c_str());
        QCOMPARE(read->name, std::string("test.client"));
        QVERIFY(*read->leaf() == *m_partner.client.leaf());
        QVERIFY(read->leaf()->belongsTo(read->key));
        QCOMPARE(read->ca.size(), std::size_t(1));
    }

    void genericKeysWinOverTlsKeys()
    {
        const std::map<std::string, std::string> data{{"cert", toPem(m_partner.server.chain)},
                                                      {"key", m_partner.server.key.toPem()},
                                                      {"tls.crt", toPem(m_partner.client.chain)},
                                                      {"tls.key", m_partner.client.key.toPem()}};
        const Result<Credential> credential = credentialFromSecretData("both", data);
        QVERIFY(credential);
        QVERIFY(*credential->leaf() == *m_partner.server.leaf());
    }

    void badBase64SaysWhere()
    {
        const Result<Credential> read =
            credentialFromSecretYaml("kind: Secret\nmetadata:\n  name: x\ndata:\n  tls.crt: '*'\n", "s.yaml");
        QVERIFY(!read);
        QCOMPARE(read.error().where.toString(), std::string("s.yaml:5:12"));
    }

    void kubectlLineQuotesPaths()
    {
        QCOMPARE(kubectlCreateLine("test.client", "istio-system",
                                   {"client.key.pem", "clientcert.pem", "cacert.pem"}, SecretKeys::Tls),
                 std::string("kubectl create -n istio-system secret generic test.client "
                             "--from-file=tls.key=client.key.pem "
                             "--from-file=tls.crt=clientcert.pem --from-file=ca.crt=cacert.pem"));
        QCOMPARE(
            kubectlCreateLine("x", "n", {"it's a key", "c", ""}, SecretKeys::Generic),
            std::string(
                "kubectl create -n n secret generic x --from-file=key='it'\\''s a key' --from-file=cert=c"));
    }

private:
    QTemporaryDir m_folder;
    PartnerPki m_partner;
    CredentialFiles m_files;
};

QTEST_GUILESS_MAIN(TestCredential)
#include "test_credential.moc"
