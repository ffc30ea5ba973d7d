// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/theme.h"

#include <QWidget>

namespace sallyport::theme {

/// A short text on a small rounded ground, with an icon that says the same as its colour.
class StatusChip : public QWidget
{
    Q_OBJECT

public:
    explicit StatusChip(QWidget *parent = nullptr);

    void set(Role role, const QString &icon, const QString &text);
    QString text() const { return m_text; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    Role m_role = Role::TextMuted;
    QString m_icon;
    QString m_text;
};

} // namespace sallyport::theme
