// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/inspector/form.h"

namespace sallyport::inspector {

/// Gives the resource's findings to the fields that they are about: by their path, by the nearest field above
/// or below it, by their line; what is about the whole resource stays with the form.
void placeFindings(Form &form, const model::Resource &resource,
                   const std::vector<problems::Finding> &findings);

} // namespace sallyport::inspector
