// SPDX-License-Identifier: GPL-3.0-or-later
// The pane as a person uses it: by drag and drop, by keys, with undo.
#include "core/lab/project_template.h"
#include "core/pki/credential_store.h"
#include "core/pki/partner_pki.h"
#include "openssl_tool.h"
#include "ui/certificates/certificates_panel.h"
#include "ui/certificates/check_list.h"
#include "ui/certificates/import_file_row.h"
#include "ui/theme/empty_state.h"
#include "ui/theme/theme.h"

#include <QAccessible>
#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QDialog>
#include <QDropEvent>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMimeData>
#include <QPushButton>
#include <QSignalSpy>
#include <QTreeView>
#include <QtTest>

using namespace sallyport;
using namespace sallyport::certificates;

namespace {

constexpr int patience = 60'000; ///< milliseconds, on a busy machine

} // namespace

class TestCertificatesPanel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void emptyAtFirst();
    void whatIsMissingIsImportedByDrop();
    void aPassphraseIsAskedForAndUsed();
    void aFailedCheckNeedsInsisting();
    void removeAndUndo();
    void aStoreIsSealedWithAPassphrase();
    void detailsAndClipboard();
    void everythingHasAName();

private:
    const pki::CredentialId m_id{"primary", "istio-system", "test.client"};

    void open(int stage, bool imported);
    void drop(const QStringList &files);
    pki::CredentialStore store() const { return pki::CredentialStore::forProject(m_folder.toStdString()); }
    QString guideFile(const char *name) const { return m_files.filePath(name); }
    template<typename T>
    T *child(const char *name) const
    {
        return m_panel->findChild<T *>(QLatin1String(name));
    }

    theme::Theme m_theme{*qApp};
    QTemporaryDir m_files;
    std::unique_ptr<QTemporaryDir> m_place;
    QString m_folder;
    std::unique_ptr<session::ProjectSession> m_project;
    std::unique_ptr<session::LabSession> m_lab;
    std::unique_ptr<session::Selection> m_selection;
    std::unique_ptr<session::Context> m_context;
    std::unique_ptr<CertificateList> m_list;
    std::unique_ptr<QAction> m_import;
    std::unique_ptr<CertificatesPanel> m_panel;
};

void TestCertificatesPanel::initTestCase()
{
    QTest::failOnWarning(QRegularExpression("^(?!This plugin does not support)"));
    const pki::PartnerPki partner = *pki::PartnerPki::create();
    QVERIFY(pki::writeGuideFiles(partner.client, m_files.filePath("guide").toStdString()));
    for (const char *name : {"client.key.pem", "clientcert.pem", "cacert.pem"})
        QVERIFY(QFile::copy(m_files.filePath(QString("guide/%1").arg(name)), m_files.filePath(name)));
    test::openssl(m_files, QStringLiteral("pkcs12 -export -inkey client.key.pem -in clientcert.pem -certfile "
                                          "cacert.pem -passout pass:opensesame -out client.p12")
                               .split(' '));
}

void TestCertificatesPanel::init()
{
    m_place = std::make_unique<QTemporaryDir>();
    qputenv("XDG_DATA_HOME", m_place->filePath("data").toUtf8());
    qputenv("XDG_STATE_HOME", m_place->filePath("state").toUtf8());
    m_folder = m_place->filePath("p");
    m_project = std::make_unique<session::ProjectSession>();
    m_lab = std::make_unique<session::LabSession>(*m_project, control::Programs());
    m_selection = std::make_unique<session::Selection>();
    m_context.reset(new session::Context{*m_project, *m_lab, *m_selection});
    m_list = std::make_unique<CertificateList>(*m_context);
    m_import = std::make_unique<QAction>("Import");
    m_panel = std::make_unique<CertificatesPanel>(*m_context, *m_list, m_import.get());
    connect(m_import.get(), &QAction::triggered, m_panel.get(), [this] { m_panel->openImport(); });
    m_panel->resize(1200, 420);
    m_panel->show();
    QVERIFY(QTest::qWaitForWindowActive(m_panel.get()));
}

void TestCertificatesPanel::cleanup()
{
    m_panel.reset();
    m_list.reset();
    m_context.reset();
    m_lab.reset();
    m_project.reset();
}

void TestCertificatesPanel::open(int stage, bool imported)
{
    QVERIFY(lab::createFromTemplate(m_folder.toStdString(), stage, imported));
    QSignalSpy compiled(m_project.get(), &session::ProjectSession::compiledChanged);
    m_project->open(m_folder);
    QVERIFY(compiled.wait(patience));
    QTRY_VERIFY_WITH_TIMEOUT(m_list->model().rowCount() > 0, patience);
    QTRY_VERIFY_WITH_TIMEOUT(child<QListView>("certificateList")->isVisible(), patience);
}

void TestCertificatesPanel::drop(const QStringList &files)
{
    QMimeData data;
    QList<QUrl> urls;
    for (const QString &file : files)
        urls.append(QUrl::fromLocalFile(guideFile(qPrintable(file))));
    data.setUrls(urls);
    QDragEnterEvent enter(QPoint(5, 5), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(m_panel.get(), &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent event(QPointF(5, 5), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(m_panel.get(), &event);
}

void TestCertificatesPanel::emptyAtFirst()
{
    QVERIFY(child<theme::EmptyState>("certificatesEmpty")->isVisible());
    // Without a project there is nowhere to import to.
    m_panel->openImport();
    QVERIFY(!m_panel->isImporting());
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(guideFile("cacert.pem"))});
    QDragEnterEvent enter(QPoint(5, 5), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    enter.ignore();
    QApplication::sendEvent(m_panel.get(), &enter);
    QVERIFY(!enter.isAccepted());
    // Folders are projects, not certificates.
    data.setUrls({QUrl::fromLocalFile(m_files.path())});
    QVERIFY(CertificatesPanel::filesOf(&data).isEmpty());
}

void TestCertificatesPanel::whatIsMissingIsImportedByDrop()
{
    open(4, false);
    QTRY_COMPARE_WITH_TIMEOUT(child<QLabel>("certificateTitle")->text(), QStringLiteral("test.client"),
                              patience);
    QVERIFY(child<QPushButton>("certificateImportMissing")->isVisible());
    QVERIFY(child<QLabel>("certificateProblem")->text().contains("503"));
    drop({"cacert.pem", "client.key.pem"});
    QVERIFY(m_panel->isImporting());
    QTRY_COMPARE_WITH_TIMEOUT(child<QLabel>("importVerdict")->text(),
                              QStringLiteral("The certificate is missing: add its file."), patience);
    QVERIFY(!child<QPushButton>("importAccept")->isEnabled());
    // A second drop adds.
    drop({"clientcert.pem"});
    QTRY_COMPARE_WITH_TIMEOUT(child<QLabel>("importVerdict")->text(), QStringLiteral("Everything fits."),
                              patience);
    QCOMPARE(m_panel->findChildren<ImportFileRow *>().size(), 3);
    QCOMPARE(child<QLineEdit>("importName")->text(), QStringLiteral("test.client"));
    QVERIFY(child<CheckList>("importChecks")->count() >= 8);
    QVERIFY(!store().contains(m_id));
    QSignalSpy compiled(m_project.get(), &session::ProjectSession::compiledChanged);
    QVERIFY(child<QPushButton>("importAccept")->isEnabled());
    QTest::keyClick(child<QLineEdit>("importName"), Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(store().contains(m_id), patience);
    // The running configuration is made anew with it.
    QVERIFY(compiled.wait(patience));
    QVERIFY(!m_panel->isImporting());
    QTRY_COMPARE_WITH_TIMEOUT(m_list->model().entries().front().kind, CertificateEntry::Kind::Imported,
                              patience);
    QTRY_VERIFY_WITH_TIMEOUT(child<QTreeView>("chainTree")->isVisible(), patience);
}

void TestCertificatesPanel::aPassphraseIsAskedForAndUsed()
{
    open(4, false);
    m_panel->openImport({guideFile("client.p12")});
    QTRY_VERIFY_WITH_TIMEOUT(
        child<QLineEdit>("importPassphrase") && child<QLineEdit>("importPassphrase")->isVisible(), patience);
    QLineEdit *passphrase = child<QLineEdit>("importPassphrase");
    // The keys go where they are needed.
    QTRY_COMPARE_WITH_TIMEOUT(QApplication::focusWidget(), passphrase, patience);
    QCOMPARE(passphrase->echoMode(), QLineEdit::Password);
    QVERIFY(!child<QPushButton>("importAccept")->isEnabled());
    QTest::keyClicks(passphrase, "open");
    QTRY_VERIFY_WITH_TIMEOUT(child<QLabel>("importFileContent")->text().contains("does not open"), patience);
    QTest::keyClicks(passphrase, "sesame");
    QTRY_VERIFY_WITH_TIMEOUT(child<QPushButton>("importAccept")->isEnabled(), patience);
    QVERIFY(passphrase->isVisible());
    QTest::mouseClick(child<QPushButton>("importAccept"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(store().contains(m_id), patience);
    // Nothing of it stays behind.
    QVERIFY(!child<QLineEdit>("importPassphrase") || !child<QLineEdit>("importPassphrase")->isVisible());
}

void TestCertificatesPanel::aFailedCheckNeedsInsisting()
{
    open(4, false);
    m_panel->openImport({guideFile("client.key.pem"), guideFile("clientcert.pem")});
    auto *anyway = child<QCheckBox>("importAnyway");
    QTRY_VERIFY_WITH_TIMEOUT(anyway->isVisible(), patience);
    QVERIFY(!child<QPushButton>("importAccept")->isEnabled());
    QCOMPARE(child<QLabel>("importVerdict")->text(), QStringLiteral("A check failed."));
    // What failed stands first, and says so without colour.
    QVERIFY(child<CheckList>("importChecks")
                ->item(0)
                ->data(Qt::AccessibleTextRole)
                .toString()
                .startsWith("Failed: CA: "));
    anyway->setChecked(true);
    QVERIFY(child<QPushButton>("importAccept")->isEnabled());
    QTest::keyClick(child<QLineEdit>("importName"), Qt::Key_Escape);
    QVERIFY(!m_panel->isImporting());
    QVERIFY(!store().contains(m_id));
}

void TestCertificatesPanel::removeAndUndo()
{
    open(4, true);
    QSignalSpy said(m_panel.get(), &CertificatesPanel::message);
    QTRY_COMPARE_WITH_TIMEOUT(child<QLabel>("certificateTitle")->text(), QStringLiteral("test.client"),
                              patience);
    QVERIFY(child<QAction>("certificateRemove")->isEnabled());
    child<QListView>("certificateList")->setFocus();
    QTest::keyClick(child<QListView>("certificateList"), Qt::Key_Delete);
    QTRY_VERIFY_WITH_TIMEOUT(!store().contains(m_id), patience);
    QTRY_COMPARE_WITH_TIMEOUT(m_list->model().entries().front().kind, CertificateEntry::Kind::Missing,
                              patience);
    QTRY_VERIFY_WITH_TIMEOUT(!child<QAction>("certificateRemove")->isEnabled(), patience);
    QVERIFY(said.last().front().toString().contains("Undo"));
    m_project->undoStack().undo();
    QTRY_VERIFY_WITH_TIMEOUT(store().contains(m_id), patience);
    QTRY_COMPARE_WITH_TIMEOUT(m_list->model().entries().front().kind, CertificateEntry::Kind::Imported,
                              patience);
}

void TestCertificatesPanel::aStoreIsSealedWithAPassphrase()
{
    open(4, true);
    QSignalSpy said(m_panel.get(), &CertificatesPanel::message);
    QTRY_COMPARE_WITH_TIMEOUT(child<QLabel>("certificateTitle")->text(), QStringLiteral("test.client"),
                              patience);
    auto *list = child<QListView>("certificateList");
    list->setFocus();
    QTest::keyClick(list, Qt::Key_P, Qt::ControlModifier | Qt::ShiftModifier);
    auto *dialog = child<QDialog>("passphraseDialog");
    QVERIFY(dialog && dialog->isVisible());
    auto *first = child<QLineEdit>("passphraseFirst");
    auto *again = child<QLineEdit>("passphraseAgain");
    auto *complaint = child<QLabel>("passphraseComplaint");
    auto *ok = child<QPushButton>("passphraseOk");
    QCOMPARE(first->echoMode(), QLineEdit::Password);
    // Nobody has done anything wrong yet.
    QVERIFY(complaint->text().isEmpty() && !ok->isEnabled());
    QTest::keyClicks(first, "o");
    QTest::keyClick(first, Qt::Key_Backspace);
    QVERIFY(complaint->text().contains("keeps no secret") && !ok->isEnabled());
    QTest::keyClicks(first, "open sesame");
    QTest::keyClicks(again, "open");
    QVERIFY(complaint->text().isEmpty() && !ok->isEnabled());
    QTest::keyClicks(again, "x");
    QVERIFY(complaint->text().contains("not the same") && !ok->isEnabled());
    again->clear();
    QTest::keyClicks(again, "open sesame");
    QVERIFY(complaint->text().isEmpty() && ok->isEnabled());
    for (const theme::Scheme scheme : {theme::Scheme::Dark, theme::Scheme::Light}) {
        m_theme.setScheme(scheme);
        QVERIFY(!dialog->grab().isNull());
    }
    QTest::keyClick(again, Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(m_panel->findChild<QFileDialog *>(), patience);
    auto *files = m_panel->findChild<QFileDialog *>();
    QVERIFY(files->selectedFiles().value(0).endsWith("test.client.p12"));
    const QString path = m_place->filePath("sealed.p12");
    files->selectFile(path);
    QVERIFY(QMetaObject::invokeMethod(files, "accept"));
    QTRY_COMPARE_WITH_TIMEOUT(said.size(), 1, patience);
    QVERIFY2(said.front().front().toString().contains("sealed.p12"),
             qPrintable(said.front().front().toString()));
    QVERIFY(test::openssl(*m_place, {"pkcs12", "-in", path, "-passin", "pass:open sesame", "-nodes"})
                .contains("PRIVATE KEY"));
    QVERIFY(!m_panel->findChild<QDialog *>("passphraseDialog"));
}

void TestCertificatesPanel::detailsAndClipboard()
{
    open(4, true);
    auto *list = child<QListView>("certificateList");
    list->setFocus();
    QTest::keyClick(list, Qt::Key_Down);
    QCOMPARE(child<QLabel>("certificateTitle")->text(), QStringLiteral("test.com"));
    // The list leads the window's selection, and follows it.
    const auto *selected = m_selection->as<session::CredentialSelection>();
    QVERIFY(selected);
    QCOMPARE(selected->name, QStringLiteral("test.com"));
    m_selection->set(session::CredentialSelection{"primary", "istio-system", "test.client"});
    QCOMPARE(child<QLabel>("certificateTitle")->text(), QStringLiteral("test.client"));
    auto *chain = child<QTreeView>("chainTree");
    QCOMPARE(chain->currentIndex().data().toString(), QStringLiteral("spiffe://test.client"));
    QVERIFY(chain->currentIndex().parent().isValid());
    child<QPushButton>("certificateCopyPem")->click();
    QVERIFY(QGuiApplication::clipboard()->text().startsWith("-----BEGIN CERTIFICATE-----"));
    child<QPushButton>("certificateCopyFacts")->click();
    QVERIFY(QGuiApplication::clipboard()->text().contains("URI:spiffe://test.client"));
    child<QAction>("certificateCopyKubectl")->trigger();
    QVERIFY(QGuiApplication::clipboard()->text().startsWith(
        "kubectl create -n istio-system secret generic test.client --from-file=tls.key="));
    for (const theme::Scheme scheme : {theme::Scheme::Dark, theme::Scheme::Light}) {
        m_theme.setScheme(scheme);
        QVERIFY(!m_panel->grab().isNull());
        QCOMPARE(chain->currentIndex().data().toString(), QStringLiteral("spiffe://test.client"));
        const QModelIndex left = chain->currentIndex().siblingAtColumn(chain->model()->columnCount() - 1);
        QCOMPARE(left.data(Qt::ForegroundRole).value<QBrush>().color(), m_theme.color(theme::Role::Good));
    }
}

void TestCertificatesPanel::everythingHasAName()
{
    open(4, false);
    m_panel->openImport({guideFile("client.p12")});
    QTRY_VERIFY_WITH_TIMEOUT(
        child<QLineEdit>("importPassphrase") && child<QLineEdit>("importPassphrase")->isVisible(), patience);
    // What can have the keys can be told apart without eyes.
    for (const QWidget *widget : m_panel->findChildren<QWidget *>()) {
        if (!widget->isVisible() || widget->focusPolicy() == Qt::NoFocus ||
            qobject_cast<const QLabel *>(widget))
            continue;
        const QAccessibleInterface *accessible =
            QAccessible::queryAccessibleInterface(const_cast<QWidget *>(widget));
        const bool inner = widget->objectName().startsWith("qt_") || widget->inherits("QScrollArea") ||
                           widget->parentWidget()->inherits("QComboBox");
        QVERIFY2(inner || (accessible && !accessible->text(QAccessible::Name).isEmpty()),
                 qPrintable(widget->objectName() + ' ' + widget->metaObject()->className()));
    }
}

QTEST_MAIN(TestCertificatesPanel)
#include "test_certificates_panel.moc"
