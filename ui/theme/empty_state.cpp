// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/empty_state.h"

#include "ui/theme/theme.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace sallyport::theme {

namespace {

constexpr int iconSize = 32;
constexpr int textShare = 1000;

} // namespace

EmptyState::EmptyState(QWidget *parent)
    : QWidget(parent)
    , m_icon(new QLabel(this))
    , m_title(new QLabel(this))
    , m_text(new QLabel(this))
    , m_button(new QPushButton(this))
{
    setLook(m_title, Look::Title);
    setLook(m_text, Look::Muted);
    setLook(m_button, Look::Primary);
    m_icon->setAlignment(Qt::AlignCenter);
    m_title->setAlignment(Qt::AlignCenter);
    m_text->setAlignment(Qt::AlignHCenter | Qt::AlignTop);
    m_text->setWordWrap(true);
    m_text->setMaximumWidth(56 * grid);
    m_button->hide();
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * grid, 2 * grid, 2 * grid, 2 * grid);
    layout->setSpacing(grid);
    layout->addStretch(2);
    layout->addWidget(m_icon);
    layout->addWidget(m_title);
    auto *middle = new QHBoxLayout;
    middle->addStretch(1);
    middle->addWidget(m_text, textShare); // as wide as it may be, in the middle of what there is
    middle->addStretch(1);
    layout->addLayout(middle);
    layout->addSpacing(grid);
    layout->addWidget(m_button, 0, Qt::AlignHCenter);
    layout->addStretch(3);
    connect(&Theme::instance(), &Theme::changed, this, &EmptyState::showIcon);
    connect(m_button, &QPushButton::clicked, this, [this] {
        if (m_action)
            m_action->trigger();
    });
}

void EmptyState::set(const QString &icon, const QString &title, const QString &text, QAction *action)
{
    if (m_action)
        m_action->disconnect(this);
    m_action = action;
    m_iconName = icon;
    m_title->setText(title);
    m_text->setText(text);
    m_button->setVisible(action != nullptr);
    if (action)
        connect(action, &QAction::changed, this, &EmptyState::showAction);
    showIcon();
    showAction();
}

void EmptyState::showIcon()
{
    m_icon->setPixmap(Theme::instance()
                          .icon(m_iconName, Role::TextFaint)
                          .pixmap(QSize(iconSize, iconSize), devicePixelRatioF()));
}

void EmptyState::showAction()
{
    if (!m_action)
        return;
    m_button->setText(m_action->text());
    m_button->setToolTip(m_action->toolTip());
    m_button->setEnabled(m_action->isEnabled());
}

} // namespace sallyport::theme
