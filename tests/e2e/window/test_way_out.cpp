// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/project_template.h"
#include "tests/e2e/window/running_console.h"

#include <QComboBox>
#include <QDropEvent>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QUndoStack>
#include <QtTest>

using namespace sallyport;
using session::LabState;

/// The guide without its YAML: a way out designed and a certificate imported while the lab runs.
class TestWayOut : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aCertificateIsTakenOverAtOnce();
    void theFourthStageFromTheFirst();
    void cleanup();

private:
    void answers(const QString &path, const QString &status);

    e2e::RunningConsole m_console;
};

/// Asks test.com until the running lab answers so: it takes a change over when it is ready.
void TestWayOut::answers(const QString &path, const QString &status)
{
    const QDeadlineTimer deadline(e2e::patience);
    QString seen;
    while (!seen.contains(status) && !deadline.hasExpired()) {
        bool done = false;
        application::Request request;
        request.host = "test.com";
        request.target = path.toStdString();
        m_console.window().context().lab.send(
            "primary:default/sleep", request, [&](const session::SentRequest &sent) {
                seen = sent.error.isEmpty() ? QString::number(sent.answer.status) : sent.error;
                done = true;
            });
        QTRY_VERIFY_WITH_TIMEOUT(done, e2e::patience);
        if (!seen.contains(status))
            QTest::qWait(200);
    }
    QVERIFY2(seen.contains(status), qPrintable(path + ": " + seen));
}

void TestWayOut::aCertificateIsTakenOverAtOnce()
{
    // Without the client\'s certificate.
    m_console.open(4, false);
    e2e::Person &person = m_console.person();
    answers("/status/200", "503");
    // The guide's own step: the partner's three files come to the import, with what they are worth.
    person.click(person.see<QPushButton>("guideImport"));
    QTRY_VERIFY_WITH_TIMEOUT(person.sees("importAccept"), e2e::patience);
    QTRY_COMPARE_WITH_TIMEOUT(person.reads("importVerdict"), QStringLiteral("Everything fits."),
                              e2e::patience);
    QTRY_VERIFY(person.see<QLineEdit>("importName")->hasFocus());
    person.photograph("an-import");
    person.press("Return");
    answers("/status/200", "200");
    answers("/status/418", "403");
    QTRY_COMPARE_WITH_TIMEOUT(person.reads("certificateTitle"), QStringLiteral("test.client"), e2e::patience);
    person.photograph("certificates");
    // Undo takes the certificate back: gateways that run keep it, as in a cluster; new ones have none.
    person.press("Ctrl+Z");
    QTRY_VERIFY_WITH_TIMEOUT(person.sees("certificateImportMissing"), e2e::patience);
    person.press("Shift+F5");
    QTRY_COMPARE_WITH_TIMEOUT(m_console.window().context().lab.state(), LabState::Stopped, e2e::patience);
    person.press("F5");
    QTRY_COMPARE_WITH_TIMEOUT(m_console.window().context().lab.state(), LabState::Running, e2e::patience);
    answers("/status/200", "503");
    person.press("Ctrl+Shift+Z");
    answers("/status/200", "200");
}

void TestWayOut::theFourthStageFromTheFirst()
{
    // Without the client\'s certificate.
    m_console.open(1, false);
    e2e::Person &person = m_console.person();
    answers("/status/418", "418");
    person.press("Ctrl+D");
    auto *credential = person.see<QComboBox>("routeCredential");
    QVERIFY(credential);
    credential->setFocus();
    person.press("Ctrl+A");
    person.type("test.client");
    QTRY_VERIFY(person.see<QPushButton>("routeApply")->isEnabled());
    person.photograph("a-route");
    person.press("Ctrl+Return");
    QTRY_VERIFY(!person.sees("routeApply"));
    // The way leads through the gateway now, which has no certificate to show.
    answers("/status/418", "503");

    const auto partner = lab::preparePartner(m_console.folder().toStdString());
    QVERIFY(partner);
    QMimeData files;
    QList<QUrl> urls;
    for (const std::string &path :
         {partner->clientFiles.ca, partner->clientFiles.key, partner->clientFiles.certificate})
        urls.append(QUrl::fromLocalFile(QString::fromStdString(path)));
    files.setUrls(urls);
    QDragEnterEvent enter(QPoint(700, 300), Qt::CopyAction, &files, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&m_console.window(), &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent drop(QPointF(700, 300), Qt::CopyAction, &files, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&m_console.window(), &drop);
    QTRY_COMPARE_WITH_TIMEOUT(person.reads("importVerdict"), QStringLiteral("Everything fits."),
                              e2e::patience);
    QCOMPARE(person.see<QLineEdit>("importName")->text(), QStringLiteral("test.client"));
    person.press("Return");
    answers("/status/200", "200");
    answers("/status/418", "403");
    person.photograph("a-designed-way");
    // Two steps: the certificate, then the route.
    person.press("Ctrl+Z");
    person.press("Ctrl+Z");
    answers("/status/418", "418");
}

void TestWayOut::cleanup()
{
    m_console.close();
}

QTEST_MAIN(TestWayOut)
#include "test_way_out.moc"
