// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <vector>

namespace sallyport::editor {

/// A kind of resource that means something in a lab.
struct Kind
{
    QString name;
    QString apiVersion;
    QString skeleton; ///< the rest of a valid resource, from `spec:` on; empty: it is not made by hand
};

/// In the order in which a way out of the mesh is made.
const std::vector<Kind> &kinds();

/// A new resource's whole manifest. `kind` is one of kinds().
QString manifestOf(const Kind &kind, const QString &name, const QString &nameSpace);

} // namespace sallyport::editor
