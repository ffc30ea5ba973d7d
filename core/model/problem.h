// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/result.h"

#include <string>

namespace sallyport::model {

enum class Severity { Error, Warning, Information };

/// Something wrong with what was read. `code` is stable and one of the checks' catalogue: EGR0101 not YAML,
/// EGR0102 unknown field or wrong type, EGR0103 missing, EGR0104 exclude each other, EGR0105 value or range,
/// EGR0106 twice in one resource, EGR0107 what Istio only warns of, EGR0108 no namespace, EGR0109 a resource
/// twice, EGR0110 a kind or field without effect in a lab, EGR0521 a private key in the project.
/// Error: kubectl or Istio's admission refuses the resource. Warning: it is stored, and Istio warns.
struct Problem
{
    std::string code;
    Severity severity = Severity::Error;
    std::string message;
    Place place;
    std::string mesh;
    std::string resource;  ///< `Kind namespace/name`
    std::string fieldPath; ///< `spec.http[0].timeout`; empty: the resource itself
    std::string hint;
};

} // namespace sallyport::model
