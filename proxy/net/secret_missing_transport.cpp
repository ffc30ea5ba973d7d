// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/tls_errors.h"
#include "proxy/net/tls_state.h"

namespace sallyport::net {

namespace {

/// Stands for a transport that cannot be: the connection closes with its reason.
class SecretMissingTransport final : public Transport
{
public:
    void attach(int /*fd*/) override {}
    Handshake handshake() override { return Handshake::Failed; }
    Io read(Buffer & /*buffer*/, std::size_t /*wanted*/) override { return {Outcome::Failed, 0}; }
    Io write(Buffer & /*buffer*/) override { return {Outcome::Failed, 0}; }
    const std::string &failureReason() const override
    {
        static const std::string reason(SecretMissing);
        return reason;
    }
};

} // namespace

std::unique_ptr<Transport> makeSecretMissingTransport()
{
    return std::make_unique<SecretMissingTransport>();
}

} // namespace sallyport::net
