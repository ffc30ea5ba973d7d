// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <utility>

namespace sallyport::net {

/// The same object behind a reference count of its own. What many threads copy for every request would make
/// their processors pass one count to and fro; each keeps its own instead. Null stays null.
template<typename Object>
std::shared_ptr<Object> countedApart(std::shared_ptr<Object> object)
{
    if (!object)
        return object;
    Object *raw = object.get();
    return std::shared_ptr<Object>(std::make_shared<std::shared_ptr<Object>>(std::move(object)), raw);
}

} // namespace sallyport::net
