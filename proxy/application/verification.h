// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/expectations.h"
#include "proxy/application/wire_tap.h"

#include <functional>

namespace sallyport::application {

/// Plays a project's checks through its running lab and judges them. Blocks: call it on a thread of its own,
/// the lab's thread carries the bytes. `progress` gets each check's rows as they come, on that thread.
std::vector<lab::Row> verify(const lab::LabPlan &plan, const std::vector<lab::Check> &checks,
                             const WireTap &tap,
                             const std::function<void(const std::vector<lab::Row> &)> &progress = {});

} // namespace sallyport::application
