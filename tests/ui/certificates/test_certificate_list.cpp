// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/address_plan.h"
#include "core/lab/project_template.h"
#include "core/lab/stored_credentials.h"
#include "core/pki/certificate_builder.h"
#include "core/pki/mesh_ca.h"
#include "core/pki/partner_pki.h"
#include "core/pki/secret_yaml.h"
#include "openssl_tool.h"
#include "ui/certificates/certificate_entries.h"
#include "ui/certificates/certificate_export.h"
#include "ui/certificates/certificate_model.h"
#include "ui/certificates/credential_changes.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>

using namespace sallyport;
using namespace sallyport::certificates;
using namespace std::chrono_literals;
using Kind = CertificateEntry::Kind;

namespace {

constexpr int patience = 60'000; ///< milliseconds, on a busy machine

TimePoint now()
{
    return std::chrono::system_clock::now();
}

std::vector<CertificateEntry> entriesOf(const model::Project &project,
                                        const QList<session::NodeCertificate> &lab = {},
                                        const lab::LabPlan *plan = nullptr)
{
    const compile::CompiledProject compiled =
        compile::compileProject(project, lab::planAddresses(project, {}, 0).placement);
    return certificateEntries(project, &compiled, lab, plan);
}

model::Project load(const QString &folder)
{
    model::Project project = *model::loadProject(folder.toStdString());
    lab::addStoredCredentials(project);
    return project;
}

QStringList namesOf(const std::vector<CertificateEntry> &entries)
{
    QStringList names;
    for (const CertificateEntry &entry : entries)
        names.append(entry.name);
    return names;
}

QString factOf(const pki::Certificate &certificate, const QString &label)
{
    for (const Fact &fact : factsOf(certificate, now())) {
        if (fact.label == label)
            return fact.value;
    }
    return {};
}

} // namespace

class TestCertificateList : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_place = std::make_unique<QTemporaryDir>();
        qputenv("XDG_DATA_HOME", m_place->filePath("data").toUtf8());
        qputenv("XDG_STATE_HOME", m_place->filePath("state").toUtf8());
    }
    void whatTheGuideNeedsAndHas();
    void aSecretInTheYaml();
    void anUnreadableSecret();
    void whatTheLabRunsWith();
    void factsAreWhatOpensslSays();
    void whatIsLeft_data();
    void whatIsLeft();
    void chainsFromTheRoot();
    void rows();
    void importAndRemoveAreStepsBack();
    void exportedSecrets();

private:
    std::unique_ptr<QTemporaryDir> m_place;
};

void TestCertificateList::whatTheGuideNeedsAndHas()
{
    const QString folder = m_place->filePath("p");
    const auto made = lab::createFromTemplate(folder.toStdString(), 4, false);
    QVERIFY(made);
    std::vector<CertificateEntry> entries = entriesOf(load(folder));
    QCOMPARE(namesOf(entries), (QStringList{"test.client", "test.com"}));
    const CertificateEntry &missing = entries[0];
    QCOMPARE(missing.kind, Kind::Missing);
    QCOMPARE(missing.mesh, QStringLiteral("primary"));
    QCOMPARE(missing.nameSpace, QStringLiteral("istio-system"));
    QCOMPARE(stateText(missing, now()), QStringLiteral("missing"));
    QCOMPARE(missing.uses.size(), 2);
    QCOMPARE(missing.uses[0].text, QStringLiteral("DestinationRule default/originate-mtls-for-test-com"));
    const auto *rule = std::get_if<session::ResourceSelection>(&missing.uses[0].target);
    QVERIFY(rule);
    QCOMPARE(rule->fieldPath, QStringLiteral("spec.trafficPolicy.portLevelSettings[0].tls.credentialName"));
    QCOMPARE(missing.uses[1].text, QStringLiteral("primary:istio-system/istio-egressgateway"));
    QVERIFY(!missing.problem.isEmpty());
    const CertificateEntry &server = entries[1];
    QCOMPARE(server.kind, Kind::Imported);
    QVERIFY(server.server);
    QCOMPARE(server.identity, QStringLiteral("test.com"));
    QCOMPARE(server.key, QStringLiteral("RSA 2048"));

    QVERIFY(lab::importClientCredential(folder.toStdString(), made->partner));
    entries = entriesOf(load(folder));
    QCOMPARE(namesOf(entries), (QStringList{"test.client", "test.com"}));
    QCOMPARE(entries[0].kind, Kind::Imported);
    QCOMPARE(entries[0].identity, QStringLiteral("spiffe://test.client"));
    QCOMPARE(entries[0].uses.size(), 2);
    QCOMPARE(validityOf(entries[0], now()), Validity::Good);
    QCOMPARE(validityOf(entries[0], entries[0].leaf()->notAfter() - 24h), Validity::Soon);
    QCOMPARE(validityOf(entries[0], entries[0].leaf()->notAfter() + 24h), Validity::Expired);
    QCOMPARE(principalOf(*entries[0].leaf()), QStringLiteral("test.client"));
}

void TestCertificateList::aSecretInTheYaml()
{
    const pki::PartnerPki partner = *pki::PartnerPki::create();
    const std::string yaml = pki::secretYaml(partner.client, "apps", pki::SecretKeys::Generic);
    const model::Project project = model::projectFromFiles(
        "/p",
        {{"primary/secret.yaml", yaml},
         {"primary/other.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: password, namespace: apps}\n"
                                "data: {password: c2VjcmV0}\n"}},
        {});
    const std::vector<CertificateEntry> entries = entriesOf(project);
    // What has neither key nor certificate is none of ours.
    QCOMPARE(namesOf(entries), QStringList{"test.client"});
    QCOMPARE(entries[0].kind, Kind::Secret);
    QCOMPARE(entries[0].file, QStringLiteral("primary/secret.yaml"));
    QCOMPARE(entries[0].trusted.size(), std::size_t(1));
    QVERIFY(entries[0].uses.isEmpty());
    QVERIFY(std::holds_alternative<session::ResourceSelection>(entries[0].target));
}

void TestCertificateList::anUnreadableSecret()
{
    const model::Project project = model::projectFromFiles(
        "/p",
        {{"primary/secret.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: broken, namespace: apps}\n"
                                 "stringData: {tls.crt: nonsense, tls.key: nonsense}\n"}},
        {});
    const std::vector<CertificateEntry> entries = entriesOf(project);
    QCOMPARE(entries.size(), std::size_t(1));
    QVERIFY2(entries[0].problem.contains("tls."), qPrintable(entries[0].problem));
    QCOMPARE(stateText(entries[0], now()), QStringLiteral("cannot be read"));
    QCOMPARE(validityOf(entries[0], now()), Validity::Unknown);
}

void TestCertificateList::whatTheLabRunsWith()
{
    const pki::MeshCa ca = *pki::MeshCa::create("cluster.local");
    lab::LabPlan plan;
    QList<session::NodeCertificate> certificates;
    for (const char *name : {"sleep", "other"}) {
        lab::Process process;
        process.name = std::string("primary:default/") + name;
        process.id = std::string("primary.default.") + name;
        plan.processes.push_back(process);
        const std::string id = std::string("spiffe://cluster.local/ns/default/sa/") + name;
        session::NodeCertificate own;
        own.process = QString::fromStdString(process.id);
        own.secret = "default";
        own.identity = QString::fromStdString(id);
        own.chain = ca.issueWorkload(id)->chain;
        certificates.append(own);
        session::NodeCertificate root;
        root.process = own.process;
        root.secret = "ROOTCA";
        root.authority = true;
        root.chain = {ca.certificate()};
        certificates.append(root);
        // What was given to it is listed as a credential.
        session::NodeCertificate given = own;
        given.secret = "kubernetes://test.client";
        certificates.append(given);
    }
    const model::Project project = model::projectFromFiles("/p", {}, {});
    const std::vector<CertificateEntry> entries = certificateEntries(project, nullptr, certificates, &plan);
    QCOMPARE(namesOf(entries), (QStringList{"primary:default/sleep", "primary:default/other", "primary"}));
    QCOMPARE(entries[0].kind, Kind::Workload);
    // A day is what such a certificate has: nothing to warn of.
    QCOMPARE(validityOf(entries[0], now()), Validity::Good);
    QVERIFY(entries[0].trusted == std::vector<pki::Certificate>{ca.certificate()});
    QCOMPARE(entries[2].kind, Kind::Authority);
    QCOMPARE(entries[2].uses.size(), 2);
    // Without a lab there are none.
    QVERIFY(certificateEntries(project, nullptr, {}, nullptr).empty());
}

void TestCertificateList::factsAreWhatOpensslSays()
{
    const pki::PartnerPki partner = *pki::PartnerPki::create();
    const pki::Certificate &leaf = *partner.client.leaf();
    test::writeFile(m_place->filePath("leaf.pem"), leaf.toPem());
    const auto said = [&](const QStringList &what) {
        return QString::fromUtf8(
                   test::openssl(*m_place, QStringList{"x509", "-in", "leaf.pem", "-noout"} + what))
            .trimmed();
    };
    QCOMPARE("sha256 Fingerprint=" + factOf(leaf, "SHA-256"), said({"-fingerprint", "-sha256"}));
    QCOMPARE("serial=" + factOf(leaf, "Serial").remove(':'), said({"-serial"}));
    QCOMPARE("subject=" + factOf(leaf, "Subject"), said({"-subject", "-nameopt", "RFC2253"}));
    QCOMPARE("issuer=" + factOf(leaf, "Issuer"), said({"-issuer", "-nameopt", "RFC2253"}));
    QVERIFY(said({"-ext", "subjectAltName"}).contains(factOf(leaf, "Names")));
    QVERIFY(factOf(leaf, "Good for").contains("clientAuth"));
    QVERIFY(factOf(leaf, "Key").startsWith("RSA 2048"));
    QCOMPARE(factOf(partner.ca, "Issuer"), QStringLiteral("itself (self-signed)"));
    QCOMPARE(factOf(partner.ca, "Good for"), QStringLiteral("signing certificates (CA)"));
    QVERIFY(factsText(leaf, now()).contains("SHA-256: " + factOf(leaf, "SHA-256") + '\n'));
}

void TestCertificateList::whatIsLeft_data()
{
    QTest::addColumn<qint64>("seconds"); // before the end
    QTest::addColumn<QString>("text");
    constexpr qint64 hour = 3600;
    constexpr qint64 day = 24 * hour;
    QTest::newRow("years") << 3650 * day << "10 years";
    QTest::newRow("a year") << 365 * day << "365 days";
    QTest::newRow("days") << 71 * day + hour << "71 days";
    QTest::newRow("hours") << 23 * hour + 1 << "23 h";
    QTest::newRow("minutes") << qint64(600) << "10 min";
    QTest::newRow("seconds") << qint64(10) << "a minute";
    QTest::newRow("past") << -3 * day - 1 << "expired 3 days ago";
    QTest::newRow("early") << 3650 * day + 5 * hour << "valid in 5 h";
}

void TestCertificateList::whatIsLeft()
{
    QFETCH(qint64, seconds);
    QFETCH(QString, text);
    const pki::PrivateKey key = *pki::PrivateKey::generate(pki::KeyType::EcP256);
    pki::CertificateRequest request;
    request.commonName = "a";
    request.validity = std::chrono::hours(24 * 3650);
    request.backdate = 0s;
    const pki::Certificate certificate = *pki::issueCertificate(request, key, {}, {});
    QCOMPARE(remainingText(certificate, certificate.notAfter() - std::chrono::seconds(seconds)), text);
}

void TestCertificateList::chainsFromTheRoot()
{
    const auto issue = [](const char *name, bool ca, const pki::PrivateKey &key,
                          const pki::Certificate &issuer, const pki::PrivateKey &issuerKey) {
        pki::CertificateRequest request;
        request.commonName = name;
        request.ca = ca;
        return *pki::issueCertificate(request, key, issuer, issuerKey);
    };
    const pki::PrivateKey rootKey = *pki::PrivateKey::generate(pki::KeyType::EcP256);
    const pki::PrivateKey middleKey = *pki::PrivateKey::generate(pki::KeyType::EcP256);
    const pki::PrivateKey leafKey = *pki::PrivateKey::generate(pki::KeyType::EcP256);
    const pki::Certificate root = issue("root", true, rootKey, {}, {});
    const pki::Certificate middle = issue("middle", true, middleKey, root, rootKey);
    const pki::Certificate leaf = issue("leaf", false, leafKey, middle, middleKey);
    const pki::Certificate other = issue("other", true, leafKey, {}, {});
    const auto shown = [](const std::vector<ChainLink> &links) {
        QStringList lines;
        for (const ChainLink &link : links)
            lines.append(QString(link.depth, ' ') + QString::fromStdString(link.certificate.commonName()) +
                         ": " + roleText(link.role) + (link.given ? " *" : ""));
        return lines;
    };
    QCOMPARE(shown(chainLinks({leaf, middle}, {other, root})),
             (QStringList{"root: Root CA *", " middle: Intermediate CA", "  leaf: Certificate",
                          "other: Trusted CA *"}));
    // Without the certificate between, nothing hangs on the root.
    QCOMPARE(shown(chainLinks({leaf}, {root})), (QStringList{"leaf: Certificate", "root: Trusted CA *"}));
    QCOMPARE(shown(chainLinks({}, {root})), QStringList{"root: Trusted CA *"});
    QVERIFY(chainLinks({}, {}).empty());
}

void TestCertificateList::rows()
{
    const QString folder = m_place->filePath("p");
    const auto made = lab::createFromTemplate(folder.toStdString(), 4, false);
    QVERIFY(made);
    CertificateModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setEntries(entriesOf(load(folder)));
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.index(0).data(CertificateModel::GroupRole).toString(), QStringLiteral("Credentials"));
    QCOMPARE(model.index(1).data(CertificateModel::GroupRole).toString(), QString());
    QVERIFY(model.index(0).data(Qt::AccessibleTextRole).toString().contains("missing"));
    const QPersistentModelIndex server(
        model.indexOf(session::CredentialSelection{"external", "istio-system", "test.com"}));
    QCOMPARE(server.row(), 1);
    QVERIFY(!model.indexOf(session::CredentialSelection{"external", "default", "test.com"}).isValid());
    // The missing one becomes an imported one; the other row stays what it is.
    QVERIFY(lab::importClientCredential(folder.toStdString(), made->partner));
    model.setEntries(entriesOf(load(folder)));
    QCOMPARE(model.rowCount(), 2);
    QVERIFY(server.isValid());
    QCOMPARE(model.index(0).data(CertificateModel::KindRole).toInt(), int(Kind::Imported));
    QCOMPARE(model.index(0).data(CertificateModel::StateRole).toString(),
             remainingText(*model.entryAt(model.index(0))->leaf(), model.now()));
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    model.setNow(model.entryAt(model.index(0))->leaf()->notAfter() + 1h);
    QCOMPARE(changed.size(), 1);
    QCOMPARE(model.index(0).data(CertificateModel::ValidityRole).toInt(), int(Validity::Expired));
    model.setEntries({});
    QCOMPARE(model.rowCount(), 0);
    QVERIFY(!server.isValid());
}

void TestCertificateList::importAndRemoveAreStepsBack()
{
    const QString folder = m_place->filePath("p");
    const auto made = lab::createFromTemplate(folder.toStdString(), 4, false);
    QVERIFY(made);
    session::ProjectSession project;
    CredentialChanges changes(project);
    QSignalSpy compiled(&project, &session::ProjectSession::compiledChanged);
    QSignalSpy done(&changes, &CredentialChanges::done);
    project.open(folder);
    QVERIFY(compiled.wait(patience));
    const pki::CredentialId id{"primary", "istio-system", "test.client"};
    const pki::CredentialStore store = pki::CredentialStore::forProject(folder.toStdString());
    const auto known = [&] {
        const model::Mesh *mesh = project.project()->findMesh("primary");
        return mesh && mesh->findSecret(id.secretNamespace, id.name);
    };
    changes.import(id, *pki::importCredential(id.name, made->partner.clientFiles));
    QTRY_COMPARE_WITH_TIMEOUT(done.size(), 1, patience);
    QVERIFY(store.contains(id));
    QTRY_VERIFY_WITH_TIMEOUT(known(), patience);
    QVERIFY(!project.isModified());
    QCOMPARE(project.undoStack().undoText(), QStringLiteral("Import test.client"));
    project.undoStack().undo();
    QTRY_COMPARE_WITH_TIMEOUT(done.size(), 2, patience);
    QVERIFY(!store.contains(id));
    QTRY_VERIFY_WITH_TIMEOUT(!known(), patience);
    project.undoStack().redo();
    QTRY_VERIFY_WITH_TIMEOUT(store.contains(id), patience);
    QTRY_COMPARE_WITH_TIMEOUT(done.size(), 3, patience);
    changes.remove(id);
    QTRY_COMPARE_WITH_TIMEOUT(done.size(), 4, patience);
    QVERIFY(!store.contains(id));
    project.undoStack().undo();
    QTRY_COMPARE_WITH_TIMEOUT(done.size(), 5, patience);
    QVERIFY(store.get(id)->leaf()->belongsTo(store.get(id)->key));
    QSignalSpy failed(&changes, &CredentialChanges::failed);
    changes.import({"primary", "..", "x"}, *store.get(id));
    QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, patience);
    QCOMPARE(project.undoStack().index(), 1);
}

void TestCertificateList::exportedSecrets()
{
    const pki::CredentialStore store(m_place->filePath("store").toStdString());
    const pki::CredentialId id{"primary", "istio-system", "test.client"};
    const pki::PartnerPki partner = *pki::PartnerPki::create();
    QVERIFY(store.put(id, partner.client));
    for (const ExportForm form : {ExportForm::SecretTls, ExportForm::SecretGeneric}) {
        const QString path = m_place->filePath(exportFileName(id, form));
        QVERIFY(exportCredential(store, id, form, path));
        QCOMPARE(QFile::permissions(path) & (QFile::ReadGroup | QFile::ReadOther), QFile::Permissions());
        const std::string yaml = test::readFile(path);
        QVERIFY(yaml.find(form == ExportForm::SecretTls ? "tls.key: " : "  key: ") != std::string::npos);
        const auto read = pki::credentialFromSecretYaml(yaml, "s");
        QVERIFY(read && read->leaf()->belongsTo(read->key));
    }
    const QString sealed = m_place->filePath(exportFileName(id, ExportForm::Pkcs12));
    QVERIFY(exportCredential(store, id, ExportForm::Pkcs12, sealed, "open sesame"));
    QCOMPARE(QFile::permissions(sealed) & (QFile::ReadGroup | QFile::ReadOther), QFile::Permissions());
    const QByteArray opened =
        test::openssl(*m_place, {"pkcs12", "-in", sealed, "-passin", "pass:open sesame", "-nodes"});
    QVERIFY2(opened.contains("PRIVATE KEY") &&
                 opened.count("BEGIN CERTIFICATE") ==
                     static_cast<qsizetype>(partner.client.chain.size() + partner.client.ca.size()),
             opened.constData());
    const QString pem = m_place->filePath(exportFileName(id, ExportForm::Certificates));
    QVERIFY(exportCredential(store, id, ExportForm::Certificates, pem));
    QVERIFY(test::readFile(pem).find("PRIVATE KEY") == std::string::npos);
    // Every file that the line names is there.
    const QString line = kubectlLine(store, id, pki::SecretKeys::Tls);
    QVERIFY(
        line.startsWith("kubectl create -n istio-system secret generic test.client --from-file=tls.key="));
    for (const QString &word : line.split(' ').filter("--from-file="))
        QVERIFY2(QFile::exists(word.section('=', 2)), qPrintable(word));
    QCOMPARE(line.split(' ').filter("--from-file=").size(), 3);
    QVERIFY(!exportCredential(store, {"primary", "a", "b"}, ExportForm::SecretTls, pem));
}

QTEST_GUILESS_MAIN(TestCertificateList)
#include "test_certificate_list.moc"
