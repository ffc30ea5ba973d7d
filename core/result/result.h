// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace sallyport {

/// A place in something a person wrote. Line and column count from 1; 0 means "not known".
struct Place
{
    std::string file;
    int line = 0;
    int column = 0;

    /// `file:line:column`, leaving out what is not known; empty for an unknown place.
    std::string toString() const
    {
        std::string text = file;
        if (line > 0) {
            text += ':' + std::to_string(line);
            if (column > 0)
                text += ':' + std::to_string(column);
        }
        return text;
    }
    bool operator==(const Place &) const = default;
};

/// Why something could not be done. It says what happened, where, and what a person can do about it.
/// Never holds key material.
struct Error
{
    std::string what; ///< one sentence, no trailing period
    Place where;      ///< file position or, for JSON, file = the JSON path
    std::string hint; ///< what to do; may be empty

    /// `where: what (hint)`
    std::string toString() const
    {
        std::string text = where.toString();
        if (!text.empty())
            text += ": ";
        text += what;
        if (!hint.empty())
            text += " (" + hint + ')';
        return text;
    }
};

/// Value or Error. No exception crosses a room's border.
template<typename T>
using Result = tl::expected<T, Error>;

/// `return fail("…");` in a function that returns a Result.
inline tl::unexpected<Error> fail(std::string what, Place where = {}, std::string hint = {})
{
    return tl::unexpected<Error>(Error{std::move(what), std::move(where), std::move(hint)});
}
inline tl::unexpected<Error> fail(Error error)
{
    return tl::unexpected<Error>(std::move(error));
}

} // namespace sallyport
