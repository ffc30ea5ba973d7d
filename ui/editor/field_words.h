// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace sallyport::editor {

/// What a field is for, one line in plain words; empty where there is nothing to add to its name. `path` as
/// in ProjectEdit, `spec.trafficPolicy.tls.mode`; indexes do not matter.
QString fieldWords(const QString &kind, const QString &path);

/// What one of a field's words means: `client certificate, server verified` for MUTUAL; empty if its name
/// says it.
QString valueWords(const QString &path, const QString &value);

} // namespace sallyport::editor
