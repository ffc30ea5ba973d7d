// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/selection.h"
#include "ui/traffic/request_row.h"

#include <optional>

namespace sallyport::model {
struct Project;
}

namespace sallyport::traffic {

/// The resource of the project that a person would look at to change what became of a request: the rule that
/// refused it, the route that sent it, the DestinationRule or ServiceEntry of the connection that failed.
/// `lines` in the order of summarize(). Empty if the project has none.
std::optional<session::ResourceSelection>
decidingResource(const model::Project &project, const RequestRow &row, const std::vector<LogLine> &lines);

} // namespace sallyport::traffic
