// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

namespace sallyport::server {

/// What http_inspector takes the first bytes of a plaintext connection for.
enum class HttpInspection : std::uint8_t { NeedMore, NotHttp, Http10, Http11, Http2 };

/// Decides by the HTTP/2 preface, or by a request line (any method) and its version.
HttpInspection inspectHttp(std::string_view bytes);

/// A request line may be this long before it is taken for something else.
inline constexpr std::size_t MostInspectedHttpBytes = std::size_t(64) * 1024;

/// The application protocol that a filter chain matches on: `http/1.0`, `http/1.1`, `h2c`; empty otherwise.
std::string_view applicationProtocolOf(HttpInspection inspection);

} // namespace sallyport::server
