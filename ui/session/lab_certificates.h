// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/lab_session.h"

namespace sallyport::session {

/// The certificates in the SDS files of a plan, in the order of its processes; keys are not looked at.
QList<NodeCertificate> certificatesOf(const lab::LabPlan &plan);

} // namespace sallyport::session
