// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/http_connection_manager.h"
#include "core/result/result.h"
#include "proxy/filters/filter.h"
#include "proxy/telemetry/header_mutator.h"
#include "proxy/telemetry/json_formatter.h"
#include "proxy/telemetry/log_filter.h"

#include <optional>

namespace sallyport::server {

/// An answer of the proxy's own, ready to be encoded.
struct PreparedReply
{
    http::HeaderMapPtr headers;
    std::string body; ///< what is sent; empty for HEAD and for gRPC
    bool endsWithHeaders = true;
};

/// What kind of request is answered.
struct ReplyContext
{
    bool grpc = false;
    bool head = false;
    http::Protocol protocol = http::Protocol::Http11;
};

/// local_reply_config: rewrites the proxy's own answers, and gives every answer its final form
/// (source/common/local_reply/local_reply.cc, http/utility.cc; envoy-behaviour.md 2.1).
class LocalReplies
{
public:
    /// A body's form: one of the two formatters.
    struct Format
    {
        std::optional<telemetry::TextFormatter> text;
        std::optional<telemetry::JsonFormatter> json;
        std::string contentType;

        std::string apply(const telemetry::LogContext &context) const;
    };
    static Result<Format> makeFormat(const dataplane::FormatString &format);

    static Result<LocalReplies> create(const std::optional<dataplane::LocalReplyConfig> &configuration);

    /// `before` runs on the headers before the reply's own changes: the route's mutations. `info` gets the
    /// status that is sent.
    PreparedReply prepare(const filters::LocalReply &reply, const ReplyContext &context,
                          telemetry::StreamInfo &info, const http::HeaderMap *request,
                          const std::function<void(http::HeaderMap &)> &before) const;

private:
    struct Mapper
    {
        telemetry::LogFilter filter;
        std::optional<unsigned> status;
        std::optional<std::string> body;
        std::shared_ptr<const telemetry::HeaderMutator> headers;
        bool hasFormat = false;
        std::optional<telemetry::TextFormatter> text;
        std::optional<telemetry::JsonFormatter> json;
        std::string contentType;
    };
    std::vector<Mapper> m_mappers;
    std::optional<Format> m_format;
};

} // namespace sallyport::server
