// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pki/credential.h"

namespace sallyport::pki {

/// What the guide's prerequisite makes: the external side's root CA and, signed by it, the server's pair for
/// `test.com` and the client's pair with the URI SAN `spiffe://test.client`. Keys are fresh each time; RSA as
/// in the prerequisite.
struct PartnerPki
{
    Certificate ca;
    Credential server; ///< for the external gateway, Secret `test.com`
    Credential client; ///< for the egress gateway, Secret `test.client`

    static Result<PartnerPki> create(const std::string &serverName = "test.com",
                                     const std::string &clientName = "test.client");
};

/// Writes the client's pair as the guide's three files, client.key.pem (0600), clientcert.pem and cacert.pem,
/// into `folder` (made, 0700).
Result<CredentialFiles> writeGuideFiles(const Credential &client, const std::string &folder);

} // namespace sallyport::pki
