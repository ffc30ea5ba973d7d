// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::dataplane {

/// An IP address in network order, ready to be compared. Family 0: none.
struct IpAddress
{
    std::uint8_t family = 0; ///< 4 or 6
    std::array<std::uint8_t, 16> bytes{};

    static IpAddress parse(std::string_view text);
    bool isValid() const { return family != 0; }
    std::string toString() const;
    bool operator==(const IpAddress &) const = default;
};

/// What the matchers ask about a connection. Views must outlive the call.
struct ConnectionFacts
{
    IpAddress localIp;
    std::uint16_t localPort = 0;
    IpAddress remoteIp;       ///< the trusted client: after PROXY protocol and x-forwarded-for
    IpAddress sourceIp;       ///< the peer, after PROXY protocol
    IpAddress directRemoteIp; ///< the peer on the wire
    std::uint16_t sourcePort = 0;
    std::string_view requestedServerName;
    bool tls = false;
    bool peerPresented = false; ///< a client certificate, checked or not
    bool peerValidated = false; ///< a client certificate was presented and accepted
    const std::vector<std::string> *uriSans = nullptr;
    const std::vector<std::string> *dnsSans = nullptr;
    std::string_view subject;
};

/// What the matchers ask about a request. Implemented by the gateway over its header map, by Explain over a
/// list.
class RequestView
{
public:
    virtual ~RequestView() = default;
    /// All values of a header, joined with commas, pseudo headers included; none if it is absent. `name` is
    /// lower case. `scratch` holds the text when values had to be joined.
    virtual std::optional<std::string_view> header(std::string_view name, std::string &scratch) const = 0;
    /// Whether any line of a header that stands on several lines meets `test`; false for headers of one line,
    /// whose value header() tells.
    virtual bool anyOfSeveral(std::string_view name, const std::function<bool(std::string_view)> &test) const
    {
        static_cast<void>(name);
        static_cast<void>(test);
        return false;
    }
    /// `:path`, with the query.
    virtual std::string_view path() const = 0;
    virtual std::string_view authority() const = 0;
    virtual std::string_view method() const = 0;
    virtual std::string_view scheme() const = 0;
    /// The connection that the request came on; null: nothing is known of it.
    virtual const ConnectionFacts *connection() const { return nullptr; }
    /// Dynamic metadata that filters wrote; null if none did.
    virtual const QJsonObject *metadata() const { return nullptr; }
};

/// The path without query and fragment.
std::string_view pathOnly(std::string_view path);

} // namespace sallyport::dataplane
