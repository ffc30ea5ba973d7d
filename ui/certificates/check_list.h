// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/certificates/import_plan.h"

#include <QListWidget>

namespace sallyport::certificates {

/// The checks of an import, what failed first: outcome, what was looked at, what was found, in which file.
class CheckList : public QListWidget
{
    Q_OBJECT

public:
    explicit CheckList(QWidget *parent = nullptr);

    void setChecks(const QList<ImportCheck> &checks);

protected:
    void resizeEvent(QResizeEvent *event) override;
};

} // namespace sallyport::certificates
