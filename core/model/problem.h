// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/result.h"

#include <string>

namespace sallyport::model {

enum class Severity { Error, Warning, Information };

/// Something wrong with what was read. `code` is stable: `YAML001` (not YAML), `MOD0xx` (a field), `VAL0xx`
/// (a rule of Istio's validation).
struct Problem
{
    std::string code;
    Severity severity = Severity::Error;
    std::string message;
    Place place;
    std::string mesh;
    std::string resource; ///< `Kind namespace/name`
    std::string fieldPath;
    std::string hint;
};

} // namespace sallyport::model
