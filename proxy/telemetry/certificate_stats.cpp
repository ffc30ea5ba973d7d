// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/certificate_stats.h"

#include <map>

namespace sallyport::telemetry {

void setCertificateExpirations(StatsStore &store, const std::string &prefix,
                               const std::vector<net::CertificateInUse> &certificates)
{
    std::map<std::string, std::int64_t> first;
    for (const net::CertificateInUse &certificate : certificates) {
        const auto expiry =
            std::chrono::duration_cast<std::chrono::seconds>(certificate.facts.notAfter.time_since_epoch())
                .count();
        const auto [known, isNew] = first.try_emplace(certificate.name, expiry);
        if (!isNew)
            known->second = std::min<std::int64_t>(known->second, expiry);
    }
    for (const auto &[name, expiry] : first)
        store.gauge(prefix + "ssl.certificate." + sanitizedStatName(name) + ".expiration_unix_time_seconds")
            .set(expiry);
}

} // namespace sallyport::telemetry
