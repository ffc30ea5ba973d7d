// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/new_project_dialog.h"

#include "core/lab/project_template.h"
#include "ui/shell/guide_strip.h"
#include "ui/shell/window_settings.h"
#include "ui/theme/theme.h"

#include <QButtonGroup>
#include <QCheckBox>
#include <QDialogButtonBox>
#include <QDir>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QVBoxLayout>

namespace sallyport::shell {

namespace {

using theme::grid;
using theme::Look;

constexpr int dialogWidth = 72 * grid;
constexpr int usualStage = 4;
constexpr int indicator = 22; ///< what a radio button takes before its text

} // namespace

NewProjectDialog::NewProjectDialog(QWidget *parent)
    : QDialog(parent)
{
    setWindowTitle(tr("New project from the guide"));
    setObjectName(QStringLiteral("newProjectDialog"));
    setFixedWidth(dialogWidth);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(3 * grid, 3 * grid, 3 * grid, 2 * grid);
    layout->setSpacing(grid);
    auto *title = new QLabel(tr("Which stage of the guide?"), this);
    theme::setLook(title, Look::Title);
    layout->addWidget(title);
    m_stages = new QButtonGroup(this);
    const auto addChoice = [&](int stage, const GuideText &guide) {
        auto *choice = new QRadioButton(guide.title, this);
        choice->setObjectName(QStringLiteral("stageChoice%1").arg(stage));
        choice->setFont(theme::Theme::instance().font(theme::TextStyle::Strong));
        choice->setChecked(stage == usualStage);
        m_stages->addButton(choice, stage);
        auto *text = new QLabel(guide.text, this);
        theme::setLook(text, Look::Muted);
        text->setTextFormat(Qt::MarkdownText);
        text->setWordWrap(true);
        text->setContentsMargins(indicator, 0, 0, theme::half);
        layout->addWidget(choice);
        layout->addWidget(text);
    };
    for (int stage = lab::firstStage; stage <= lab::lastStage; ++stage)
        addChoice(stage, guideText(stage));
    addChoice(lab::partnerOnly,
              {tr("Your own way there"),
               tr("Only the partner is there: its gateway, its policy and httpbin. Your mesh, from the "
                  "client to the egress gateway, is made by the route designer (Ctrl+D).")});
    layout->addSpacing(grid);
    auto *folderLabel = new QLabel(tr("&Folder"), this);
    theme::setLook(folderLabel, Look::Caption);
    m_folder = new QLineEdit(freshFolder(WindowSettings::projectsFolder()), this);
    m_folder->setObjectName(QStringLiteral("newFolder"));
    folderLabel->setBuddy(m_folder);
    auto *browse = new QPushButton(tr("&Browse…"), this);
    auto *row = new QHBoxLayout;
    row->setSpacing(grid);
    row->addWidget(m_folder, 1);
    row->addWidget(browse);
    m_complaint = new QLabel(this);
    m_complaint->setObjectName(QStringLiteral("newComplaint"));
    theme::setLook(m_complaint, Look::Warning);
    m_import = new QCheckBox(tr("&Import the client certificate that the partner made"), this);
    m_import->setObjectName(QStringLiteral("newImport"));
    m_import->setChecked(true);
    layout->addWidget(folderLabel);
    layout->addLayout(row);
    layout->addWidget(m_complaint);
    layout->addWidget(m_import);
    layout->addSpacing(grid);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_create = buttons->addButton(tr("Create"), QDialogButtonBox::AcceptRole);
    m_create->setObjectName(QStringLiteral("newCreate"));
    theme::setLook(m_create, Look::Primary);
    m_create->setDefault(true);
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_folder, &QLineEdit::textChanged, this, &NewProjectDialog::check);
    connect(m_stages, &QButtonGroup::idToggled, this, &NewProjectDialog::check);
    connect(browse, &QPushButton::clicked, this, [this] {
        const QString chosen = QFileDialog::getExistingDirectory(this, tr("Where to make the project"),
                                                                 WindowSettings::projectsFolder());
        if (!chosen.isEmpty())
            m_folder->setText(QDir(chosen).isEmpty() ? chosen : freshFolder(chosen));
    });
    check();
}

int NewProjectDialog::stage() const
{
    return m_stages->checkedId();
}

QString NewProjectDialog::folder() const
{
    return QDir::cleanPath(m_folder->text().trimmed());
}

bool NewProjectDialog::importsClient() const
{
    return m_import->isEnabled() && m_import->isChecked();
}

QString NewProjectDialog::freshFolder(const QString &parent)
{
    QString base = parent + QStringLiteral("/egress-mtls");
    if (!QFileInfo::exists(base))
        return base;
    for (int number = 2;; ++number) {
        QString candidate = base + QLatin1Char('-') + QString::number(number);
        if (!QFileInfo::exists(candidate))
            return candidate;
    }
}

void NewProjectDialog::check()
{
    m_import->setEnabled(stage() >= usualStage);
    QString complaint;
    const QFileInfo place(folder());
    if (m_folder->text().trimmed().isEmpty())
        complaint = tr("Name a folder.");
    else if (!place.isAbsolute())
        complaint = tr("Name the folder from the root on: /home/…");
    else if (place.exists() && !place.isDir())
        complaint = tr("This is a file.");
    else if (place.isDir() && !QDir(folder()).isEmpty())
        complaint = tr("This folder is not empty: name a new one.");
    m_complaint->setText(complaint);
    m_complaint->setVisible(!complaint.isEmpty());
    theme::setLook(m_folder, complaint.isEmpty() ? Look::Plain : Look::Warning);
    m_create->setEnabled(complaint.isEmpty());
}

} // namespace sallyport::shell
