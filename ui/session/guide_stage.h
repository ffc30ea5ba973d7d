// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/project.h"

#include <vector>

namespace sallyport::session {

/// The guide's stage that these texts are at, 1 to 5; 0 if they are not made from the template. Texts that a
/// person went on to edit still count: what tells the stages apart is which of the template's files are
/// there.
int guideStageOf(const std::vector<model::SourceFile> &files);

} // namespace sallyport::session
