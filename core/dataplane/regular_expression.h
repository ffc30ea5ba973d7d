// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <re2/re2.h>

namespace sallyport::dataplane {

/// How Envoy reads regular expressions: by bytes, whatever characters they make (measured).
inline const re2::RE2::Options &byBytes()
{
    static const re2::RE2::Options options = [] {
        re2::RE2::Options bytes(re2::RE2::Latin1);
        bytes.set_log_errors(false);
        return bytes;
    }();
    return options;
}

} // namespace sallyport::dataplane
