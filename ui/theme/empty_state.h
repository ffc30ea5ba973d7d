// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QAction;
class QLabel;
class QPushButton;

namespace sallyport::theme {

/// What a panel shows while it has nothing to show: why, and what to do about it.
class EmptyState : public QWidget
{
    Q_OBJECT

public:
    explicit EmptyState(QWidget *parent = nullptr);

    /// `icon` is a name of resources/icons. `action` becomes the button (its text, tip, enabled state); it
    /// may be null.
    void set(const QString &icon, const QString &title, const QString &text, QAction *action = nullptr);

private:
    void showIcon();
    void showAction();

    QString m_iconName;
    QAction *m_action = nullptr;
    QLabel *m_icon;
    QLabel *m_title;
    QLabel *m_text;
    QPushButton *m_button;
};

} // namespace sallyport::theme
