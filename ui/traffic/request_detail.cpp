// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/request_detail.h"

#include "ui/theme/status_chip.h"
#include "ui/theme/tab_button.h"
#include "ui/theme/theme.h"
#include "ui/traffic/hop_blocks.h"
#include "ui/traffic/request_table_model.h"
#include "ui/traffic/timing_bars.h"

#include <QAction>
#include <QButtonGroup>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>

namespace sallyport::traffic {

namespace {

using theme::grid;
using theme::Look;
using theme::Role;
using theme::Theme;

/// `403 RBAC: access denied`, `503 TLS: unknown CA`, `200 passed`
QString chipText(const RequestRow &row)
{
    QString text;
    if (row.status > 0)
        text = QString::number(row.status) + QLatin1Char(' ');
    if (row.kind == Decision::Kind::Policy || row.kind == Decision::Kind::NoAllowPolicy)
        return text + QStringLiteral("RBAC: access denied");
    return text + (row.decidedBy.isEmpty() ? outcomeWord(row.outcome) : row.decidedBy);
}

} // namespace

RequestDetail::RequestDetail(QWidget *parent)
    : QWidget(parent)
    , m_line(new QLabel(this))
    , m_chip(new theme::StatusChip(this))
    , m_sentence(new QLabel(this))
    , m_bars(new TimingBars(this))
    , m_fields(new QTableView(this))
    , m_pages(new QStackedWidget(this))
    , m_timing(theme::tabButton(tr("Times"), tr("How long each proxy had the request"), this))
    , m_allFields(theme::tabButton(tr("Log fields"), tr("Every field of every proxy's log line"), this))
    , m_actions(new QHBoxLayout)
{
    setObjectName(QStringLiteral("trafficDetail"));
    theme::setLook(m_line, Look::Mono);
    m_line->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_line->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    theme::setLook(m_sentence, Look::Muted);
    m_sentence->setWordWrap(true);
    m_sentence->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_line->setAccessibleName(tr("Request"));
    m_chip->setAccessibleDescription(tr("Outcome"));
    m_sentence->setAccessibleName(tr("Why"));

    auto *group = new QButtonGroup(this);
    group->addButton(m_timing, 0);
    group->addButton(m_allFields, 1);
    m_timing->setChecked(true);
    connect(group, &QButtonGroup::idToggled, this, [this](int id, bool checked) {
        if (checked)
            m_pages->setCurrentIndex(id);
    });

    auto *barsArea = new QScrollArea(this);
    barsArea->setWidgetResizable(true);
    barsArea->setFrameShape(QFrame::NoFrame);
    auto *barsPage = new QWidget(barsArea);
    auto *barsLayout = new QVBoxLayout(barsPage);
    barsLayout->setContentsMargins(0, 0, grid, 0);
    barsLayout->addWidget(m_bars);
    barsLayout->addStretch();
    barsArea->setWidget(barsPage);

    m_fields->setObjectName(QStringLiteral("trafficFields"));
    m_fields->setAccessibleName(tr("Log fields of each hop"));
    m_fields->setModel(&m_fieldModel);
    m_fields->setShowGrid(false);
    m_fields->setWordWrap(false);
    m_fields->setTabKeyNavigation(false);
    m_fields->setFont(Theme::instance().font(theme::TextStyle::Mono));
    m_fields->setStyleSheet(
        QStringLiteral("QTableView::item { padding: 0 8px; }"
                       "QHeaderView::section:horizontal { padding: 4px 3px; }"
                       "QHeaderView::section:vertical { border: none; padding: 0 16px 0 0; }"));
    m_fields->horizontalHeader()->setFont(Theme::instance().font(theme::TextStyle::Small));
    m_fields->verticalHeader()->setFont(Theme::instance().font(theme::TextStyle::Mono));
    m_fields->verticalHeader()->setDefaultSectionSize(22);
    m_fields->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_fields->verticalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_fields->horizontalHeader()->setDefaultSectionSize(30 * grid);
    m_fields->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_fields->horizontalHeader()->setHighlightSections(false);
    m_pages->addWidget(barsArea);
    m_pages->addWidget(m_fields);

    auto *head = new QHBoxLayout;
    head->setSpacing(grid);
    head->addWidget(m_line, 1000);
    head->addWidget(m_chip);
    head->addStretch(1);
    head->addWidget(m_timing);
    head->addWidget(m_allFields);
    m_actions->setSpacing(grid);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * grid, grid, 2 * grid, grid);
    layout->setSpacing(grid);
    layout->addLayout(head);
    layout->addWidget(m_sentence);
    layout->addWidget(m_pages, 1);
    layout->addLayout(m_actions);
}

void RequestDetail::setActions(const QList<QAction *> &actions)
{
    for (QAction *action : actions) {
        auto *button = new QPushButton(this);
        theme::setLook(button, Look::Flat);
        const auto follow = [button, action] {
            const QString key = action->shortcut().toString(QKeySequence::NativeText);
            button->setText(action->text().remove(QLatin1Char('&')) + QLatin1String("  ") + key);
            button->setToolTip(action->toolTip());
            button->setEnabled(action->isEnabled());
        };
        follow();
        connect(action, &QAction::changed, button, follow);
        connect(button, &QPushButton::clicked, action, &QAction::trigger);
        m_actions->addWidget(button);
    }
    m_actions->addStretch();
}

void RequestDetail::show(const RequestRow &row, const QList<control::LogEntry> &orderedEntries)
{
    std::vector<LogLine> lines;
    for (const control::LogEntry &entry : orderedEntries)
        lines.push_back(LogLine::from(entry));
    m_line->setText(row.method + QLatin1Char(' ') + row.host + row.path);
    m_line->setToolTip(m_line->text());
    // The chip stands right behind it; a long path gives way.
    m_line->setMaximumWidth(m_line->fontMetrics().horizontalAdvance(m_line->text()) + grid);
    showOutcome(row, decide(lines));
    m_bars->setBars(hopBars(row, lines));
    m_fieldModel.setEntries(orderedEntries);
}

void RequestDetail::showOutcome(const RequestRow &row, const Decision &decision)
{
    const Role role = row.outcome == Outcome::Passed    ? Role::Good
                      : row.outcome == Outcome::Refused ? Role::Warning
                                                        : Role::Bad;
    m_chip->set(role, outcomeIcon(row.outcome), chipText(row));
    QString sentence = decision.sentence;
    if (sentence.isEmpty())
        sentence = row.outcome == Outcome::Passed
                       ? tr("Every proxy let it pass; the application answered after %1 ms.")
                             .arg(QString::number(row.durationMs, 'f', 0))
                       : tr("The log lines do not say who decided.");
    m_sentence->setText(sentence);
}

} // namespace sallyport::traffic
