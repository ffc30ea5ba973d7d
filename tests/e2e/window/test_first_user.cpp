// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/project_template.h"
#include "tests/e2e/window/person.h"
#include "ui/topology/chain_model.h"
#include "ui/traffic/request_row.h"
#include "ui/traffic/request_table_model.h"

#include <QFileInfo>
#include <QLineEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QTableView>
#include <QtTest>

using namespace sallyport;
using session::LabState;
using topology::ChainHop;
using topology::HopKind;

/// The way of somebody who opens the console for the first time with the guide beside it, from an empty
/// window to a policy at the egress. The steps build on each other.
class TestFirstUser : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void aNewProjectAtStage3();
    void thePlaintextHopIsSeen();
    void stage4BreaksTheHopAndSaysWhy();
    void theClientsCertificateIsImported();
    void threeRequestsAreAnswered();
    void stage5RefusesAtTheEgress();
    void theLabStops();
    void cleanup();
    void cleanupTestCase();

private:
    const ChainHop *hopToThePartner() const;
    /// The newest request of the table for that path, once its way is complete.
    void look(const QString &path, int status, traffic::RequestRow &row);

    const QString m_egress = QStringLiteral("primary:istio-system/istio-egressgateway");
    const QString m_ingress = QStringLiteral("external:istio-system/istio-ingressgateway");
    e2e::Home m_home;
    theme::Theme m_theme{*qApp};
    std::unique_ptr<shell::MainWindow> m_window;
    std::unique_ptr<e2e::Person> m_person;
    QString m_folder;
    bool m_lost = false; ///< a step failed: those after it mean nothing
};

void TestFirstUser::initTestCase()
{
    control::Programs programs;
    programs.gateway = QStringLiteral(SALLYPORT_BIN_DIR "/sallyport-gateway");
    programs.httpbin = QStringLiteral(SALLYPORT_BIN_DIR "/sallyport-httpbin");
    m_window = std::make_unique<shell::MainWindow>(programs);
    m_window->setSaveQuestion([] { return shell::MainWindow::SaveChoice::Discard; });
    m_person = std::make_unique<e2e::Person>(*m_window);
    m_folder = m_home.path(QStringLiteral("egress"));
}

void TestFirstUser::init()
{
    if (m_lost)
        QSKIP("an earlier step failed");
}

const ChainHop *TestFirstUser::hopToThePartner() const
{
    for (const ChainHop &hop : m_person->chain().chain().hops) {
        if (hop.from == m_egress && hop.to == m_ingress)
            return &hop;
    }
    return nullptr;
}

void TestFirstUser::look(const QString &path, int status, traffic::RequestRow &row)
{
    traffic::RequestTableModel &requests = m_person->requests();
    const auto find = [&] {
        for (int i = 0; i < requests.rowCount(); ++i) {
            const std::optional<traffic::RequestRow> shown = requests.request(i);
            if (shown && shown->path == path && shown->status == status && shown->hops.size() >= 2) {
                row = *shown;
                return i;
            }
        }
        return -1;
    };
    m_person->press("Ctrl+1");
    QTRY_VERIFY_WITH_TIMEOUT(find() >= 0, e2e::patience);
    auto *table = m_person->see<QTableView>("trafficTable");
    QVERIFY(table);
    m_person->click(table, requests.index(find(), 0));
    QTRY_VERIFY(m_person->sees("trafficDetail"));
}

void TestFirstUser::aNewProjectAtStage3()
{
    QVERIFY(m_person->sees("emptyNew"));
    m_person->press("Ctrl+N");
    QTRY_VERIFY(m_person->sees("newProjectDialog"));
    m_person->click(m_person->see<QRadioButton>("stageChoice3"));
    QVERIFY(m_person->see<QRadioButton>("stageChoice3")->isChecked());
    m_person->click(m_person->see<QLineEdit>("newFolder"));
    m_person->press("Ctrl+A");
    m_person->type(m_folder);
    m_person->press("Return");
    QTRY_COMPARE_WITH_TIMEOUT(m_window->context().project.stage(), 3, e2e::patience);
    QVERIFY(QFileInfo::exists(m_folder + "/primary"));
}

void TestFirstUser::thePlaintextHopIsSeen()
{
    QTRY_VERIFY_WITH_TIMEOUT(hopToThePartner() && hopToThePartner()->kind == HopKind::Plaintext,
                             e2e::patience);
    QTRY_VERIFY(m_person->reads("statusHops").contains("plaintext", Qt::CaseInsensitive));
    m_person->photograph("first-user-1-plaintext");
}

void TestFirstUser::stage4BreaksTheHopAndSaysWhy()
{
    m_person->press("Alt+4");
    QTRY_COMPARE_WITH_TIMEOUT(m_window->context().project.stage(), 4, e2e::patience);
    const auto broken = [this] {
        const ChainHop *hop = hopToThePartner();
        if (!hop)
            return QString();
        return hop->isBroken() ? hop->flags.front().why : QString();
    };
    QTRY_VERIFY_WITH_TIMEOUT(!broken().isEmpty(), e2e::patience);
    QVERIFY2(broken().contains("test.client"), qPrintable(broken()));
    m_person->photograph("first-user-2-broken");
}

void TestFirstUser::theClientsCertificateIsImported()
{
    // What the partner sent: three files, in a folder of their own.
    const auto partner = lab::preparePartner(m_folder.toStdString());
    QVERIFY(partner);
    m_person->press("Ctrl+Shift+I");
    QTRY_VERIFY(m_person->sees("importPanel"));
    for (const std::string &file :
         {partner->clientFiles.key, partner->clientFiles.certificate, partner->clientFiles.ca}) {
        m_person->click(m_person->see<QPushButton>("importChoose"));
        QTRY_VERIFY(m_person->sees("fileNameEdit"));
        auto *name = m_person->see<QLineEdit>("fileNameEdit");
        m_person->click(name);
        m_person->type(QString::fromStdString(file));
        QTRY_COMPARE(name->text(), QString::fromStdString(file));
        m_person->press("Return");
        QTRY_VERIFY(!m_person->sees("fileNameEdit"));
    }
    // The checks are there before anything is accepted.
    QTRY_VERIFY(m_person->sees("importChecks"));
    auto *accept = m_person->see<QPushButton>("importAccept");
    QVERIFY(accept);
    QTRY_VERIFY(accept->isEnabled());
    QCOMPARE(m_person->see<QLineEdit>("importName")->text(), QString("test.client"));
    m_person->photograph("first-user-3-import");
    m_person->click(accept);
    QTRY_VERIFY_WITH_TIMEOUT(hopToThePartner() && hopToThePartner()->kind == HopKind::OriginatedMtls &&
                                 !hopToThePartner()->isBroken(),
                             e2e::patience);
}

void TestFirstUser::threeRequestsAreAnswered()
{
    m_person->press("F5");
    QTRY_COMPARE_WITH_TIMEOUT(m_window->context().lab.state(), LabState::Running, e2e::patience);
    traffic::RequestRow row;

    m_person->send("GET", "http://test.com/status/200");
    QTRY_VERIFY_WITH_TIMEOUT(m_person->reads("answerStatus").contains("200"), e2e::patience);
    look("/status/200", 200, row);
    QCOMPARE(row.hops.size(), std::size_t(4));
    QCOMPARE(row.cluster, QString("outbound|443||test.com"));

    m_person->send("GET", "http://test.com/status/418");
    QTRY_VERIFY_WITH_TIMEOUT(m_person->reads("answerStatus").contains("403"), e2e::patience);
    look("/status/418", 403, row);
    QVERIFY2(row.decidedAt.startsWith(m_ingress), qPrintable(row.decidedAt));
    QVERIFY2(row.decidedBy.contains("restrict-test-client"), qPrintable(row.decidedBy));
    QVERIFY(m_person->chain().hasEnded(*m_person->chain().chain().findNode(m_ingress)));

    m_person->send("GET", "http://test.com/headers");
    QTRY_VERIFY_WITH_TIMEOUT(m_person->reads("answerStatus").contains("200"), e2e::patience);
    look("/headers", 200, row);
    QVERIFY(row.decidedBy.isEmpty());
    m_person->photograph("first-user-4-answers");
}

void TestFirstUser::stage5RefusesAtTheEgress()
{
    m_person->press("Alt+5");
    QTRY_COMPARE_WITH_TIMEOUT(m_window->context().project.stage(), 5, e2e::patience);
    // The policy goes to the running gateway: the picture has it first.
    QTRY_VERIFY_WITH_TIMEOUT(m_person->chain().chain().findNode(m_egress) &&
                                 !m_person->chain().chain().findNode(m_egress)->policies.empty(),
                             e2e::patience);
    const QDeadlineTimer deadline(e2e::patience);
    traffic::RequestRow row;
    do {
        m_person->send("GET", "http://test.com/headers");
        QTest::qWait(300);
    } while (!m_person->reads("answerStatus").contains("403") && !deadline.hasExpired());
    look("/headers", 403, row);
    QVERIFY2(row.decidedAt.startsWith(m_egress), qPrintable(row.decidedAt));
    QTRY_VERIFY(m_person->chain().hasEnded(*m_person->chain().chain().findNode(m_egress)));
    QVERIFY(!m_person->chain().isLit(*m_person->chain().chain().findNode(m_ingress)));
    m_person->photograph("first-user-5-refused");

    m_person->send("GET", "http://test.com/status/200");
    QTRY_VERIFY_WITH_TIMEOUT(m_person->reads("answerStatus").contains("200"), e2e::patience);
}

void TestFirstUser::theLabStops()
{
    m_person->press("Shift+F5");
    QTRY_COMPARE_WITH_TIMEOUT(m_window->context().lab.state(), LabState::Stopped, e2e::patience);
    QVERIFY(m_window->context().lab.nodes().isEmpty());
}

void TestFirstUser::cleanup()
{
    m_lost = m_lost || QTest::currentTestFailed();
    if (QTest::currentTestFailed())
        m_person->photograph(QStringLiteral("failed-") + QTest::currentTestFunction());
}

void TestFirstUser::cleanupTestCase()
{
    m_person.reset();
    m_window.reset();
}

QTEST_MAIN(TestFirstUser)
#include "test_first_user.moc"
