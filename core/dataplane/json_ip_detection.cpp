// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

namespace sallyport::dataplane {

namespace {

using DetectionKind = OriginalIpDetection::Kind;

constexpr const char *forwardedForType = "envoy.extensions.http.original_ip_detection.xff.v3.XffConfig";
constexpr const char *customHeaderType =
    "envoy.extensions.http.original_ip_detection.custom_header.v3.CustomHeaderConfig";

template<typename A>
void describeForwardedFor(A &a, OriginalIpDetection &m)
{
    a.field("xff_num_trusted_hops", m.trustedHops);
    a.group("xff_trusted_cidrs", [&m](A &inner) { inner.field("cidrs", m.trustedRanges); });
    a.field("skip_xff_append", m.skipAppend, true);
    if constexpr (A::reading)
        a.check(m.trustedHops == 0 || !a.has("xff_trusted_cidrs"), "xff_trusted_cidrs",
                "Cannot set both xff_num_trusted_hops and xff_trusted_cidrs");
}

template<typename A>
void describeCustomHeader(A &a, OriginalIpDetection &m)
{
    a.field("header_name", m.headerName);
    a.field("allow_extension_to_set_address_as_trusted", m.trusted);
    if constexpr (A::reading) {
        a.group("reject_with_status", [&m](A &status) {
            describeStatus(status, m.rejectWithStatus);
            // A success refuses nobody.
            constexpr std::uint32_t forbidden = 403;
            if (!m.rejectWithStatus || *m.rejectWithStatus < 400 || *m.rejectWithStatus > 511)
                m.rejectWithStatus = forbidden;
        });
        if (!a.has("reject_with_status"))
            m.rejectWithStatus.reset();
    } else if (m.rejectWithStatus) {
        a.group("reject_with_status", [&m](A &status) { describeStatus(status, m.rejectWithStatus); });
    }
}

} // namespace

template<typename A>
void describeIpDetections(A &a, std::vector<OriginalIpDetection> &detections)
{
    constexpr const char *field = "original_ip_detection_extensions";
    if constexpr (A::reading) {
        a.extensions(field, [&detections](JsonReader &config, const std::string &type) {
            OriginalIpDetection &detection = detections.emplace_back();
            if (type == customHeaderType) {
                detection.kind = DetectionKind::CustomHeader;
                describeCustomHeader(config, detection);
            } else if (type == forwardedForType) {
                describeForwardedFor(config, detection);
            } else {
                config.fail("@type", "this extension is not supported by this gateway: " + type);
                config.ignoreRest();
            }
        });
    } else if (!detections.empty()) {
        QJsonArray extensions;
        for (OriginalIpDetection &detection : detections) {
            const bool custom = detection.kind == DetectionKind::CustomHeader;
            JsonWriter config;
            config.set("@type", QLatin1String(typePrefix) +
                                    QLatin1String(custom ? customHeaderType : forwardedForType));
            if (custom)
                describeCustomHeader(config, detection);
            else
                describeForwardedFor(config, detection);
            extensions.append(
                QJsonObject{{QStringLiteral("name"),
                             custom ? QStringLiteral("envoy.http.original_ip_detection.custom_header")
                                    : QStringLiteral("envoy.http.original_ip_detection.xff")},
                            {QStringLiteral("typed_config"), config.object()}});
        }
        a.set(field, extensions);
    }
}
template void describeIpDetections(JsonReader &, std::vector<OriginalIpDetection> &);
template void describeIpDetections(JsonWriter &, std::vector<OriginalIpDetection> &);

} // namespace sallyport::dataplane
