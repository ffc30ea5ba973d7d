// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/resource.h"

namespace sallyport::model {

/// networking.istio.io Gateway: ServerTLSSettings
struct ServerTls
{
    enum class Mode { Passthrough, Simple, Mutual, AutoPassthrough, IstioMutual, OptionalMutual };
    enum class Version { Auto, Tls10, Tls11, Tls12, Tls13 };
    bool httpsRedirect = false;
    Mode mode = Mode::Passthrough;
    std::string serverCertificate;
    std::string privateKey;
    std::string caCertificates;
    std::string caCrl;
    std::string credentialName;
    std::vector<std::string> credentialNames;
    std::string caCertCredentialName;
    /// tlsCertificates[]: several pairs (RSA and EC); Istio uses the first two.
    struct Certificate
    {
        std::string serverCertificate;
        std::string privateKey;
        std::string caCertificates;
    };
    std::vector<Certificate> tlsCertificates;
    std::vector<std::string> subjectAltNames;
    std::vector<std::string> verifyCertificateSpki;
    std::vector<std::string> verifyCertificateHash;
    Version minProtocolVersion = Version::Auto;
    Version maxProtocolVersion = Version::Auto;
    std::vector<std::string> cipherSuites;
    std::vector<std::string> ecdhCurves;
    bool insecureSkipVerify = false;
};

/// networking.istio.io Gateway
struct Gateway : Resource
{
    struct Server
    {
        std::uint32_t portNumber = 0;
        std::string portName;
        std::string protocol;
        std::string bind;
        std::vector<std::string> hosts;
        std::optional<ServerTls> tls;
        std::string name;
    };
    Labels selector;
    std::vector<Server> servers;
};

} // namespace sallyport::model
