// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTableView>

namespace sallyport::request {

class HeaderTableModel;

/// The headers of a request: typed in place, the last row takes a new one, Delete removes one.
class HeaderTable : public QTableView
{
    Q_OBJECT

public:
    /// `model` must outlive the table.
    explicit HeaderTable(HeaderTableModel &model, QWidget *parent = nullptr);

private:
    HeaderTableModel &m_model;
};

} // namespace sallyport::request
