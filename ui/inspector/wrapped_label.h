// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/theme.h"

#include <QLabel>

namespace sallyport::inspector {

/// Plain words in a column as narrow as it has to be: names without a blank in them break anywhere rather
/// than widen it.
class WrappedLabel : public QLabel
{
    Q_OBJECT

public:
    WrappedLabel(const QString &words, theme::Look look, QWidget *parent = nullptr);

    void setWords(const QString &words);
    QString words() const { return m_words; }

private:
    QString m_words;
};

} // namespace sallyport::inspector
