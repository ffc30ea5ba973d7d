// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/live_view.h"

#include "ui/inspector/wrapped_label.h"
#include "ui/theme/empty_state.h"

#include <QGridLayout>
#include <QLabel>
#include <QStackedWidget>
#include <algorithm>

namespace sallyport::inspector {

namespace {

constexpr int iconSize = 12;
constexpr int labelWidth = 88;

theme::Look lookOf(theme::Role role)
{
    switch (role) {
    case theme::Role::Good:
        return theme::Look::Good;
    case theme::Role::Warning:
    case theme::Role::Plaintext:
        return theme::Look::Warning;
    case theme::Role::Bad:
        return theme::Look::Bad;
    case theme::Role::TextMuted:
        return theme::Look::Muted;
    default:
        return theme::Look::Mono;
    }
}

bool sameShape(const std::vector<LiveGroup> &a, const std::vector<LiveGroup> &b)
{
    return std::equal(
        a.begin(), a.end(), b.begin(), b.end(), [](const LiveGroup &one, const LiveGroup &other) {
            return one.title == other.title &&
                   std::equal(one.facts.begin(), one.facts.end(), other.facts.begin(), other.facts.end(),
                              [](const LiveFact &x, const LiveFact &y) { return x.label == y.label; });
        });
}

} // namespace

LiveView::LiveView(QWidget *parent)
    : QWidget(parent)
    , m_pages(new QStackedWidget(this))
    , m_area(new QScrollArea(this))
    , m_empty(new theme::EmptyState(this))
{
    m_area->setFrameShape(QFrame::NoFrame);
    m_area->setWidgetResizable(true);
    m_area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_area->setAccessibleName(tr("Live"));
    m_pages->addWidget(m_area);
    m_pages->addWidget(m_empty);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_pages);
    connect(&theme::Theme::instance(), &theme::Theme::changed, this, &LiveView::fill);
}

void LiveView::setGroups(const std::vector<LiveGroup> &groups)
{
    m_pages->setCurrentIndex(groups.empty() ? 1 : 0);
    if (groups == m_groups && m_area->widget())
        return;
    const bool same = m_area->widget() && sameShape(groups, m_groups);
    m_groups = groups;
    if (!same)
        build();
    fill();
}

void LiveView::build()
{
    m_values.clear();
    m_icons.clear();
    auto *page = new QWidget;
    auto *layout = new QGridLayout(page);
    layout->setContentsMargins(2 * theme::grid, theme::grid, 2 * theme::grid, 2 * theme::grid);
    layout->setHorizontalSpacing(theme::grid);
    layout->setVerticalSpacing(theme::half + 2);
    layout->setColumnMinimumWidth(0, labelWidth);
    layout->setColumnStretch(2, 1);
    int row = 0;
    for (const LiveGroup &group : m_groups) {
        if (row > 0)
            layout->setRowMinimumHeight(row++, theme::grid);
        auto *title = new QLabel(group.title.toUpper(), page);
        theme::setLook(title, theme::Look::Caption);
        layout->addWidget(title, row++, 0, 1, 3);
        for (const LiveFact &fact : group.facts) {
            auto *name = new QLabel(fact.label, page);
            theme::setLook(name, theme::Look::Muted);
            auto *icon = new QLabel(page);
            auto *value = new WrappedLabel({}, theme::Look::Mono, page);
            layout->addWidget(name, row, 0, Qt::AlignTop);
            layout->addWidget(icon, row, 1, Qt::AlignTop);
            layout->addWidget(value, row++, 2);
            m_values.append(value);
            m_icons.append(icon);
        }
    }
    layout->setRowStretch(row, 1);
    m_area->setWidget(page);
}

void LiveView::fill()
{
    qsizetype at = 0;
    for (const LiveGroup &group : m_groups) {
        for (const LiveFact &fact : group.facts) {
            WrappedLabel *value = m_values[at];
            theme::setLook(value, lookOf(fact.role));
            value->setFont(theme::Theme::instance().font(theme::TextStyle::Mono));
            value->setWords(fact.value);
            value->setAccessibleName(fact.label + QStringLiteral(": ") + fact.value);
            m_icons[at]->setPixmap(
                fact.icon.isEmpty()
                    ? QPixmap()
                    : theme::Theme::instance().icon(fact.icon, fact.role).pixmap(QSize(iconSize, iconSize)));
            ++at;
        }
    }
}

} // namespace sallyport::inspector
