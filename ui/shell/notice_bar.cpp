// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/notice_bar.h"

#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>
#include <algorithm>

namespace sallyport::shell {

namespace {

using theme::grid;
using theme::Role;

constexpr int iconSize = 16;

} // namespace

NoticeBar::NoticeBar(QWidget *parent)
    : QFrame(parent)
{
    setObjectName(QStringLiteral("noticeBar"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * grid, grid, 2 * grid, 0);
    layout->setSpacing(grid);
    hide();
}

void NoticeBar::show(const QString &topic, Kind kind, const QString &text, const std::vector<Choice> &choices)
{
    dismiss(topic);
    const theme::Theme &theme = theme::Theme::instance();
    auto *row = new QFrame(this);
    row->setObjectName(QStringLiteral("notice_") + topic);
    theme::setLook(row, kind == Kind::Information ? theme::Look::Card : theme::Look::Notice);
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins(grid + theme::half, theme::half, theme::half, theme::half);
    layout->setSpacing(grid);
    auto *icon = new QLabel(row);
    const QString name = kind == Kind::Error     ? QStringLiteral("error")
                         : kind == Kind::Warning ? QStringLiteral("flag")
                                                 : QStringLiteral("info");
    const Role role = kind == Kind::Error ? Role::Bad : kind == Kind::Warning ? Role::Warning : Role::Accent;
    icon->setPixmap(theme.icon(name, role).pixmap(QSize(iconSize, iconSize), devicePixelRatioF()));
    layout->addWidget(icon, 0, Qt::AlignTop);
    auto *words = new QLabel(text, row);
    words->setWordWrap(true);
    words->setTextFormat(Qt::PlainText);
    words->setTextInteractionFlags(Qt::TextSelectableByMouse);
    words->setFont(theme.font(theme::TextStyle::Small));
    layout->addWidget(words, 1);
    for (const Choice &choice : choices) {
        auto *button = new QPushButton(choice.text, row);
        layout->addWidget(button);
        connect(button, &QPushButton::clicked, this, [this, topic, run = choice.run] {
            dismiss(topic);
            run();
        });
    }
    auto *close = new QToolButton(row);
    close->setIcon(theme.icon(QStringLiteral("cross"), Role::TextFaint));
    close->setToolTip(tr("Dismiss"));
    close->setAccessibleName(tr("Dismiss"));
    layout->addWidget(close);
    connect(close, &QToolButton::clicked, this, [this, topic] { dismiss(topic); });
    this->layout()->addWidget(row);
    m_notices.push_back({topic, row});
    QFrame::show();
}

void NoticeBar::dismiss(const QString &topic)
{
    const auto found = std::find_if(m_notices.begin(), m_notices.end(),
                                    [&topic](const Notice &notice) { return notice.topic == topic; });
    if (found == m_notices.end())
        return;
    found->row->hide();
    found->row->deleteLater();
    m_notices.erase(found);
    if (m_notices.empty())
        hide();
}

QStringList NoticeBar::topics() const
{
    QStringList list;
    for (const Notice &notice : m_notices)
        list.append(notice.topic);
    return list;
}

} // namespace sallyport::shell
