// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/telemetry/formatter.h"
#include "proxy/telemetry/line_buffer.h"

namespace sallyport::telemetry {

/// A JSON map: keys sorted at every level, a value that is one command keeps its type (envoy-behaviour §1.1).
class JsonFormatter
{
public:
    static Result<JsonFormatter> create(const QJsonObject &format, bool omitEmpty = false);
    /// One line, without its newline.
    void append(LineBuffer &out, const LogContext &context) const;
    std::string format(const LogContext &context) const;

private:
    /// A value. Objects and lists have theirs behind them, up to `end`: a line is written from the first to
    /// the last, and everything that it needs lies side by side.
    struct Node
    {
        enum class Kind : std::uint8_t { Literal, Null, Command, Text, Object, List };
        Kind kind = Kind::Literal;
        std::uint32_t key = 0;         ///< where in `m_texts`: with the comma before and the colon behind it
        std::uint32_t keySize = 0;     ///< of a list's values only the comma
        std::uint32_t literalSize = 0; ///< JSON text, right behind the key
        std::uint32_t end = 0;
        Operator command;
    };
    Result<void> compile(const std::string &key, const QJsonValue &value);
    bool appendValue(LineBuffer &out, std::size_t at, const LogContext &context) const;
    bool appendMembers(LineBuffer &out, std::size_t at, const LogContext &context) const;

    std::vector<Node> m_nodes;
    std::string m_texts;
    std::vector<std::pair<std::size_t, TextFormatter>> m_formats; ///< of nodes that are texts
    bool m_omitEmpty = false;
};

} // namespace sallyport::telemetry
