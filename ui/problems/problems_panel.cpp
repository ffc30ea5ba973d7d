// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/problems/problems_panel.h"

#include "ui/problems/problem_delegate.h"
#include "ui/theme/empty_state.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

namespace sallyport::problems {

namespace {

constexpr int rowHeight = 3 * theme::grid;
constexpr model::Severity severities[] = {model::Severity::Error, model::Severity::Warning,
                                          model::Severity::Information};

theme::Role roleOf(model::Severity severity)
{
    return severity == model::Severity::Error     ? theme::Role::Bad
           : severity == model::Severity::Warning ? theme::Role::Warning
                                                  : theme::Role::Accent;
}

} // namespace

ProblemsPanel::ProblemsPanel(session::Context &context, FindingList &findings, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
    , m_findings(findings)
{
    setObjectName(QStringLiteral("problemsPanel"));
    setAccessibleName(tr("Problems"));
    makeActions();
    m_filter.setSourceModel(&m_model);

    m_table = new QTableView(this);
    m_table->setObjectName(QStringLiteral("problemTable"));
    m_table->setAccessibleName(tr("Problems of the project"));
    m_table->setModel(&m_filter);
    m_table->setItemDelegate(new ProblemDelegate(m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setTabKeyNavigation(false);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(ProblemTableModel::SeverityColumn, Qt::AscendingOrder);
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_table->verticalHeader()->setDefaultSectionSize(rowHeight);
    QHeaderView *header = m_table->horizontalHeader();
    header->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    header->setHighlightSections(false);
    header->setSectionResizeMode(ProblemTableModel::MessageColumn, QHeaderView::Stretch);
    header->resizeSection(ProblemTableModel::SeverityColumn, 12 * theme::grid);
    header->resizeSection(ProblemTableModel::CodeColumn, 11 * theme::grid);
    header->resizeSection(ProblemTableModel::ResourceColumn, 26 * theme::grid);
    header->resizeSection(ProblemTableModel::PlaceColumn, 28 * theme::grid);

    m_empty = new theme::EmptyState(this);
    m_stack = new QStackedWidget(this);
    m_stack->addWidget(m_table);
    m_stack->addWidget(m_empty);
    m_detail = makeDetail();

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(makeBar());
    layout->addWidget(m_stack, 1);
    layout->addWidget(m_detail);

    connect(m_table, &QTableView::activated, this, &ProblemsPanel::activate);
    connect(m_table, &QTableView::customContextMenuRequested, this, &ProblemsPanel::openMenu);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            &ProblemsPanel::showDetail);
    connect(&m_filter, &QAbstractItemModel::rowsInserted, this, &ProblemsPanel::showState);
    connect(&m_filter, &QAbstractItemModel::rowsRemoved, this, &ProblemsPanel::showState);
    connect(&m_filter, &QAbstractItemModel::layoutChanged, this, &ProblemsPanel::showState);
    connect(&findings, &FindingList::changed, this, &ProblemsPanel::refresh);
    connect(&context.project, &session::ProjectSession::opened, this, &ProblemsPanel::showState);
    connect(&context.project, &session::ProjectSession::closed, this, &ProblemsPanel::showState);
    connect(&theme::Theme::instance(), &theme::Theme::changed, this, &ProblemsPanel::showDetail);
    refresh();
}

void ProblemsPanel::makeActions()
{
    const auto make = [this](const char *name, const QString &text, const QString &icon,
                             const QKeySequence &key, const QString &tip) {
        auto *action = new QAction(theme::Theme::instance().icon(icon, theme::Role::TextMuted), text, this);
        action->setObjectName(QString::fromLatin1(name));
        action->setShortcut(key);
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        action->setToolTip(tip);
        addAction(action);
        return action;
    };
    m_show = make("problemShow", tr("Show in YAML"), QStringLiteral("file"), {},
                  tr("Open the place in the editor"));
    m_next = make("problemNext", tr("Next problem"), QStringLiteral("chevron-down"), QKeySequence(Qt::Key_F8),
                  tr("Go to the next problem"));
    m_previous = make("problemPrevious", tr("Previous problem"), QStringLiteral("chevron-up"),
                      QKeySequence(Qt::SHIFT | Qt::Key_F8), tr("Go to the problem before"));
    // From the editor one problem leads to the next as well.
    m_next->setShortcutContext(Qt::WindowShortcut);
    m_previous->setShortcutContext(Qt::WindowShortcut);
    m_copy = make("problemCopy", tr("Copy"), QStringLiteral("copy"), QKeySequence(QKeySequence::Copy),
                  tr("Copy the problem as one line"));
    connect(m_show, &QAction::triggered, this, &ProblemsPanel::activate);
    connect(m_next, &QAction::triggered, this, [this] { step(1); });
    connect(m_previous, &QAction::triggered, this, [this] { step(-1); });
    connect(m_copy, &QAction::triggered, this, [this] {
        const Finding *finding = current();
        if (!finding)
            return;
        QString line = finding->place().isEmpty() ? QString() : finding->place() + QStringLiteral(": ");
        line += severityWord(finding->severity).toLower() + QLatin1Char(' ') + finding->code +
                QStringLiteral(": ") + finding->message;
        QGuiApplication::clipboard()->setText(
            finding->hint.isEmpty() ? line : line + QStringLiteral(" (%1)").arg(finding->hint));
        Q_EMIT message(tr("Copied"));
    });
}

QList<QAction *> ProblemsPanel::problemActions() const
{
    return {m_next, m_previous, m_show, m_copy};
}

QWidget *ProblemsPanel::makeBar()
{
    auto *bar = new QWidget(this);
    auto *layout = new QHBoxLayout(bar);
    layout->setContentsMargins(2 * theme::grid, theme::grid, 2 * theme::grid, theme::grid);
    layout->setSpacing(theme::grid);
    m_words = new QLineEdit(bar);
    m_words->setObjectName(QStringLiteral("problemFilter"));
    m_words->setPlaceholderText(tr("Filter by words, a code, a resource or a file"));
    m_words->setAccessibleName(tr("Filter problems"));
    m_words->setClearButtonEnabled(true);
    layout->addWidget(m_words, 1);
    for (const model::Severity severity : severities) {
        auto *toggle = new QToolButton(bar);
        toggle->setObjectName(QStringLiteral("problemToggle%1").arg(static_cast<int>(severity)));
        toggle->setCheckable(true);
        toggle->setChecked(true);
        toggle->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        toggle->setIcon(theme::Theme::instance().icon(severityIcon(severity), roleOf(severity)));
        toggle->setIconSize({14, 14});
        theme::setLook(toggle, theme::Look::Chip);
        layout->addWidget(toggle);
        m_toggles[static_cast<int>(severity)] = toggle;
        connect(toggle, &QToolButton::toggled, this, [this, severity](bool shown) {
            m_filter.setShown(severity, shown);
            showState();
        });
    }
    connect(m_words, &QLineEdit::textChanged, this, [this](const QString &words) {
        m_filter.setWords(words);
        showState();
    });
    return bar;
}

QWidget *ProblemsPanel::makeDetail()
{
    auto *detail = new QWidget(this);
    detail->setObjectName(QStringLiteral("problemDetail"));
    auto *layout = new QHBoxLayout(detail);
    layout->setContentsMargins(2 * theme::grid, theme::grid, 2 * theme::grid, theme::grid);
    layout->setSpacing(theme::grid);
    m_detailIcon = new QLabel(detail);
    m_detailIcon->setFixedSize(16, 16);
    m_detailText = new QLabel(detail);
    m_detailText->setWordWrap(true);
    m_detailText->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_detailHint = new QLabel(detail);
    m_detailHint->setWordWrap(true);
    theme::setLook(m_detailHint, theme::Look::Muted);
    auto *texts = new QVBoxLayout;
    texts->setSpacing(2);
    texts->addWidget(m_detailText);
    texts->addWidget(m_detailHint);
    m_buttons = new QHBoxLayout;
    m_buttons->setSpacing(theme::grid);
    layout->addWidget(m_detailIcon, 0, Qt::AlignTop);
    layout->addLayout(texts, 1);
    layout->addLayout(m_buttons);
    return detail;
}

void ProblemsPanel::focusFilter()
{
    m_words->setFocus(Qt::ShortcutFocusReason);
    m_words->selectAll();
}

void ProblemsPanel::refresh()
{
    m_model.setFindings(m_findings.all());
    showState();
    showDetail();
}

void ProblemsPanel::showState()
{
    const int errors = m_findings.count(model::Severity::Error);
    const int warnings = m_findings.count(model::Severity::Warning);
    const int notes = m_findings.count(model::Severity::Information);
    const QString names[] = {errors == 1 ? tr("1 error") : tr("%1 errors").arg(errors),
                             warnings == 1 ? tr("1 warning") : tr("%1 warnings").arg(warnings),
                             notes == 1 ? tr("1 note") : tr("%1 notes").arg(notes)};
    for (const model::Severity severity : severities) {
        QToolButton *toggle = m_toggles[static_cast<int>(severity)];
        const QString &name = names[static_cast<int>(severity)];
        toggle->setText(name);
        toggle->setAccessibleName(name);
        toggle->setToolTip(toggle->isChecked() ? tr("Hide them") : tr("Show them"));
    }
    const bool any = m_filter.rowCount() > 0;
    m_stack->setCurrentWidget(any ? static_cast<QWidget *>(m_table) : m_empty);
    m_next->setEnabled(any);
    m_previous->setEnabled(any);
    if (!m_context.project.isOpen())
        m_empty->set(QStringLiteral("folder"), tr("No project is open"),
                     tr("Open a folder of Istio YAML, or make a new project from the guide."));
    else if (m_findings.all().empty())
        m_empty->set(QStringLiteral("check"), tr("No problems"),
                     tr("The YAML reads well, Istio would accept it, and every proxy can be given its "
                        "configuration."));
    else
        m_empty->set(QStringLiteral("filter"), tr("Nothing matches the filter"),
                     m_findings.all().size() == 1 ? tr("It hides 1 problem.")
                                                  : tr("It hides %1 problems.").arg(m_findings.all().size()));
}

const Finding *ProblemsPanel::current() const
{
    return m_model.finding(m_filter.mapToSource(m_table->currentIndex()));
}

void ProblemsPanel::showDetail()
{
    const Finding *finding = current();
    m_detail->setVisible(finding != nullptr);
    m_show->setEnabled(finding && !finding->file.isEmpty());
    m_copy->setEnabled(finding != nullptr);
    while (QLayoutItem *item = m_buttons->takeAt(0)) {
        if (QWidget *button = item->widget())
            button->deleteLater();
        delete item;
    }
    if (!finding)
        return;
    const theme::Theme &theme = theme::Theme::instance();
    m_detailIcon->setPixmap(theme.icon(severityIcon(finding->severity), roleOf(finding->severity))
                                .pixmap(QSize(16, 16), devicePixelRatioF()));
    m_detailText->setText(finding->message);
    m_detailHint->setText(finding->hint);
    m_detailHint->setVisible(!finding->hint.isEmpty());
    for (std::size_t i = 0; i < finding->fixes.size(); ++i) {
        auto *button = new QPushButton(finding->fixes[i].title, m_detail);
        button->setAccessibleDescription(finding->message);
        if (i == 0)
            theme::setLook(button, theme::Look::Primary);
        m_buttons->addWidget(button, 0, Qt::AlignTop);
        connect(button, &QPushButton::clicked, this, [this, i] { applyFix(static_cast<int>(i)); });
    }
}

void ProblemsPanel::applyFix(int number)
{
    const Finding *finding = current();
    if (!finding || static_cast<std::size_t>(number) >= finding->fixes.size())
        return;
    const Fix fix = finding->fixes[static_cast<std::size_t>(number)];
    if (const Result<void> applied = m_findings.apply(fix); !applied)
        Q_EMIT message(QString::fromStdString(applied.error().toString()));
    else
        Q_EMIT message(tr("%1: done. Undo takes it back.").arg(fix.title));
}

void ProblemsPanel::activate()
{
    const Finding *finding = current();
    if (!finding)
        return;
    const QString file = finding->file;
    const int line = finding->line;
    const int column = finding->column;
    if (!std::holds_alternative<std::monostate>(finding->target))
        m_context.selection.set(finding->target);
    if (!file.isEmpty())
        Q_EMIT placeActivated(file, line, column);
    else
        Q_EMIT credentialActivated();
}

void ProblemsPanel::step(int by)
{
    const int rows = m_filter.rowCount();
    if (rows == 0)
        return;
    const QModelIndex now = m_table->currentIndex();
    const int row = now.isValid() ? (now.row() + by + rows) % rows : by > 0 ? 0 : rows - 1;
    m_table->setCurrentIndex(m_filter.index(row, 0));
    activate();
}

void ProblemsPanel::openMenu(const QPoint &position)
{
    const Finding *finding = current();
    if (!finding)
        return;
    QMenu menu(this);
    for (std::size_t i = 0; i < finding->fixes.size(); ++i) {
        menu.addAction(finding->fixes[i].title, this, [this, i] { applyFix(static_cast<int>(i)); });
    }
    if (!finding->fixes.empty())
        menu.addSeparator();
    menu.addAction(m_show);
    menu.addAction(m_copy);
    menu.exec(m_table->viewport()->mapToGlobal(position));
}

} // namespace sallyport::problems
