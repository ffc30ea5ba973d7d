// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/designer.h"

#include <algorithm>

namespace sallyport::design {

Result<DesignedRoute> designRoute(const model::Project &project, const RouteDesign &design)
{
    const std::vector<DesignFinding> findings = checkDesign(project, design);
    const auto error = std::find_if(findings.begin(), findings.end(), [](const DesignFinding &finding) {
        return finding.severity == model::Severity::Error;
    });
    if (error != findings.end())
        return fail(error->message, {}, error->hint);
    return Designer(project, design).run();
}

} // namespace sallyport::design
