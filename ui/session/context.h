// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/lab_session.h"
#include "ui/session/project_session.h"
#include "ui/session/selection.h"

namespace sallyport::session {

/// What every panel of the window is given. Owned by the main window, outlives the panels.
struct Context
{
    ProjectSession &project;
    LabSession &lab;
    Selection &selection;
};

} // namespace sallyport::session
