// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <QRegularExpression>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::application {

/// The lines that an Envoy format string writes.
class TextLogFormat
{
public:
    explicit TextLogFormat(std::string_view format);

    /// A line with what differs from run to run (times, durations, request ids, user agents) written `*`. A
    /// line that does not fit the format comes back as it is.
    std::string withoutVolatileParts(std::string_view line) const;

    /// What a line says, under the keys of Istio's JSON format (a `-` is null there), and the whole line as
    /// `line`. Of a line that does not fit the format there is only the latter.
    QJsonObject fields(std::string_view line) const;

private:
    struct Part
    {
        std::string literal; ///< empty for an operator
        std::string command; ///< an operator, without its percent signs
    };
    static std::vector<Part> cut(std::string_view format);

    std::vector<Part> m_parts;
    QRegularExpression m_expression; ///< a group per operator
};

/// Whether what an operator (`DURATION`, `REQ(X-REQUEST-ID)`) writes differs from run to run.
bool isVolatileOperator(std::string_view command);

} // namespace sallyport::application
