// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/refused_listeners.h"

#include "core/compile/authentication.h"
#include "core/compile/listener_parts.h"
#include "core/compile/tls_contexts.h"
#include "core/dataplane/cipher_suites.h"

#include <algorithm>

namespace sallyport::compile {

namespace {

bool verifiesTokens(const dataplane::FilterChain &chain)
{
    return std::any_of(chain.filters.begin(), chain.filters.end(), [](const dataplane::NetworkFilter &each) {
        const auto *manager = std::get_if<dataplane::HttpConnectionManager>(&each.config);
        return manager &&
               std::any_of(manager->filters.begin(), manager->filters.end(),
                           [](const dataplane::HttpFilter &filter) {
                               return std::holds_alternative<dataplane::JwtAuthentication>(filter.config);
                           });
    });
}

bool namesWithoutCa(const dataplane::CommonTlsContext &context)
{
    return context.validation && !context.validationSecret && !context.validation->trustedCa.isSet() &&
           !context.validation->acceptUntrusted && !context.validation->anySubjectAltNames.empty();
}

} // namespace

bool isRefused(const ProxyContext &proxy, const dataplane::Listener &listener, const Place &source)
{
    const auto refuse = [&](const std::string &why, const Place &place, const std::string &hint) {
        proxy.warnings.push_back({"Envoy refuses the listener " + listener.name + ": " + why, place, hint});
        return true;
    };
    if (const auto duplicate = duplicateMatch(listener))
        return refuse(*duplicate + " match the same connections", source,
                      "nothing listens on this port until the servers differ in their hosts");
    for (const dataplane::FilterChain &chain : listener.filterChains) {
        if (verifiesTokens(chain)) {
            if (const auto keys = refusedKeys(proxy))
                return refuse(keys->what, keys->where, "nothing listens here until a key can be used");
        }
        if (!chain.tls)
            continue;
        const std::string ciphers = dataplane::refusedCipherSuites(chain.tls->common.parameters.cipherSuites);
        if (!ciphers.empty())
            return refuse("it does not know the cipher suites " + ciphers, proxy.mesh.config().place,
                          "nothing listens here until they are left out of the mesh configuration");
        if (const std::string curves = refusedCurves(chain.tls->common.parameters); !curves.empty())
            return refuse("it does not know the ECDH curves " + curves, source,
                          "nothing listens here until they are taken out of the server or of tlsDefaults");
        if (namesWithoutCa(chain.tls->common))
            return refuse("it does not verify names of clients without a CA", source,
                          "take subjectAltNames out, or verify clients with MUTUAL");
    }
    return false;
}

} // namespace sallyport::compile
