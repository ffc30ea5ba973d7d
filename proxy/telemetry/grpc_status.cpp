// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/grpc_status.h"

#include <array>
#include <cctype>
#include <charconv>

namespace sallyport::telemetry {

namespace {

constexpr std::array<std::string_view, 17> statusNames{
    "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};

std::string snakeUpper(std::string_view camel)
{
    std::string out;
    for (std::size_t i = 0; i < camel.size(); ++i) {
        const auto c = static_cast<unsigned char>(camel[i]);
        if (i > 0 && std::isupper(c) && std::islower(static_cast<unsigned char>(camel[i - 1])))
            out += '_';
        out += static_cast<char>(std::toupper(c));
    }
    return out == "CANCELED" ? "CANCELLED" : out;
}

} // namespace

unsigned grpcStatusFor(unsigned httpStatus)
{
    switch (httpStatus) {
    case 400:
        return 13;
    case 401:
        return 16;
    case 403:
        return 7;
    case 404:
        return 12;
    case 429:
    case 502:
    case 503:
    case 504:
        return 14;
    default:
        return 2;
    }
}

std::optional<int> grpcStatusOf(const LogContext &context)
{
    for (const http::HeaderMap *map : {context.trailers, context.response}) {
        const http::Header *status = map ? map->find(http::Known::GrpcStatus) : nullptr;
        if (!status)
            continue;
        int code = 0;
        const char *end = status->value.data() + status->value.size();
        const auto parsed = std::from_chars(status->value.data(), end, code);
        return parsed.ec == std::errc() && parsed.ptr == end && code >= 0 ? code : InvalidGrpcStatus;
    }
    return context.info.responseCode == 0
               ? std::nullopt
               : std::optional(static_cast<int>(grpcStatusFor(context.info.responseCode)));
}

std::string grpcStatusName(int status, bool snake)
{
    if (status < 0 || static_cast<std::size_t>(status) >= statusNames.size())
        return std::to_string(status);
    return snake ? snakeUpper(statusNames[static_cast<std::size_t>(status)])
                 : std::string(statusNames[static_cast<std::size_t>(status)]);
}

} // namespace sallyport::telemetry
