// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/certificates/import_panel.h"

#include "ui/certificates/check_list.h"
#include "ui/certificates/import_file_row.h"
#include "ui/certificates/import_target.h"
#include "ui/certificates/state_look.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFileDialog>
#include <QGridLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QSplitter>
#include <QVBoxLayout>

namespace sallyport::certificates {

namespace {

using theme::grid;
using theme::Look;
using Verdict = ImportPlan::Verdict;

constexpr int iconSize = 16;
constexpr int leftWidth = 54 * grid;

} // namespace

ImportPanel::ImportPanel(session::ProjectSession &project, QWidget *parent)
    : QWidget(parent)
    , m_project(project)
    , m_draft(project)
{
    setObjectName(QStringLiteral("importPanel"));
    setAccessibleName(tr("Import a certificate"));
    auto *title = new QLabel(tr("Import a certificate"), this);
    theme::setLook(title, Look::Title);
    auto *left = new QWidget(this);
    auto *leftLayout = new QVBoxLayout(left);
    leftLayout->setContentsMargins(0, 0, grid, 0);
    leftLayout->setSpacing(grid + theme::half);
    leftLayout->addWidget(makeFiles());
    leftLayout->addWidget(makeTarget());
    leftLayout->addStretch();
    m_left = new QScrollArea(this);
    m_left->setWidgetResizable(true);
    m_left->setFrameShape(QFrame::NoFrame);
    m_left->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_left->setMinimumWidth(40 * grid);
    m_left->setWidget(left);
    auto *right = new QWidget(this);
    auto *rightLayout = new QVBoxLayout(right);
    rightLayout->setContentsMargins(2 * grid, 0, 0, 0);
    rightLayout->setSpacing(grid);
    m_checks = new CheckList(right);
    m_checksHint = new QLabel(right);
    m_checksHint->setObjectName(QStringLiteral("importChecksHint"));
    theme::setLook(m_checksHint, Look::Faint);
    m_checksHint->setWordWrap(true);
    m_checksHint->setAlignment(Qt::AlignTop);
    rightLayout->addWidget(m_checksHint, 1);
    rightLayout->addWidget(m_checks, 1);
    rightLayout->addWidget(makeVerdict());
    auto *splitter = new QSplitter(Qt::Horizontal, this);
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(m_left);
    splitter->addWidget(right);
    splitter->setStretchFactor(0, 0);
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({leftWidth, leftWidth});
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * grid, grid + theme::half, 2 * grid, grid);
    layout->setSpacing(grid);
    layout->addWidget(title);
    layout->addWidget(splitter, 1);

    connect(&m_draft, &ImportDraft::changed, this, [this] { m_import->setEnabled(false); });
    connect(&m_draft, &ImportDraft::planned, this, &ImportPanel::showPlan);
    connect(&theme::Theme::instance(), &theme::Theme::changed, this, &ImportPanel::showPlan);
    showPlan();
}

QWidget *ImportPanel::makeFiles()
{
    auto *box = new QWidget(this);
    m_dropHint = new QLabel(
        tr("Drop the files here, or choose them: the private key, its certificate and the CA, in any order "
           "and under any names (client.key.pem, clientcert.pem, cacert.pem; tls.key, tls.crt, ca.crt; "
           "key, cert, cacert), a PKCS#12 store, DER, or the manifest of a Secret."),
        box);
    theme::setLook(m_dropHint, Look::Muted);
    m_dropHint->setWordWrap(true);
    m_rows = new QVBoxLayout;
    m_rows->setSpacing(theme::half);
    m_add = new QPushButton(tr("&Choose files…"), box);
    m_add->setObjectName(QStringLiteral("importChoose"));
    m_add->setIcon(theme::Theme::instance().icon(QStringLiteral("folder"), theme::Role::TextMuted));
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(grid);
    layout->addWidget(m_dropHint);
    layout->addLayout(m_rows);
    layout->addWidget(m_add, 0, Qt::AlignLeft);
    connect(m_add, &QPushButton::clicked, this, &ImportPanel::chooseFiles);
    return box;
}

QWidget *ImportPanel::makeTarget()
{
    auto *box = new QWidget(this);
    auto *grid2 = new QGridLayout(box);
    grid2->setContentsMargins(0, 0, 0, 0);
    grid2->setHorizontalSpacing(grid);
    grid2->setVerticalSpacing(theme::half);
    const auto add = [&](int row, int column, int span, const QString &text, QWidget *field) {
        auto *label = new QLabel(text, box);
        label->setBuddy(field);
        theme::setLook(label, Look::Muted);
        grid2->addWidget(label, row, column, 1, span);
        grid2->addWidget(field, row + 1, column, 1, span);
    };
    m_name = new QLineEdit(box);
    m_name->setObjectName(QStringLiteral("importName"));
    theme::setLook(m_name, Look::Mono);
    m_name->setToolTip(tr("The name that a DestinationRule or Gateway gives as credentialName"));
    m_use = new QComboBox(box);
    m_use->setObjectName(QStringLiteral("importUse"));
    m_use->addItem(tr("a client: it calls out"), static_cast<int>(pki::CredentialUse::Client));
    m_use->addItem(tr("a server: it takes requests"), static_cast<int>(pki::CredentialUse::Server));
    m_use->setToolTip(tr("What the credential is judged for"));
    m_mesh = new QComboBox(box);
    m_mesh->setObjectName(QStringLiteral("importMesh"));
    m_nameSpace = new QComboBox(box);
    m_nameSpace->setObjectName(QStringLiteral("importNamespace"));
    m_nameSpace->setEditable(true);
    m_nameSpace->setToolTip(tr("The namespace of the gateway that uses it: Istio looks there only"));
    add(0, 0, 1, tr("credential&Name"), m_name);
    add(0, 1, 1, tr("&Judged as"), m_use);
    add(2, 0, 1, tr("&Mesh"), m_mesh);
    add(2, 1, 1, tr("Name&space"), m_nameSpace);
    grid2->setColumnStretch(0, 1);
    grid2->setColumnStretch(1, 1);
    connect(m_name, &QLineEdit::textEdited, &m_draft, &ImportDraft::setName);
    connect(m_mesh, &QComboBox::textActivated, &m_draft, &ImportDraft::setMesh);
    connect(m_nameSpace, &QComboBox::textActivated, &m_draft, &ImportDraft::setNameSpace);
    connect(m_nameSpace->lineEdit(), &QLineEdit::textEdited, &m_draft, &ImportDraft::setNameSpace);
    connect(m_use, &QComboBox::activated, this, [this](int index) {
        m_draft.setUse(static_cast<pki::CredentialUse>(m_use->itemData(index).toInt()));
    });
    return box;
}

QWidget *ImportPanel::makeVerdict()
{
    auto *box = new QWidget(this);
    m_verdictIcon = new QLabel(box);
    m_verdictIcon->setFixedWidth(iconSize);
    m_verdict = new QLabel(box);
    m_verdict->setObjectName(QStringLiteral("importVerdict"));
    m_verdict->setWordWrap(true);
    m_anyway = new QCheckBox(tr("Import it &all the same"), box);
    m_anyway->setObjectName(QStringLiteral("importAnyway"));
    m_anyway->setToolTip(tr("To see in the lab what the fault does"));
    auto *cancel = new QPushButton(tr("Cancel"), box);
    cancel->setObjectName(QStringLiteral("importCancel"));
    m_import = new QPushButton(tr("&Import"), box);
    m_import->setObjectName(QStringLiteral("importAccept"));
    theme::setLook(m_import, Look::Primary);
    auto *words = new QHBoxLayout;
    words->setSpacing(grid);
    words->addWidget(m_verdictIcon);
    words->addWidget(m_verdict, 1);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(grid);
    buttons->addWidget(m_anyway);
    buttons->addStretch();
    buttons->addWidget(cancel);
    buttons->addWidget(m_import);
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::half);
    layout->addLayout(words);
    layout->addLayout(buttons);
    connect(cancel, &QPushButton::clicked, this, &ImportPanel::cancelled);
    connect(m_import, &QPushButton::clicked, this, &ImportPanel::accept);
    connect(m_anyway, &QCheckBox::toggled, this, &ImportPanel::showPlan);
    return box;
}

void ImportPanel::begin(const QStringList &files, const session::CredentialSelection &wanted)
{
    m_anyway->setChecked(false);
    m_draft.begin(wanted);
    showFiles();
    if (!files.isEmpty())
        addFiles(files);
    m_left->verticalScrollBar()->setValue(0);
    if (files.isEmpty())
        m_add->setFocus();
    else
        m_name->setFocus();
}

void ImportPanel::addFiles(const QStringList &files)
{
    m_draft.addFiles(files);
    showFiles();
}

void ImportPanel::chooseFiles()
{
    auto *dialog = new QFileDialog(this, tr("Choose the key, its certificate and the CA"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFiles);
    dialog->setNameFilters({tr("Keys, certificates, stores, Secrets (*.pem *.key *.crt *.cer *.cert *.der "
                               "*.p12 *.pfx *.yaml *.yml *.json key cert cacert)"),
                            tr("All files (*)")});
    connect(dialog, &QFileDialog::filesSelected, this, &ImportPanel::addFiles);
    dialog->open();
}

ImportFileRow *ImportPanel::rowOf(const QString &path) const
{
    for (int i = 0; i < m_rows->count(); ++i) {
        auto *row = qobject_cast<ImportFileRow *>(m_rows->itemAt(i)->widget());
        if (row && row->path() == path)
            return row;
    }
    return nullptr;
}

/// Rows come and go with their files; one that stays keeps the focus and what is typed in it.
void ImportPanel::showFiles()
{
    const QStringList &paths = m_draft.request().paths;
    for (int i = m_rows->count() - 1; i >= 0; --i) {
        auto *row = qobject_cast<ImportFileRow *>(m_rows->itemAt(i)->widget());
        if (row && !paths.contains(row->path())) {
            m_rows->removeWidget(row);
            row->hide();
            row->deleteLater();
        }
    }
    for (const QString &path : paths) {
        if (rowOf(path))
            continue;
        auto *row = new ImportFileRow(path, this);
        connect(row, &ImportFileRow::removeRequested, this, [this, path] {
            m_draft.removeFile(path);
            showFiles();
        });
        connect(row, &ImportFileRow::passphraseChanged, this,
                [this, path](const QString &passphrase) { m_draft.setPassphrase(path, passphrase); });
        m_rows->addWidget(row);
    }
    m_dropHint->setVisible(paths.isEmpty());
    m_add->setText(paths.isEmpty() ? tr("&Choose files…") : tr("&Add files…"));
    // The keyboard goes from the files to the name, to the checks, to the buttons.
    QWidget *last = m_add;
    for (QWidget *next : {static_cast<QWidget *>(m_name), static_cast<QWidget *>(m_use),
                          static_cast<QWidget *>(m_mesh), static_cast<QWidget *>(m_nameSpace),
                          static_cast<QWidget *>(m_checks), static_cast<QWidget *>(m_anyway)}) {
        setTabOrder(last, next);
        last = next;
    }
}

void ImportPanel::showTarget()
{
    const ImportPlan &plan = m_draft.plan();
    if (!m_name->hasFocus() || m_name->text().isEmpty())
        m_name->setText(plan.target.name);
    const bool named = plan.target.name.isEmpty() || isSecretName(plan.target.name);
    theme::setLook(m_name, named ? Look::Mono : Look::Bad);
    const QSignalBlocker meshBlocker(m_mesh);
    const QSignalBlocker nameSpaceBlocker(m_nameSpace);
    QStringList meshes;
    QStringList nameSpaces;
    if (const session::ProjectPtr project = m_project.project()) {
        for (const model::Mesh &mesh : project->meshes) {
            meshes.append(QString::fromStdString(mesh.name));
            if (meshes.back() == plan.target.mesh)
                nameSpaces = gatewayNamespaces(mesh);
        }
    }
    m_mesh->clear();
    m_mesh->addItems(meshes);
    m_mesh->setCurrentText(plan.target.mesh);
    if (!m_nameSpace->lineEdit()->hasFocus()) {
        m_nameSpace->clear();
        m_nameSpace->addItems(nameSpaces);
        m_nameSpace->setEditText(plan.target.nameSpace);
    }
    m_use->setCurrentIndex(m_use->findData(static_cast<int>(plan.use)));
}

void ImportPanel::showPlan()
{
    const ImportPlan &plan = m_draft.plan();
    showFiles();
    for (const ImportFile &file : plan.files) {
        if (ImportFileRow *row = rowOf(file.path))
            row->show(file);
    }
    showTarget();
    m_checks->setChecks(plan.checks);
    m_checks->setVisible(!plan.checks.isEmpty());
    m_checksHint->setVisible(plan.checks.isEmpty());
    m_checksHint->setText(
        tr("Nothing is stored before it was looked at: whether the key belongs to the certificate, the "
           "chain leads to the CA, the time is right, the names and the SPIFFE identity, the extended key "
           "usage and the strength of the key."));
    const bool doubtful = plan.verdict == Verdict::Doubtful;
    m_anyway->setVisible(doubtful);
    const bool good = plan.verdict == Verdict::Good;
    m_import->setEnabled(good || (doubtful && m_anyway->isChecked()));
    m_import->setText(plan.replaces ? tr("&Replace") : tr("&Import"));
    const bool clean = good && plan.count(pki::CheckOutcome::Warning) == 0;
    const StateLook look = plan.verdict == Verdict::Nothing
                               ? StateLook{theme::Role::TextFaint, QStringLiteral("info")}
                               : lookOf(clean  ? pki::CheckOutcome::Passed
                                        : good ? pki::CheckOutcome::Warning
                                               : pki::CheckOutcome::Failed);
    m_verdictIcon->setPixmap(theme::Theme::instance()
                                 .icon(look.icon, look.role)
                                 .pixmap(QSize(iconSize, iconSize), devicePixelRatioF()));
    m_verdict->setText(plan.summary);
    // The first file that waits for a passphrase gets the keys, unless the person is at work elsewhere.
    const QWidget *focus = focusWidget();
    if (!isAncestorOf(focus) || (focus != m_name && focus != m_add))
        return;
    for (const ImportFile &file : plan.files) {
        ImportFileRow *row = rowOf(file.path);
        if (row && row->wantsPassphrase()) {
            row->focusPassphrase();
            m_left->ensureWidgetVisible(row);
            return;
        }
    }
}

void ImportPanel::accept()
{
    const ImportPlan &plan = m_draft.plan();
    if (!m_draft.isCurrent() || !plan.credential)
        return;
    const pki::CredentialId id{plan.target.mesh.toStdString(), plan.target.nameSpace.toStdString(),
                               plan.target.name.toStdString()};
    Q_EMIT accepted(id, *plan.credential);
}

void ImportPanel::keyPressEvent(QKeyEvent *event)
{
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (event->key() == Qt::Key_Escape)
        Q_EMIT cancelled();
    else if (enter && m_import->isEnabled())
        accept();
    else
        QWidget::keyPressEvent(event);
}

} // namespace sallyport::certificates
