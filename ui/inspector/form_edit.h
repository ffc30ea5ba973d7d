// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/project_edit.h"
#include "ui/inspector/form.h"

namespace sallyport::inspector {

/// What a form's field was set to, as a minimal patch in `edit`. An empty text takes the field out. Keys and
/// list items that are missing on the way are made.
Result<void> setText(model::ProjectEdit &edit, const model::Resource &resource, const FormField &field,
                     const QString &text);
/// The same for a list; items that stay are not touched where that can be told.
Result<void> setItems(model::ProjectEdit &edit, const model::Resource &resource, const FormField &field,
                      const QStringList &items);
/// The same for names and texts.
Result<void> setPairs(model::ProjectEdit &edit, const model::Resource &resource, const FormField &field,
                      const QList<std::pair<QString, QString>> &pairs);
/// Takes out a field or a section.
Result<void> removePath(model::ProjectEdit &edit, const model::Resource &resource, const std::string &path);

} // namespace sallyport::inspector
