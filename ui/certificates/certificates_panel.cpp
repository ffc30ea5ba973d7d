// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/certificates/certificates_panel.h"

#include "ui/certificates/certificate_delegate.h"
#include "ui/certificates/certificate_detail.h"
#include "ui/certificates/import_panel.h"
#include "ui/theme/empty_state.h"
#include "ui/theme/shown_page.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QListView>
#include <QMenu>
#include <QMimeData>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QUrl>
#include <QVBoxLayout>

namespace sallyport::certificates {

namespace {

using theme::grid;

constexpr int listWidth = 40 * grid;

} // namespace

CertificatesPanel::CertificatesPanel(session::Context &context, CertificateList &list, QAction *import,
                                     QWidget *parent)
    : QWidget(parent)
    , m_context(context)
    , m_list(list)
    , m_changes(context.project)
    , m_importAction(import)
{
    setObjectName(QStringLiteral("certificatesPanel"));
    setAccessibleName(tr("Certificates"));
    setAcceptDrops(true);
    makeActions();
    m_detail = new CertificateDetail(this);
    m_import = new ImportPanel(context.project, this);
    m_right = new QStackedWidget(this);
    m_right->addWidget(m_detail);
    m_right->addWidget(m_import);
    theme::askWidthOfShownPage(*m_right);
    m_splitter = new QSplitter(Qt::Horizontal, this);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(makeLeft());
    m_splitter->addWidget(m_right);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({listWidth, 3 * listWidth});
    m_empty = new theme::EmptyState(this);
    m_empty->setObjectName(QStringLiteral("certificatesEmpty"));
    m_whole = new QStackedWidget(this);
    m_whole->addWidget(m_empty);
    m_whole->addWidget(m_splitter);
    theme::askWidthOfShownPage(*m_whole);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_whole);
    setFocusProxy(m_view);
    connectAll();
    showState();
}

CertificatesPanel::~CertificatesPanel()
{
    m_worker.waitForDone();
}

void CertificatesPanel::makeActions()
{
    const auto make = [this](const char *name, const QString &text, const QString &icon, const QString &tip) {
        auto *action = new QAction(theme::Theme::instance().icon(icon, theme::Role::TextMuted), text, this);
        action->setObjectName(QString::fromLatin1(name));
        action->setToolTip(tip);
        action->setStatusTip(tip);
        addAction(action);
        return action;
    };
    m_remove = make("certificateRemove", tr("Remove the credential"), QStringLiteral("trash"),
                    tr("Take the imported credential out of the project; undo brings it back"));
    m_remove->setShortcut(QKeySequence(QKeySequence::Delete));
    m_remove->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    m_exportTls =
        make("certificateExportTls", tr("Secret with tls.key, tls.crt, ca.crt…"), QStringLiteral("download"),
             tr("Write the manifest of a Secret, private key included"));
    m_exportGeneric =
        make("certificateExportGeneric", tr("Secret with key, cert, cacert…"), QStringLiteral("download"),
             tr("The same with the key names that Istio calls generic"));
    m_exportPkcs12 =
        make("certificateExportPkcs12", tr("PKCS#12 store with a passphrase…"), QStringLiteral("download"),
             tr("Write key, chain and CAs as one file that browsers, Java and Windows import"));
    m_exportPkcs12->setShortcut(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_P));
    m_exportPkcs12->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    m_exportCertificates =
        make("certificateExportPem", tr("Certificates only, as PEM…"), QStringLiteral("certificate"),
             tr("Write the chain and the CAs, without the private key"));
    m_copyKubectl =
        make("certificateCopyKubectl", tr("Copy the kubectl line"), QStringLiteral("copy"),
             tr("Copy `kubectl create secret generic …`, which makes the Secret in a cluster from here"));
    connect(m_remove, &QAction::triggered, this, &CertificatesPanel::removeCurrent);
    connect(m_exportTls, &QAction::triggered, this, [this] { exportCurrent(ExportForm::SecretTls); });
    connect(m_exportGeneric, &QAction::triggered, this, [this] { exportCurrent(ExportForm::SecretGeneric); });
    connect(m_exportPkcs12, &QAction::triggered, this, [this] { exportCurrent(ExportForm::Pkcs12); });
    connect(m_exportCertificates, &QAction::triggered, this,
            [this] { exportCurrent(ExportForm::Certificates); });
    connect(m_copyKubectl, &QAction::triggered, this, &CertificatesPanel::copyKubectlLine);
}

QWidget *CertificatesPanel::makeLeft()
{
    const theme::Theme &theme = theme::Theme::instance();
    auto *left = new QWidget(this);
    left->setMinimumWidth(32 * grid);
    auto *import =
        new QPushButton(theme.icon(QStringLiteral("plus"), theme::Role::AccentText), tr("Import…"), left);
    import->setObjectName(QStringLiteral("certificatesImport"));
    import->setToolTip(m_importAction->toolTip());
    theme::setLook(import, theme::Look::Primary);
    connect(import, &QPushButton::clicked, m_importAction, &QAction::trigger);
    m_export = new QToolButton(left);
    m_export->setObjectName(QStringLiteral("certificatesExport"));
    m_export->setText(tr("Export"));
    m_export->setIcon(theme.icon(QStringLiteral("download"), theme::Role::TextMuted));
    m_export->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_export->setPopupMode(QToolButton::InstantPopup);
    m_export->setToolTip(tr("Write the credential for use elsewhere"));
    auto *menu = new QMenu(m_export);
    menu->addActions(exportActions());
    menu->insertSeparator(m_copyKubectl);
    menu->setToolTipsVisible(true);
    m_export->setMenu(menu);
    auto *remove = new QToolButton(left);
    remove->setDefaultAction(m_remove);
    remove->setToolButtonStyle(Qt::ToolButtonIconOnly);
    remove->setAccessibleName(m_remove->text());
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(2 * grid, grid, grid, grid);
    bar->setSpacing(theme::half);
    bar->addWidget(import);
    bar->addStretch();
    bar->addWidget(m_export);
    bar->addWidget(remove);
    m_view = new QListView(left);
    m_view->setObjectName(QStringLiteral("certificateList"));
    m_view->setAccessibleName(tr("Credentials and certificates"));
    m_view->setModel(&m_list.model());
    m_view->setItemDelegate(new CertificateDelegate(m_view));
    m_view->setMouseTracking(true);
    m_view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_view->setContextMenuPolicy(Qt::CustomContextMenu);
    auto *layout = new QVBoxLayout(left);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(bar);
    layout->addWidget(m_view, 1);
    return left;
}

void CertificatesPanel::connectAll()
{
    using session::ProjectSession;
    connect(m_view->selectionModel(), &QItemSelectionModel::currentChanged, this,
            [this](const QModelIndex &index) {
                showCurrent();
                // What a person chooses is the window's selection; what the list does by itself is not.
                if (m_view->hasFocus() && !m_showing)
                    select(index);
            });
    connect(m_view, &QListView::clicked, this, [this](const QModelIndex &index) {
        if (isImporting() && m_import->draft().isEmpty())
            closeImport();
        select(index);
    });
    connect(m_view, &QListView::customContextMenuRequested, this, &CertificatesPanel::openMenu);
    connect(&m_list, &CertificateList::changing, this, [this] { m_showing = true; });
    connect(&m_list, &CertificateList::changed, this, &CertificatesPanel::showState);
    connect(&m_list.model(), &QAbstractItemModel::dataChanged, this, &CertificatesPanel::showCurrent);
    connect(&m_context.project, &ProjectSession::opened, this, &CertificatesPanel::showState);
    connect(&m_context.project, &ProjectSession::closed, this, [this] {
        m_chosen.reset();
        closeImport();
    });
    connect(&m_context.selection, &session::Selection::changed, this, &CertificatesPanel::followSelection);
    connect(m_detail, &CertificateDetail::useActivated, this,
            [this](const session::SelectedThing &target) { m_context.selection.set(target); });
    connect(m_detail, &CertificateDetail::importRequested, this, [this] { openImport(); });
    connect(m_detail, &CertificateDetail::message, this, &CertificatesPanel::message);
    connect(m_import, &ImportPanel::cancelled, this, [this] {
        closeImport();
        m_view->setFocus();
    });
    connect(m_import, &ImportPanel::accepted, this,
            [this](const pki::CredentialId &id, const pki::Credential &credential) {
                CertificateEntry &chosen = m_chosen.emplace();
                chosen.mesh = QString::fromStdString(id.mesh);
                chosen.nameSpace = QString::fromStdString(id.secretNamespace);
                chosen.name = QString::fromStdString(id.name);
                m_changes.import(id, credential);
                closeImport();
                m_view->setFocus();
            });
    connect(&m_changes, &CredentialChanges::done, this, [this](const QString &name, bool there) {
        const bool running = m_context.lab.isRunning();
        Q_EMIT message(
            there     ? running ? tr("%1 is imported; the running lab takes it over.").arg(name)
                                : tr("%1 is imported.").arg(name)
                : running ? tr("%1 is out of the project; gateways that run keep it until they start again. Undo "
                                   "brings it back.")
                            .arg(name)
                      : tr("%1 is out of the project. Undo brings it back.").arg(name));
    });
    connect(&m_changes, &CredentialChanges::failed, this, &CertificatesPanel::message);
}

void CertificatesPanel::showState()
{
    const bool open = m_context.project.isOpen();
    const bool any = m_list.model().rowCount() > 0;
    if (!open)
        m_empty->set(QStringLiteral("certificate"), tr("No project is open"),
                     tr("The keys and certificates of a project, of its YAML and of its running lab stand "
                        "here, with what they are good for and how long."));
    else if (!any)
        m_empty->set(QStringLiteral("certificate"), tr("No certificate yet"),
                     tr("An egress gateway shows a client certificate where a DestinationRule says MUTUAL. "
                        "Drop a key, its certificate and a CA here, or choose the files. A running lab "
                        "shows the certificates of its workloads here as well."),
                     m_importAction);
    m_whole->setCurrentWidget(open && (any || isImporting()) ? static_cast<QWidget *>(m_splitter) : m_empty);
    m_showing = true;
    const QModelIndex chosen = m_chosen ? m_list.model().indexOf(*m_chosen) : QModelIndex();
    if (chosen.isValid())
        m_view->setCurrentIndex(chosen);
    else if (any)
        m_view->setCurrentIndex(m_list.model().index(0));
    m_showing = false;
    showCurrent();
}

void CertificatesPanel::showCurrent()
{
    const CertificateEntry *entry = current();
    const bool imported = entry && entry->kind == CertificateEntry::Kind::Imported;
    m_remove->setEnabled(imported);
    for (QAction *action : exportActions())
        action->setEnabled(imported && entry->problem.isEmpty());
    m_export->setEnabled(imported && entry->problem.isEmpty());
    if (entry)
        m_detail->setEntry(*entry, m_list.model().now());
}

const CertificateEntry *CertificatesPanel::current() const
{
    return m_list.model().entryAt(m_view->currentIndex());
}

pki::CredentialId CertificatesPanel::currentId() const
{
    const CertificateEntry *entry = current();
    return entry ? pki::CredentialId{entry->mesh.toStdString(), entry->nameSpace.toStdString(),
                                     entry->name.toStdString()}
                 : pki::CredentialId();
}

void CertificatesPanel::select(const QModelIndex &index)
{
    const CertificateEntry *entry = m_list.model().entryAt(index);
    if (!entry)
        return;
    m_chosen = *entry;
    if (!std::holds_alternative<std::monostate>(entry->target))
        m_context.selection.set(entry->target);
}

void CertificatesPanel::followSelection(const session::SelectedThing &thing)
{
    const auto *credential = std::get_if<session::CredentialSelection>(&thing);
    if (!credential)
        return;
    const QModelIndex index = m_list.model().indexOf(*credential);
    if (!index.isValid())
        return;
    m_chosen = *m_list.model().entryAt(index);
    m_view->setCurrentIndex(index);
}

void CertificatesPanel::openImport(const QStringList &files, const session::CredentialSelection &wanted)
{
    if (!m_context.project.isOpen())
        return;
    if (isImporting() && !files.isEmpty() && wanted == session::CredentialSelection()) {
        m_import->addFiles(files);
        return;
    }
    session::CredentialSelection target = wanted;
    const CertificateEntry *entry = current();
    const bool forSelected = entry && entry->kind == CertificateEntry::Kind::Missing &&
                             wanted == session::CredentialSelection() && files.isEmpty();
    if (forSelected)
        target = {entry->mesh, entry->nameSpace, entry->name};
    m_right->setCurrentWidget(m_import);
    m_whole->setCurrentWidget(m_splitter);
    m_import->begin(files, target);
}

bool CertificatesPanel::isImporting() const
{
    return m_right->currentWidget() == m_import;
}

void CertificatesPanel::closeImport()
{
    m_right->setCurrentWidget(m_detail);
    m_import->draft().clear();
    showState();
}

QList<QAction *> CertificatesPanel::certificateActions() const
{
    QList<QAction *> actions = exportActions();
    actions.prepend(m_remove);
    return actions;
}

QList<QAction *> CertificatesPanel::exportActions() const
{
    return {m_exportTls, m_exportGeneric, m_exportPkcs12, m_exportCertificates, m_copyKubectl};
}

void CertificatesPanel::openMenu(const QPoint &position)
{
    QMenu menu(this);
    menu.addAction(m_importAction);
    menu.addSeparator();
    menu.addActions(exportActions());
    menu.addSeparator();
    menu.addAction(m_remove);
    menu.exec(m_view->viewport()->mapToGlobal(position));
}

QStringList CertificatesPanel::filesOf(const QMimeData *data)
{
    QStringList files;
    for (const QUrl &url : data->urls()) {
        const QString path = url.toLocalFile();
        if (!path.isEmpty() && !QFileInfo(path).isDir())
            files.append(path);
    }
    return files;
}

void CertificatesPanel::dragEnterEvent(QDragEnterEvent *event)
{
    if (m_context.project.isOpen() && !filesOf(event->mimeData()).isEmpty())
        event->acceptProposedAction();
}

void CertificatesPanel::dropEvent(QDropEvent *event)
{
    event->acceptProposedAction();
    openImport(filesOf(event->mimeData()));
}

} // namespace sallyport::certificates
