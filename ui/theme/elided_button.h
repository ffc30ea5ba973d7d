// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPushButton>

namespace sallyport::theme {

/// A button that shows as much of its text as there is room for; its accessible name is the whole.
class ElidedButton : public QPushButton
{
    Q_OBJECT

public:
    ElidedButton(const QString &text, Qt::TextElideMode mode, QWidget *parent = nullptr);

    /// Pixels at the right that the text leaves to something else.
    void setReserved(int pixels);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    /// Without the text: frame, icon and what is reserved.
    int widthAround() const;

    QString m_text;
    Qt::TextElideMode m_mode;
    int m_reserved = 0;
};

} // namespace sallyport::theme
