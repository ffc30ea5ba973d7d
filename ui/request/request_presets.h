// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/request/request_draft.h"

#include <QList>
#include <string_view>

namespace sallyport::request {

/// A request that a project suggests.
struct RequestPreset
{
    QString name; ///< what it shows, in the project's words
    RequestDraft draft;
};

/// The requests of a project's own checks (`.sallyport/expectations.yaml`), each once: the guide's requests
/// at each of its stages. None if the text cannot be read: the checks themselves say why.
QList<RequestPreset> presetsOf(std::string_view expectations);

} // namespace sallyport::request
