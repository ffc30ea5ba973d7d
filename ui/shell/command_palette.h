// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/shell/palette_model.h"

#include <QFrame>

class QLineEdit;
class QListView;

namespace sallyport::shell {

/// Ctrl+K: a field and what it finds, over the window. Enter runs, Esc closes.
class CommandPalette : public QFrame
{
    Q_OBJECT

public:
    explicit CommandPalette(QWidget *window);

    void open(std::vector<PaletteEntry> entries);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void run();
    void moveCurrent(int by);

    PaletteModel m_model;
    QLineEdit *m_field = nullptr;
    QListView *m_list = nullptr;
};

} // namespace sallyport::shell
