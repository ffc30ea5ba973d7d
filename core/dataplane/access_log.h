// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/matcher.h"

#include <QJsonObject>

namespace sallyport::dataplane {

/// envoy.config.accesslog.v3.AccessLogFilter
struct AccessLogFilter
{
    enum class Kind {
        StatusCode,
        ElapsedTime,
        NotHealthCheck,
        Traceable,
        Runtime,
        And,
        Or,
        Header,
        ResponseFlag,
        GrpcStatus,
        LogType,
        Metadata,
        Expression ///< envoy.access_loggers.extension_filters.cel
    };
    enum class Comparison { Equal, GreaterOrEqual, LessOrEqual, NotEqual };
    Kind kind = Kind::StatusCode;
    Comparison comparison = Comparison::Equal;
    RuntimeUInt32 value;
    FractionalPercent percent; ///< Runtime
    std::vector<AccessLogFilter> children;
    HeaderMatcher header;
    std::vector<std::string> flags;    ///< ResponseFlag; none: any flag
    std::vector<std::string> statuses; ///< GrpcStatus
    bool exclude = false;              ///< GrpcStatus, LogType
    std::vector<std::string> types;    ///< LogType: `DownstreamEnd`
    std::optional<MetadataMatcher> metadata;
    std::optional<bool> matchIfKeyNotFound; ///< Metadata; true when absent
    std::string expression;                 ///< Expression: CEL

    bool operator==(const AccessLogFilter &) const = default;
};

/// envoy.config.core.v3.SubstitutionFormatString
struct FormatString
{
    std::optional<std::string> text;
    std::optional<QJsonObject> json;
    bool omitEmptyValues = false;
    bool sortProperties = false;
    std::string contentType;

    bool operator==(const FormatString &) const = default;
};

/// One access log: a file, standard output or standard error.
struct AccessLog
{
    std::string name;
    std::optional<AccessLogFilter> filter;
    std::string path; ///< `/dev/stdout` for the stream loggers
    std::optional<FormatString> format;

    bool operator==(const AccessLog &) const = default;
};

} // namespace sallyport::dataplane
