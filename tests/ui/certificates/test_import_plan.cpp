// SPDX-License-Identifier: GPL-3.0-or-later
// Files made by openssl, as people have them, and everything that can be wrong with them.
#include "core/lab/address_plan.h"
#include "core/lab/project_template.h"
#include "core/lab/stored_credentials.h"
#include "partner_files.h"
#include "ui/certificates/import_draft.h"

#include <QSignalSpy>
#include <QtTest>

using namespace sallyport;
using namespace sallyport::certificates;
using namespace std::chrono_literals;
using pki::CheckOutcome;
using State = ImportFile::State;
using Verdict = ImportPlan::Verdict;

namespace {

constexpr int patience = 60'000; ///< milliseconds, on a busy machine

pki::TimePoint now()
{
    return std::chrono::system_clock::now();
}

const ImportCheck *find(const ImportPlan &plan, const QString &title)
{
    for (const ImportCheck &check : plan.checks) {
        if (check.title == title)
            return &check;
    }
    return nullptr;
}

} // namespace

class TestImportPlan : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void theGuidesFiles_data();
    void theGuidesFiles();
    void passphrases_data();
    void passphrases();
    void theMissingPartIsNamed_data();
    void theMissingPartIsNamed();
    void whatIsWrongIsSaid_data();
    void whatIsWrongIsSaid();
    void filesThatCannotBeRead_data();
    void filesThatCannotBeRead();
    void aCaAlone();
    void namesAndPlaces();
    void aSecretOfTheYamlWins();
    void aDraftFollowsThePerson();

private:
    QString path(const QString &name) const { return m_folder.filePath(name); }
    ImportPlan plan(const QStringList &names, const QHash<QString, QString> &passphrases = {},
                    const session::CredentialSelection &target = {}, pki::TimePoint at = now()) const;

    QTemporaryDir m_folder;
    std::unique_ptr<model::Project> m_project;
    std::unique_ptr<compile::CompiledProject> m_compiled;
};

void TestImportPlan::initTestCase()
{
    qputenv("XDG_DATA_HOME", m_folder.filePath("data").toUtf8());
    qputenv("XDG_STATE_HOME", m_folder.filePath("state").toUtf8());
    test::PartnerFiles::make(m_folder);
    const QString project = path("project");
    QVERIFY(lab::createFromTemplate(project.toStdString(), 4, false));
    m_project = std::make_unique<model::Project>(*model::loadProject(project.toStdString()));
    lab::addStoredCredentials(*m_project);
    m_compiled = std::make_unique<compile::CompiledProject>(
        compile::compileProject(*m_project, lab::planAddresses(*m_project, {}, 0).placement));
}

ImportPlan TestImportPlan::plan(const QStringList &names, const QHash<QString, QString> &passphrases,
                                const session::CredentialSelection &target, pki::TimePoint at) const
{
    ImportRequest request;
    for (const QString &name : names)
        request.paths.append(path(name));
    for (auto given = passphrases.begin(); given != passphrases.end(); ++given)
        request.passphrases.insert(path(given.key()), given.value());
    request.target = target;
    return planImport(request, *m_project, m_compiled.get(), at);
}

void TestImportPlan::theGuidesFiles_data()
{
    QTest::addColumn<QStringList>("names");
    QTest::newRow("the guide's") << QStringList{"client.key.pem", "clientcert.pem", "cacert.pem"};
    QTest::newRow("in another order") << QStringList{"cacert.pem", "client.key.pem", "clientcert.pem"};
    QTest::newRow("tls.key") << QStringList{"tls.crt", "ca.crt", "tls.key"};
    QTest::newRow("key") << QStringList{"cacert", "cert", "key"};
    QTest::newRow("any names") << QStringList{"ca.pem", "client.pem", "client.key"};
    QTest::newRow("DER") << QStringList{"ca.cer", "client.cer", "client.der"};
    QTest::newRow("all in one") << QStringList{"all.pem"};
    QTest::newRow("PKCS#12 without a passphrase") << QStringList{"open.pfx"};
    QTest::newRow("Secret") << QStringList{"tls.yaml"};
    QTest::newRow("Secret, generic keys") << QStringList{"generic.yaml"};
    QTest::newRow("Secret, stringData") << QStringList{"string.yaml"};
}

void TestImportPlan::theGuidesFiles()
{
    QFETCH(QStringList, names);
    const ImportPlan made = plan(names);
    QVERIFY2(made.verdict == Verdict::Good, qPrintable(made.summary));
    QVERIFY(made.credential);
    QVERIFY(made.credential->leaf()->belongsTo(made.credential->key));
    QCOMPARE(made.credential->ca.size(), std::size_t(1));
    QCOMPARE(made.credential->name, std::string("test.client"));
    QCOMPARE(made.target, (session::CredentialSelection{"primary", "istio-system", "test.client"}));
    QCOMPARE(made.use, pki::CredentialUse::Client);
    for (const char *title : {"Key and certificate", "CA", "Chain", "Validity", "Names", "SPIFFE identity",
                              "Purpose", "Strength", "In the project"}) {
        const ImportCheck *check = find(made, title);
        QVERIFY2(check, title);
        QVERIFY2(check->outcome == CheckOutcome::Passed, qPrintable(check->text));
        // Each says where it was seen.
        QVERIFY2(title == QLatin1String("In the project") || names.contains(check->file), title);
    }
    QVERIFY(find(made, "In the project")->text.contains("originate-mtls-for-test-com"));
    for (const ImportFile &file : made.files) {
        QCOMPARE(file.state, State::Good);
        QVERIFY(!file.content.isEmpty());
    }
}

void TestImportPlan::passphrases_data()
{
    QTest::addColumn<QStringList>("names");
    QTest::addColumn<QString>("locked");
    QTest::newRow("PEM, traditional") << QStringList{"locked.key", "client.pem", "ca.pem"} << "locked.key";
    QTest::newRow("PEM, PKCS#8") << QStringList{"ca.pem", "client.pem", "locked8.key"} << "locked8.key";
    QTest::newRow("DER") << QStringList{"ca.cer", "client.cer", "locked.der"} << "locked.der";
    QTest::newRow("PKCS#12") << QStringList{"client.p12"} << "client.p12";
}

void TestImportPlan::passphrases()
{
    QFETCH(QStringList, names);
    QFETCH(QString, locked);
    const auto state = [&](const ImportPlan &made) { return made.files[names.indexOf(locked)].state; };
    const ImportPlan first = plan(names);
    QCOMPARE(state(first), State::NeedsPassphrase);
    QCOMPARE(first.verdict, Verdict::Blocked);
    QVERIFY2(first.summary.contains(locked), qPrintable(first.summary));
    const ImportPlan wrong = plan(names, {{locked, "guess"}});
    QCOMPARE(state(wrong), State::WrongPassphrase);
    QCOMPARE(wrong.verdict, Verdict::Blocked);
    QVERIFY2(wrong.summary.contains("does not open"), qPrintable(wrong.summary));
    const ImportPlan right = plan(names, {{locked, "opensesame"}});
    QCOMPARE(state(right), State::Good);
    QVERIFY2(right.verdict == Verdict::Good, qPrintable(right.summary));
    QVERIFY(right.files[names.indexOf(locked)].encrypted);
}

void TestImportPlan::theMissingPartIsNamed_data()
{
    QTest::addColumn<QStringList>("names");
    QTest::addColumn<QString>("word");
    QTest::newRow("no key") << QStringList{"client.pem", "ca.pem"} << "private key is missing";
    QTest::newRow("no certificate") << QStringList{"client.key", "ca.pem"} << "certificate is missing";
    QTest::newRow("another key") << QStringList{"stranger.key", "client.pem", "ca.pem"}
                                 << "belongs to another certificate";
    QTest::newRow("two keys") << QStringList{"client.key", "stranger.key", "client.pem"} << "stranger.key";
    QTest::newRow("a Secret and more") << QStringList{"tls.yaml", "ca.pem"} << "tls.yaml";
}

void TestImportPlan::theMissingPartIsNamed()
{
    QFETCH(QStringList, names);
    QFETCH(QString, word);
    const ImportPlan made = plan(names);
    QCOMPARE(made.verdict, Verdict::Blocked);
    QVERIFY2(made.summary.contains(word), qPrintable(made.summary));
}

void TestImportPlan::whatIsWrongIsSaid_data()
{
    QTest::addColumn<QStringList>("names");
    QTest::addColumn<QString>("title");
    QTest::addColumn<int>("outcome");
    QTest::addColumn<QString>("file");
    QTest::addColumn<int>("days"); // from now
    const int failed = static_cast<int>(CheckOutcome::Failed);
    const int warning = static_cast<int>(CheckOutcome::Warning);
    QTest::newRow("another key") << QStringList{"stranger.key", "client.pem", "ca.pem"}
                                 << "Key and certificate" << failed << "stranger.key" << 0;
    QTest::newRow("no CA") << QStringList{"client.key", "client.pem"} << "CA" << failed << "" << 0;
    QTest::newRow("another CA") << QStringList{"client.key", "client.pem", "other-ca.pem"} << "Chain"
                                << warning << "client.pem" << 0;
    QTest::newRow("expired") << QStringList{"client.key", "client.pem", "ca.pem"} << "Validity" << failed
                             << "client.pem" << 400;
    QTest::newRow("expires soon") << QStringList{"client.key", "client.pem", "ca.pem"} << "Validity"
                                  << warning << "client.pem" << 350;
    QTest::newRow("not yet valid") << QStringList{"client.key", "client.pem", "ca.pem"} << "Validity"
                                   << failed << "client.pem" << -1;
    QTest::newRow("a server's") << QStringList{"server.key", "server.pem", "ca.pem"} << "Purpose" << failed
                                << "server.pem" << 0;
    QTest::newRow("no names") << QStringList{"nameless.key", "nameless.pem", "ca.pem"} << "Names" << warning
                              << "nameless.pem" << 0;
    QTest::newRow("no identity") << QStringList{"server.key", "server.pem", "ca.pem"} << "SPIFFE identity"
                                 << warning << "server.pem" << 0;
    QTest::newRow("weak") << QStringList{"weak.key", "weak.pem", "ca.pem"} << "Strength" << failed
                          << "weak.pem" << 0;
}

void TestImportPlan::whatIsWrongIsSaid()
{
    QFETCH(QStringList, names);
    QFETCH(QString, title);
    QFETCH(int, outcome);
    QFETCH(QString, file);
    QFETCH(int, days);
    const session::CredentialSelection client{"primary", "istio-system", "test.client"};
    const ImportPlan made = plan(names, {}, client, now() + days * 24h);
    const ImportCheck *check = find(made, title);
    QVERIFY(check);
    QCOMPARE(static_cast<int>(check->outcome), outcome);
    QCOMPARE(check->file, file);
    QVERIFY(!check->text.isEmpty());
    QVERIFY(made.verdict != Verdict::Good || outcome == static_cast<int>(CheckOutcome::Warning));
}

void TestImportPlan::filesThatCannotBeRead_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("word");
    QTest::newRow("empty") << "empty.pem"
                           << "empty";
    QTest::newRow("words") << "words.pem"
                           << "neither PEM nor";
    QTest::newRow("cut off") << "cut.pem"
                             << "has no end";
    QTest::newRow("not there") << "nowhere.pem"
                               << "cannot be read";
    QTest::newRow("a Secret that is not base64") << "broken.yaml"
                                                 << "line 4";
}

void TestImportPlan::filesThatCannotBeRead()
{
    QFETCH(QString, name);
    QFETCH(QString, word);
    const ImportPlan made = plan({"client.key", name});
    QCOMPARE(made.verdict, Verdict::Blocked);
    QCOMPARE(made.files[0].state, State::Good);
    QCOMPARE(made.files[1].state, State::Failed);
    QVERIFY2(made.files[1].problem.contains(word), qPrintable(made.files[1].problem));
    QVERIFY2(made.summary.startsWith(name), qPrintable(made.summary));
    // The machine's folders are no part of the message.
    QVERIFY2(!made.summary.contains(m_folder.path()), qPrintable(made.summary));
}

void TestImportPlan::aCaAlone()
{
    const ImportPlan made = plan({"ca.pem"}, {}, {"primary", "istio-system", "roots"});
    QCOMPARE(made.verdict, Verdict::Doubtful);
    QVERIFY(find(made, "Key and certificate")->text.contains("SIMPLE"));
}

void TestImportPlan::namesAndPlaces()
{
    // Nothing is chosen yet: the place is known.
    const ImportPlan nothing = plan({});
    QCOMPARE(nothing.verdict, Verdict::Nothing);
    QCOMPARE(nothing.target.mesh, QStringLiteral("primary"));
    QCOMPARE(nothing.target.nameSpace, QStringLiteral("istio-system"));
    // What only servers can use goes where requests come in, by the name that it proves.
    const ImportPlan server = plan({"server.key", "server.pem", "ca.pem"});
    QCOMPARE(server.use, pki::CredentialUse::Client); // the project misses one client's credential
    const ImportPlan asked = plan({"server.key", "server.pem", "ca.pem"}, {}, {"external", {}, {}});
    QCOMPARE(asked.target, (session::CredentialSelection{"external", "istio-system", "test.com"}));
    QCOMPARE(asked.use, pki::CredentialUse::Server);
    QVERIFY(asked.replaces);
    // A person's own words stay.
    const ImportPlan own = plan({"client.key", "client.pem", "ca.pem"}, {}, {{}, "default", "mine"});
    QCOMPARE(own.target, (session::CredentialSelection{"primary", "default", "mine"}));
    QCOMPARE(own.verdict, Verdict::Good);
    for (const char *name : {"Mine", "my name", "-a", "a..b"}) {
        const ImportPlan bad = plan({"client.key", "client.pem", "ca.pem"}, {}, {{}, {}, name});
        QCOMPARE(bad.verdict, Verdict::Blocked);
        QVERIFY2(bad.summary.contains(name), qPrintable(bad.summary));
    }
    const ImportPlan nowhere = plan({"client.key", "client.pem", "ca.pem"}, {}, {"elsewhere", "a", "b"});
    QCOMPARE(nowhere.verdict, Verdict::Blocked);
    QVERIFY(isSecretName("test.client"));
}

void TestImportPlan::aSecretOfTheYamlWins()
{
    std::vector<model::SourceFile> files = m_project->files;
    files.push_back({"primary/90-secret.yaml", test::readFile(path("tls.yaml"))});
    const model::Project project = model::projectFromFiles("/p", files, {});
    ImportRequest request;
    request.paths = {path("all.pem")};
    request.target = {"primary", "istio-system", "test.client"};
    const ImportPlan made = planImport(request, project, nullptr, now());
    QCOMPARE(made.verdict, Verdict::Blocked);
    QVERIFY(find(made, "In the project")->text.contains("primary/90-secret.yaml"));
}

void TestImportPlan::aDraftFollowsThePerson()
{
    session::ProjectSession session;
    ImportDraft draft(session);
    QSignalSpy compiled(&session, &session::ProjectSession::compiledChanged);
    session.open(path("project"));
    QVERIFY(compiled.wait(patience));
    QSignalSpy planned(&draft, &ImportDraft::planned);
    draft.begin({});
    QTRY_COMPARE_WITH_TIMEOUT(planned.size(), 1, patience);
    QCOMPARE(draft.plan().verdict, Verdict::Nothing);
    draft.addFiles({path("client.p12"), path("client.p12")});
    QTRY_COMPARE_WITH_TIMEOUT(draft.plan().verdict, Verdict::Blocked, patience);
    QCOMPARE(draft.plan().files.size(), 1);
    draft.setPassphrase(path("client.p12"), "opensesame");
    QTRY_COMPARE_WITH_TIMEOUT(draft.plan().verdict, Verdict::Good, patience);
    QVERIFY(draft.isCurrent());
    QCOMPARE(draft.plan().target.name, QStringLiteral("test.client"));
    draft.setName("Not A Name");
    QVERIFY(!draft.isCurrent());
    QTRY_COMPARE_WITH_TIMEOUT(draft.plan().verdict, Verdict::Blocked, patience);
    draft.setName({});
    QTRY_COMPARE_WITH_TIMEOUT(draft.plan().verdict, Verdict::Good, patience);
    draft.setUse(pki::CredentialUse::Server);
    QTRY_COMPARE_WITH_TIMEOUT(draft.plan().verdict, Verdict::Doubtful, patience);
    draft.removeFile(path("client.p12"));
    QTRY_COMPARE_WITH_TIMEOUT(draft.plan().verdict, Verdict::Nothing, patience);
    draft.addFiles({path("all.pem")});
    draft.clear();
    QVERIFY(draft.isEmpty());
    QVERIFY(!draft.plan().credential);
    QTest::qWait(300);
    QVERIFY(!draft.plan().credential);
}

QTEST_GUILESS_MAIN(TestImportPlan)
#include "test_import_plan.moc"
