// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sallyport::net {

/// Why a client's first bytes are the beginning of no TLS handshake, in BoringSSL's words, which are Envoy's.
struct TlsRefusal
{
    unsigned reason = 0;   ///< BoringSSL's number; 0: the client just took its leave
    std::string_view name; ///< and name
    int alert = -1;        ///< what it sends in return; -1: nothing
};

/// Nothing if the bytes may go on to be a handshake, or are too few to know
/// (BoringSSL's tls_open_handshake and tls_open_record, which look at a record's header before anything
/// else).
std::optional<TlsRefusal> refusalOfFirstBytes(std::string_view bytes);

/// `TLS_error:|268435703:SSL routines:…`, as a connection's failure reads.
std::string failureText(const TlsRefusal &refusal);
/// `TLS_error|error:100000f7:SSL routines:…`, as tls_inspector has it.
std::string inspectionText(const TlsRefusal &refusal);

/// A ClientHello whose fields do not fit.
inline constexpr TlsRefusal UnreadableClientHello{131, "CLIENTHELLO_PARSE_FAILED", 50};

} // namespace sallyport::net
