// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/e2e/hardness/attacked_gateway.h"
#include "tests/e2e/hardness/odd_upstream.h"

/// A gateway and the upstream that nothing may be smuggled to. Nobody waits for whoever was refused.
struct SmugglingTarget
{
    OddUpstream upstream;
    AttackedGateway gateway{upstream.port(), httpManager(R"("delayed_close_timeout": "0.05s")")};
};
