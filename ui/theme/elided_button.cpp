// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/elided_button.h"

#include "ui/theme/theme.h"

namespace sallyport::theme {

ElidedButton::ElidedButton(const QString &text, Qt::TextElideMode mode, QWidget *parent)
    : QPushButton(text, parent)
    , m_text(text)
    , m_mode(mode)
{
    setAccessibleName(text);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void ElidedButton::setReserved(int pixels)
{
    m_reserved = pixels;
    updateGeometry();
}

int ElidedButton::widthAround() const
{
    return QPushButton::sizeHint().width() - fontMetrics().horizontalAdvance(text()) + m_reserved;
}

QSize ElidedButton::sizeHint() const
{
    // A grid's step more than the text: styles round.
    return {widthAround() + fontMetrics().horizontalAdvance(m_text) + grid, QPushButton::sizeHint().height()};
}

QSize ElidedButton::minimumSizeHint() const
{
    return {widthAround(), QPushButton::sizeHint().height()};
}

void ElidedButton::resizeEvent(QResizeEvent *event)
{
    QPushButton::resizeEvent(event);
    setText(fontMetrics().elidedText(m_text, m_mode, width() - widthAround()));
}

} // namespace sallyport::theme
