// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/wrapped_label.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>

namespace sallyport::inspector {

namespace {

constexpr int longWord = 12;
constexpr QChar breakHere(0x200b); ///< zero width space

/// Long names may break behind what stands between their parts, and before an index.
QString breakable(const QString &words)
{
    QString text;
    int length = 0;
    for (const QChar letter : words) {
        if (length >= longWord && letter == QLatin1Char('[')) {
            text += breakHere;
            length = 0;
        }
        text += letter;
        length = letter.isSpace() ? 0 : length + 1;
        if (length >= longWord && QStringLiteral(".,/|_=:;@]-").contains(letter)) {
            text += breakHere;
            length = 0;
        }
    }
    return text;
}

} // namespace

WrappedLabel::WrappedLabel(const QString &words, theme::Look look, QWidget *parent)
    : QLabel(parent)
{
    setTextFormat(Qt::PlainText);
    setWordWrap(true);
    theme::setLook(this, look);
    QSizePolicy policy = sizePolicy();
    policy.setHorizontalPolicy(QSizePolicy::Ignored);
    setSizePolicy(policy);
    // Selecting would copy the places to break as well.
    auto *copy = new QAction(tr("Copy"), this);
    connect(copy, &QAction::triggered, this, [this] { QGuiApplication::clipboard()->setText(m_words); });
    addAction(copy);
    setContextMenuPolicy(Qt::ActionsContextMenu);
    setWords(words);
}

void WrappedLabel::setWords(const QString &words)
{
    if (words == m_words && !text().isEmpty())
        return;
    m_words = words;
    setText(breakable(words));
    setAccessibleName(words);
}

} // namespace sallyport::inspector
