// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

/// grpc.health.v1: the two messages of its Check, as they stand in a stream, each behind gRPC's prefix of
/// five bytes.
namespace sallyport::upstream {

/// A HealthCheckRequest.
std::string grpcHealthRequest(std::string_view service);

/// Reads HealthCheckResponses as they come.
class GrpcHealthAnswer
{
public:
    /// Why the stream can be no answer; empty: it may be one.
    std::string_view read(std::string_view bytes);
    /// A message has come that says SERVING.
    bool isServing() const;

private:
    std::string m_bytes;
    std::optional<std::uint64_t> m_status;
};

} // namespace sallyport::upstream
