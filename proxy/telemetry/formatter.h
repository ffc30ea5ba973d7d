// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/access_log.h"
#include "core/result/result.h"
#include "proxy/http/header_map.h"
#include "proxy/telemetry/stream_info.h"

#include <functional>
#include <memory>

namespace sallyport::telemetry {

/// What a format is evaluated on. Null maps: there were no such headers.
struct LogContext
{
    const StreamInfo &info;
    const http::HeaderMap *request = nullptr;
    const http::HeaderMap *response = nullptr;
    const http::HeaderMap *trailers = nullptr;
    std::string_view localReplyBody;
};

/// What one command yields.
struct LogValue
{
    enum class Kind { Null, Text, Number, Json };
    Kind kind = Kind::Null;
    std::string_view text; ///< Text, Json: into the stream's own data or into the scratch
    std::uint64_t number = 0;
    /// A number or JSON is cut after so many characters where it stands in a text, and only there.
    std::size_t longestText = std::string_view::npos;
};

/// A command ready to run. `scratch` holds texts that have to be made.
using Operator = std::function<LogValue(const LogContext &context, std::string &scratch)>;
Operator makeOperator(const std::string &name, const std::string &arguments,
                      std::optional<std::size_t> maxLength);

/// A format string as header values and local replies use it.
class TextFormatter
{
public:
    static Result<TextFormatter> create(std::string_view format, bool omitEmpty = false);
    void append(std::string &out, const LogContext &context) const;
    std::string format(const LogContext &context) const;
    /// No command in it: always the same text.
    bool isConstant() const;

private:
    friend class JsonFormatter;
    struct Piece
    {
        std::string literal;
        Operator command;
    };
    std::vector<Piece> m_pieces;
    bool m_omitEmpty = false;
};

} // namespace sallyport::telemetry
