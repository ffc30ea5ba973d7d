// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/traffic/filter_subject.h"

#include <QString>
#include <memory>
#include <tl/expected.hpp>

namespace sallyport::traffic {

/// Why a filter's text cannot be read, and where.
struct FilterError
{
    qsizetype at = 0; ///< offset into the text
    qsizetype length = 0;
    QString message; ///< one sentence with what to write instead
};

/// Which requests to show:
///
///     status >= 400 || host == "test.com" && !(path ~ "^/status/")
///
/// A comparison is `FIELD OPERATOR VALUE` with ==, !=, <, <=, >, >=, contains, ~ (RE2 expression, anywhere in
/// the text) and !~. `!`, `&&`, `||` bind in this order; parentheses; conditions side by side must all hold.
/// A value with spaces or operators stands in quotes. A status may be a class (`5xx`). Text that is no
/// comparison is looked for in everything that a row shows. A field of log lines holds if it holds for any of
/// the request's lines; `!=` and `!~` are the opposites of `==` and `~`. Immutable and thread-safe.
class Filter
{
public:
    /// Takes everything.
    Filter() = default;
    static tl::expected<Filter, FilterError> parse(const QString &text);

    bool isEmpty() const { return m_root == nullptr; }
    bool matches(const FilterSubject &subject) const;

    struct Node;

private:
    std::shared_ptr<const Node> m_root;
};

/// What can be typed at `cursor`: the part of the text that it would replace, and the possibilities.
struct FilterCompletion
{
    qsizetype at = 0;
    qsizetype length = 0;
    QStringList candidates;
};
FilterCompletion completeFilter(const QString &text, qsizetype cursor);

} // namespace sallyport::traffic
