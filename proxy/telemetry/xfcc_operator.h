// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/telemetry/formatter.h"

namespace sallyport::telemetry {

/// `%XFCC_VALUE(URI)%`: the first value that x-forwarded-client-cert has under this key, in any case of
/// letters (source/extensions/formatter/xfcc_value).
Operator xfccOperator(const std::string &key);

} // namespace sallyport::telemetry
