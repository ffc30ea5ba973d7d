// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/resource.h"

#include <string_view>

/// The lexical rules that Istio's validation uses everywhere (istio-semantics §0.3). Host names are in
/// host_name.h.
namespace sallyport::model {

/// 1 to 65535
bool isPort(std::uint64_t number);
/// `10.0.0.0/8`, `::/0`
bool isCidr(std::string_view text);
bool isIpOrCidr(std::string_view text);
/// What addresses of Unix sockets begin with.
inline constexpr std::string_view unixScheme = "unix://";
/// Its scheme is taken off already: `@name`, or an absolute path that does not end in `/`.
bool isUnixAddress(std::string_view address);
bool isWholeMilliseconds(Duration duration);

enum class ProtocolFamily { Unknown, Http, Http2, Tls, Tcp, Udp };
/// Istio's protocol names, in any case. HTTPS is Tls: its bytes are opaque.
ProtocolFamily protocolFamily(std::string_view protocol);
bool isHttpProtocol(std::string_view protocol); ///< HTTP, HTTP_PROXY, and those over HTTP/2
bool isTlsProtocol(std::string_view protocol);  ///< HTTPS, TLS
bool isTcpProtocol(std::string_view protocol);  ///< TCP and all that is opaque, HTTPS and TLS too

/// Why `pattern` is no regular expression that Istio takes (RE2, 1 to 1024 bytes); empty if it is one.
std::string regexProblem(std::string_view pattern);

/// Names that a header match may have: a token, one of the five pseudo headers, or a JWT claim.
bool isMatchableHeader(std::string_view name);
bool isJwtClaimHeader(std::string_view name); ///< `@request.auth.claims.…`
/// RFC 9110 token characters only, as a header name must be.
bool isHeaderToken(std::string_view name);
/// `host` in any case, or `:authority`: becomes a rewrite of the host.
bool isAuthorityHeader(std::string_view name);
/// Why `value` cannot be set on a header: `%` begins a variable, `%%` is a percent sign. Empty if it can.
std::string headerValueProblem(std::string_view value);

/// A status that has a name (Go's http.StatusText).
bool isAssignedHttpStatus(int status);
bool isGrpcStatusName(std::string_view name);
bool isRetryOnWord(std::string_view word);
/// What istiod leaves in a list of cipher suites: names that it knows, `ALL` and operators, which begin with
/// a sign (istio:pkg/config/security/security.go IsValidCipherSuite).
bool isCipherSuite(std::string_view cipher);
/// Curves that BoringSSL knows (the same file, IsValidECDHCurve).
bool isEcdhCurve(std::string_view curve);
/// Kubernetes' form of a label: a name, before it a domain and `/` if need be; the value may be empty.
bool isLabelKey(std::string_view key);
bool isLabelValue(std::string_view value);
/// A SPIFFE trust domain or a pattern of one: at most one `*`, at its begin or end, no `/`.
bool isTrustDomainPattern(std::string_view text);

/// Why an AuthorizationPolicy's path with `{*}` or `{**}` is no template; empty if it is one.
std::string pathTemplateProblem(std::string_view path);
bool isPathTemplate(std::string_view path);

} // namespace sallyport::model
