// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/project_template.h"
#include "ui/certificates/certificates_panel.h"
#include "ui/shell/console_panel.h"
#include "ui/shell/main_window.h"
#include "ui/shell/new_project_dialog.h"
#include "ui/shell/notice_bar.h"

#include <QCloseEvent>
#include <QFileDialog>
#include <QMessageBox>
#include <QMimeData>
#include <QStatusBar>

namespace sallyport::shell {

void MainWindow::openProject(const QString &folder)
{
    if (mayLoseChanges())
        m_project.open(folder);
}

void MainWindow::createProject(const QString &folder, int stage, bool importClientCredential)
{
    statusBar()->showMessage(tr("Making the project and its keys…"));
    m_worker.start([this, folder, stage, importClientCredential] {
        const auto made = lab::createFromTemplate(folder.toStdString(), stage, importClientCredential);
        const QString error = made ? QString() : QString::fromStdString(made.error().toString());
        QMetaObject::invokeMethod(
            this,
            [this, folder, error] {
                statusBar()->clearMessage();
                if (error.isEmpty())
                    m_project.open(folder);
                else
                    m_notices->show(QStringLiteral("open"), NoticeBar::Kind::Error, error);
            },
            Qt::QueuedConnection);
    });
}

void MainWindow::newProject()
{
    if (!mayLoseChanges())
        return;
    auto *dialog = new NewProjectDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this,
            [this, dialog] { createProject(dialog->folder(), dialog->stage(), dialog->importsClient()); });
    dialog->open();
}

void MainWindow::chooseFolder()
{
    const QString begin =
        m_project.isOpen() ? QFileInfo(m_project.folder()).path() : WindowSettings::projectsFolder();
    const QString folder = QFileDialog::getExistingDirectory(this, tr("Open a folder of Istio YAML"), begin);
    if (!folder.isEmpty())
        openProject(folder);
}

bool MainWindow::save()
{
    if (const auto saved = m_project.save(); !saved) {
        complain(QStringLiteral("save"), saved.error());
        return false;
    }
    m_notices->dismiss(QStringLiteral("save"));
    statusBar()->showMessage(tr("Saved"), 2000);
    return true;
}

MainWindow::SaveChoice MainWindow::askToSave()
{
    QMessageBox box(QMessageBox::Question, tr("Unsaved changes"),
                    tr("“%1” has changes that are not saved.").arg(m_project.title()),
                    QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel, this);
    QStringList files;
    for (const model::FileChange &change : m_project.unsavedChanges())
        files.append(QString::fromStdString(change.path));
    box.setInformativeText(files.join(QLatin1Char('\n')));
    box.setDefaultButton(QMessageBox::Save);
    switch (box.exec()) {
    case QMessageBox::Save:
        return SaveChoice::Save;
    case QMessageBox::Discard:
        return SaveChoice::Discard;
    default:
        return SaveChoice::Cancel;
    }
}

bool MainWindow::mayLoseChanges()
{
    if (!m_project.isModified())
        return true;
    switch (m_saveQuestion()) {
    case SaveChoice::Save:
        return save();
    case SaveChoice::Discard:
        return true;
    case SaveChoice::Cancel:
        return false;
    }
    return false;
}

void MainWindow::changeStage(int stage)
{
    if (const auto changed = m_project.setStage(stage); !changed)
        complain(QStringLiteral("stage"), changed.error());
    updateActions();
}

/// The partner's three files, as the guide's prerequisite leaves them, come to the import.
void MainWindow::importClient()
{
    m_worker.start([this, folder = m_project.folder()] {
        const auto partner = lab::preparePartner(folder.toStdString());
        QMetaObject::invokeMethod(
            this,
            [this, folder, partner] {
                if (folder != m_project.folder())
                    return;
                if (!partner) {
                    complain(QStringLiteral("import"), partner.error());
                    return;
                }
                const pki::CredentialFiles &files = partner->clientFiles;
                openImport({QString::fromStdString(files.key), QString::fromStdString(files.certificate),
                            QString::fromStdString(files.ca)},
                           {QStringLiteral("primary"), QStringLiteral("istio-system"),
                            QStringLiteral("test.client")});
            },
            Qt::QueuedConnection);
    });
}

void MainWindow::onLabState(session::LabState state)
{
    updateActions();
    if (state == session::LabState::Failed) {
        m_notices->show(QStringLiteral("lab"), NoticeBar::Kind::Error, m_lab.failure(),
                        {{tr("Show the console"), [this] { showTab(m_console); }},
                         {tr("Stop lab"), [this] { m_lab.stop(); }}});
    } else if (state == session::LabState::Running || state == session::LabState::Stopped) {
        m_notices->dismiss(QStringLiteral("lab"));
        m_notices->dismiss(QStringLiteral("engine"));
        if (state == session::LabState::Stopped)
            m_notices->dismiss(QStringLiteral("applied"));
    }
}

void MainWindow::onApplied(const QStringList &problems)
{
    if (problems.isEmpty()) {
        m_notices->dismiss(QStringLiteral("applied"));
        statusBar()->showMessage(tr("The running lab took the change over"), 3000);
        return;
    }
    QString text = problems.front();
    if (problems.size() > 1)
        text += tr(" (and %1 more)").arg(problems.size() - 1);
    m_notices->show(QStringLiteral("applied"), NoticeBar::Kind::Warning,
                    tr("The lab goes on as it was. %1").arg(text));
}

void MainWindow::onDisk(const QString &file, bool conflict)
{
    if (!conflict) {
        statusBar()->showMessage(tr("%1 was changed by another program and taken over").arg(file), 5000);
        return;
    }
    m_notices->show(QStringLiteral("disk ") + file, NoticeBar::Kind::Warning,
                    tr("Another program changed %1, and it has unsaved changes here.").arg(file),
                    {{tr("Take the other's"),
                      [this, file] {
                          if (const auto taken = m_project.takeFromDisk(file); !taken)
                              complain(QStringLiteral("disk"), taken.error());
                      }},
                     {tr("Keep mine"), [this, file] { m_project.keepMine(file); }}});
}

void MainWindow::onUnsavedWork()
{
    const auto &work = m_project.unsavedWork();
    if (!work) {
        m_notices->dismiss(QStringLiteral("unsaved"));
        return;
    }
    QStringList files;
    for (const model::FileChange &change : work->changes)
        files.append(QString::fromStdString(change.path));
    m_notices->show(
        QStringLiteral("unsaved"), NoticeBar::Kind::Warning,
        tr("Sallyport ended unexpectedly on %1 with unsaved changes to %2.")
            .arg(QLocale().toString(work->when, QLocale::ShortFormat), files.join(QStringLiteral(", "))),
        {{tr("Recover"),
          [this] {
              if (const auto done = m_project.recoverUnsavedWork(); !done)
                  complain(QStringLiteral("unsaved"), done.error());
          }},
         {tr("Discard"), [this] { m_project.discardUnsavedWork(); }}});
}

void MainWindow::complain(const QString &topic, const Error &error)
{
    m_notices->show(topic, NoticeBar::Kind::Error, QString::fromStdString(error.toString()));
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    if (!mayLoseChanges()) {
        event->ignore();
        return;
    }
    rememberWindow();
    event->accept();
    m_project.close();
}

void MainWindow::dragEnterEvent(QDragEnterEvent *event)
{
    const QList<QUrl> urls = event->mimeData()->urls();
    const bool folder = urls.size() == 1 && QFileInfo(urls.front().toLocalFile()).isDir();
    const bool files =
        m_project.isOpen() && !certificates::CertificatesPanel::filesOf(event->mimeData()).isEmpty();
    if (folder || files)
        event->acceptProposedAction();
}

/// A folder is a project; files are keys and certificates.
void MainWindow::dropEvent(QDropEvent *event)
{
    event->acceptProposedAction();
    const QStringList files = certificates::CertificatesPanel::filesOf(event->mimeData());
    if (files.isEmpty())
        openProject(event->mimeData()->urls().front().toLocalFile());
    else
        openImport(files);
}

} // namespace sallyport::shell
