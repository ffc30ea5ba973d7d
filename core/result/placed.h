// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/result.h"

namespace sallyport {

/// An error from deeper down, at this JSON path unless it knows a better one.
inline Error placedAt(Error error, const std::string &path)
{
    if (error.where.file.empty())
        error.where.file = path;
    return error;
}

} // namespace sallyport
