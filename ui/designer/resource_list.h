// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/route_design.h"

#include <QListWidget>

namespace sallyport::designer {

/// What a design asks of each resource, in the order of a request's way: made, changed or used as it is, and
/// why.
class ResourceList : public QListWidget
{
    Q_OBJECT

public:
    explicit ResourceList(QWidget *parent = nullptr);

    void setResources(const std::vector<design::DesignedResource> &resources);

Q_SIGNALS:
    /// The file of the resource that is current.
    void fileChosen(const QString &path);

protected:
    void resizeEvent(QResizeEvent *event) override;
};

} // namespace sallyport::designer
