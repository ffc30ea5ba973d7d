// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLineEdit>

namespace sallyport::certificates {

/// A line for a passphrase, hidden until the eye at its end is clicked.
class PassphraseEdit : public QLineEdit
{
    Q_OBJECT

public:
    explicit PassphraseEdit(QWidget *parent = nullptr);
};

} // namespace sallyport::certificates
