// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/designer/diff_model.h"

#include <QListView>

namespace sallyport::designer {

/// Diffs with their signs, line numbers and colours, file after file.
class DiffView : public QListView
{
    Q_OBJECT

public:
    explicit DiffView(QWidget *parent = nullptr);

    DiffModel &diffs() { return m_model; }
    /// Brings the file's head to the top.
    void showFile(const QString &path);

private:
    DiffModel m_model;
};

} // namespace sallyport::designer
