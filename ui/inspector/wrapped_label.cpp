// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/wrapped_label.h"

namespace sallyport::inspector {

WrappedLabel::WrappedLabel(const QString &words, theme::Look look, QWidget *parent)
    : QLabel(parent)
{
    // Only rich text breaks inside of words.
    setTextFormat(Qt::RichText);
    setWordWrap(true);
    setTextInteractionFlags(Qt::TextSelectableByMouse);
    theme::setLook(this, look);
    QSizePolicy policy = sizePolicy();
    policy.setHorizontalPolicy(QSizePolicy::Ignored);
    setSizePolicy(policy);
    setWords(words);
}

void WrappedLabel::setWords(const QString &words)
{
    if (words == m_words && !text().isEmpty())
        return;
    m_words = words;
    setText(words.toHtmlEscaped());
}

} // namespace sallyport::inspector
