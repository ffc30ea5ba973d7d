// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/traffic/request_block.h"

#include <functional>
#include <string_view>

namespace sallyport::traffic {

/// What a filter can ask about one request.
class FilterSubject
{
public:
    virtual ~FilterSubject() = default;
    virtual const RequestView &request() const = 0;
    virtual std::string_view hopProxy(std::size_t hop) const = 0;
    /// Whether `matches` takes the value that one of the request's lines has in the field `name`; lines
    /// without the field, or with null, do not count.
    virtual bool anyLine(std::string_view name,
                         const std::function<bool(std::string_view)> &matches) const = 0;
};

} // namespace sallyport::traffic
