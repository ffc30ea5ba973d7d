// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/project/project_panel.h"

#include "ui/editor/kinds.h"
#include "ui/project/resource_changes.h"
#include "ui/project/tree_delegate.h"
#include "ui/theme/empty_state.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QScopedValueRollback>
#include <QStackedWidget>
#include <QToolButton>
#include <QTreeView>

namespace sallyport::project {

namespace {

using theme::grid;

constexpr int indentation = 14;
constexpr const char *hosts = ".sallyport/hosts";
constexpr const char *checks = ".sallyport/expectations.yaml";

} // namespace

ProjectPanel::ProjectPanel(session::Context &context, problems::FindingList &findings, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
    , m_findings(findings)
{
    setObjectName(QStringLiteral("projectPanel"));
    m_filter.setSourceModel(&m_model);
    m_tree = new QTreeView(this);
    m_tree->setObjectName(QStringLiteral("projectTree"));
    m_tree->setModel(&m_filter);
    m_tree->setItemDelegate(new TreeDelegate(m_tree));
    m_tree->setHeaderHidden(true);
    m_tree->setIndentation(indentation);
    m_tree->setUniformRowHeights(true);
    m_tree->setAccessibleName(tr("Project"));
    m_tree->setContextMenuPolicy(Qt::CustomContextMenu);
    m_tree->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_empty = new theme::EmptyState(this);
    m_pages = new QStackedWidget(this);
    m_pages->addWidget(m_tree);
    m_pages->addWidget(m_empty);
    makeActions();
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(makeHead());
    auto *pages = new QHBoxLayout;
    pages->setContentsMargins(grid, 0, 0, 0);
    pages->addWidget(m_pages);
    layout->addLayout(pages, 1);
    setFocusProxy(m_tree);

    connect(&m_filter, &QAbstractItemModel::rowsInserted, this,
            [this](const QModelIndex &into) { m_tree->expandRecursively(into); });
    connect(m_tree->selectionModel(), &QItemSelectionModel::currentChanged, this, &ProjectPanel::choose);
    connect(m_tree, &QTreeView::activated, this, [this] { m_yaml->trigger(); });
    connect(m_tree, &QTreeView::customContextMenuRequested, this, &ProjectPanel::openMenu);
    connect(&findings, &problems::FindingList::changed, this, &ProjectPanel::refresh);
    using session::ProjectSession;
    for (const auto signal : {&ProjectSession::projectChanged, &ProjectSession::textsChanged,
                              &ProjectSession::opened, &ProjectSession::closed})
        connect(&context.project, signal, this, &ProjectPanel::refresh);
    connect(&context.selection, &session::Selection::changed, this, &ProjectPanel::follow);
    connect(&theme::Theme::instance(), &theme::Theme::changed, m_tree->viewport(),
            qOverload<>(&QWidget::update));
    refresh();
}

void ProjectPanel::makeActions()
{
    const theme::Theme &theme = theme::Theme::instance();
    const auto make = [&](const char *name, const QString &text, const QString &icon, const QKeySequence &key,
                          const QString &tip) {
        auto *action = new QAction(theme.icon(icon, theme::Role::TextMuted), text, this);
        action->setObjectName(QString::fromLatin1(name));
        action->setShortcut(key);
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        action->setToolTip(tip);
        action->setStatusTip(tip);
        m_tree->addAction(action);
        return action;
    };
    m_yaml = make("projectYaml", tr("Show in YAML"), QStringLiteral("file"), {}, tr("Show the text of it"));
    m_delete = make("projectDelete", tr("Delete"), QStringLiteral("trash"), QKeySequence(Qt::Key_Delete),
                    tr("Take it out of its file; Undo brings it back"));
    connect(m_yaml, &QAction::triggered, this, [this] {
        if (const TreeNode *node = current(); node && node->where)
            Q_EMIT yamlWanted(*node->where);
    });
    connect(m_delete, &QAction::triggered, this, &ProjectPanel::remove);
}

QWidget *ProjectPanel::makeHead()
{
    const theme::Theme &theme = theme::Theme::instance();
    auto *head = new QWidget(this);
    auto *title = new QLabel(tr("PROJECT"), head);
    theme::setLook(title, theme::Look::Caption);
    m_new = new QToolButton(head);
    m_new->setObjectName(QStringLiteral("projectNew"));
    m_new->setIcon(theme.icon(QStringLiteral("plus"), theme::Role::TextMuted));
    m_new->setToolTip(tr("New resource"));
    m_new->setAccessibleName(tr("New resource"));
    m_new->setPopupMode(QToolButton::InstantPopup);
    m_newMenu = new QMenu(m_new);
    m_new->setMenu(m_newMenu);
    connect(m_newMenu, &QMenu::aboutToShow, this, [this] {
        m_newMenu->clear();
        fillNewMenu(*m_newMenu);
    });
    m_words = new QLineEdit(head);
    m_words->setObjectName(QStringLiteral("projectFilter"));
    m_words->setPlaceholderText(tr("Filter"));
    m_words->setAccessibleName(tr("Filter the project"));
    m_words->setClearButtonEnabled(true);
    m_words->addAction(theme.icon(QStringLiteral("filter"), theme::Role::TextFaint),
                       QLineEdit::LeadingPosition);
    connect(m_words, &QLineEdit::textChanged, this, [this](const QString &words) {
        m_filter.setWords(words);
        m_tree->expandAll();
        showState();
        follow();
    });
    auto *row = new QHBoxLayout;
    row->addWidget(title, 1);
    row->addWidget(m_new);
    auto *layout = new QVBoxLayout(head);
    layout->setContentsMargins(2 * grid, grid, grid, grid);
    layout->setSpacing(theme::half);
    layout->addLayout(row);
    layout->addWidget(m_words);
    return head;
}

void ProjectPanel::focusFilter()
{
    m_words->setFocus();
    m_words->selectAll();
}

void ProjectPanel::refresh()
{
    const session::ProjectPtr project = m_context.project.project();
    {
        // Rows that go take the current one with them: that is nobody's choice.
        const QScopedValueRollback marking(m_marking, true);
        m_model.setTree(project ? treeOf(*project, m_context.project.settings(), m_findings.all())
                                : std::vector<TreeNode>());
    }
    m_new->setEnabled(project != nullptr);
    showState();
    follow();
}

void ProjectPanel::showState()
{
    const bool open = m_context.project.isOpen();
    m_words->setEnabled(open);
    m_pages->setCurrentIndex(m_filter.rowCount() > 0 ? 0 : 1);
    if (!open)
        m_empty->set(QStringLiteral("folder"), tr("No project is open"),
                     tr("Its meshes and resources show here."));
    else if (m_model.rowCount() > 0)
        m_empty->set(QStringLiteral("filter"), tr("Nothing matches"), tr("No resource has these words."));
    else
        m_empty->set(QStringLiteral("file"), tr("No YAML yet"),
                     tr("Put Istio YAML into the folder, one sub folder a mesh, and it shows here."));
}

/// Marks what is selected elsewhere.
void ProjectPanel::follow()
{
    const auto *selected = m_context.selection.as<session::ResourceSelection>();
    if (selected)
        m_wanted = *selected;
    if (m_wanted)
        showResource(*m_wanted);
}

void ProjectPanel::showResource(const session::ResourceSelection &where)
{
    m_wanted = where;
    const QModelIndex index = m_filter.mapFromSource(m_model.indexOf(where));
    if (!index.isValid() || index == m_tree->currentIndex())
        return;
    const QScopedValueRollback marking(m_marking, true);
    m_tree->setCurrentIndex(index);
    m_tree->scrollTo(index);
}

void ProjectPanel::choose(const QModelIndex &index)
{
    const TreeNode *node = m_model.nodeAt(m_filter.mapToSource(index));
    m_yaml->setEnabled(node && node->where);
    m_delete->setEnabled(node && node->where);
    if (m_marking || !node || !node->where)
        return;
    m_wanted = *node->where;
    m_context.selection.set(*node->where);
}

const TreeNode *ProjectPanel::current() const
{
    return m_model.nodeAt(m_filter.mapToSource(m_tree->currentIndex()));
}

void ProjectPanel::openMenu(const QPoint &place)
{
    const QModelIndex index = m_tree->indexAt(place);
    if (index.isValid())
        m_tree->setCurrentIndex(index);
    QMenu menu(this);
    menu.addAction(m_yaml);
    fillNewMenu(*menu.addMenu(m_new->icon(), tr("New")));
    menu.addSeparator();
    menu.addAction(m_delete);
    menu.exec(m_tree->viewport()->mapToGlobal(place));
}

void ProjectPanel::fillNewMenu(QMenu &menu)
{
    for (const editor::Kind &kind : editor::kinds()) {
        if (!kind.skeleton.isEmpty())
            menu.addAction(kind.name, this, [this, kind] { make(kind); });
    }
    menu.addSeparator();
    for (const char *path : {hosts, checks}) {
        QAction *action =
            menu.addAction(path == hosts ? tr("Names of the lab (hosts)") : tr("Checks (expectations.yaml)"),
                           this, [this, path] { makeSettings(path); });
        action->setEnabled(!m_context.project.text(path));
    }
}

void ProjectPanel::make(const editor::Kind &kind)
{
    const session::ProjectPtr project = m_context.project.project();
    if (!project)
        return;
    const TreeNode *near = current();
    QString mesh = near ? near->mesh : QString();
    if (mesh.isEmpty())
        mesh = project->meshes.empty() ? QStringLiteral("primary")
                                       : QString::fromStdString(project->meshes.front().name);
    const QString nameSpace =
        near && !near->nameSpace.isEmpty() ? near->nameSpace : QStringLiteral("default");
    const NewResource made = newResource(*project, m_context.project.files(), kind, mesh, nameSpace);
    m_context.project.endMerging();
    if (const auto done = m_context.project.apply(tr("new %1").arg(kind.name), made.changes); !done) {
        Q_EMIT message(QString::fromStdString(done.error().toString()));
        return;
    }
    m_context.selection.set(made.where);
    Q_EMIT yamlWanted(made.where);
    Q_EMIT message(tr("%1 %2 is in %3").arg(kind.name, made.name, made.where.file));
}

void ProjectPanel::makeSettings(const std::string &path)
{
    m_context.project.endMerging();
    if (const auto done =
            m_context.project.apply(tr("new %1").arg(QString::fromStdString(path)), newSettingsFile(path));
        !done) {
        Q_EMIT message(QString::fromStdString(done.error().toString()));
        return;
    }
    const session::ResourceSelection where{QString::fromStdString(path), 0, -1, {}};
    m_context.selection.set(where);
    Q_EMIT yamlWanted(where);
}

void ProjectPanel::remove()
{
    const TreeNode *node = current();
    if (!node || !node->where)
        return;
    const bool wholeFile =
        node->kind == TreeNode::Kind::BrokenFile || node->kind == TreeNode::Kind::SettingsFile;
    const QString what = node->spoken().section(QLatin1Char(','), 0, 0);
    std::vector<model::SourceFile> files = m_context.project.files();
    if (node->kind == TreeNode::Kind::SettingsFile)
        files = m_context.project.settings();
    const auto changes = deleteResource(files, *node->where, wholeFile);
    m_context.project.endMerging();
    const Result<void> done =
        changes ? m_context.project.apply(tr("delete %1").arg(what), *changes) : fail(changes.error());
    if (!done)
        Q_EMIT message(QString::fromStdString(done.error().toString()));
    else
        Q_EMIT message(tr("%1 is deleted; Undo brings it back").arg(what));
}

} // namespace sallyport::project
