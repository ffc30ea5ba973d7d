// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/connection_settings.h"

namespace sallyport::compile {

namespace {

using dataplane::HttpConnectionManager;
using Settings = model::ConnectionSettings;

template<typename T>
void fallBack(std::optional<T> &value, T byDefault)
{
    if (!value)
        value = byDefault;
}

/// applyEdgeProfileDefaults
Settings withProfile(Settings settings, bool gateway)
{
    if (!gateway || settings.profile != Settings::Profile::Edge)
        return settings;
    using std::chrono::hours;
    using std::chrono::minutes;
    using std::chrono::seconds;
    constexpr std::int32_t bufferBytes = 32 * 1024;
    constexpr std::int32_t streams = 100;
    constexpr std::int32_t streamWindow = 64 * 1024;
    constexpr std::int32_t connectionWindow = 1024 * 1024;
    fallBack(settings.listenerBufferLimit, bufferBytes);
    fallBack<model::Duration>(settings.httpIdleTimeout, hours(1));
    fallBack<model::Duration>(settings.httpStreamIdleTimeout, minutes(5));
    fallBack<model::Duration>(settings.httpRequestTimeout, minutes(5));
    fallBack<model::Duration>(settings.httpRequestHeadersTimeout, seconds(60));
    fallBack(settings.maxConcurrentStreams, streams);
    fallBack(settings.initialStreamWindow, streamWindow);
    fallBack(settings.initialConnectionWindow, connectionWindow);
    fallBack(settings.mergeSlashes, true);
    if (settings.underscores == Settings::Underscores::Unspecified)
        settings.underscores = Settings::Underscores::Reject;
    if (settings.escapedSlashes == Settings::EscapedSlashes::Unspecified)
        settings.escapedSlashes = Settings::EscapedSlashes::UnescapeAndRedirect;
    return settings;
}

template<typename T>
void set(std::optional<T> &to, const std::optional<T> &from)
{
    if (from)
        to = from;
}

/// Negative numbers are none.
void set(std::optional<std::uint32_t> &to, const std::optional<std::int32_t> &from)
{
    if (from && *from >= 0)
        to = static_cast<std::uint32_t>(*from);
}

dataplane::HeadersWithUnderscores underscores(Settings::Underscores action)
{
    switch (action) {
    case Settings::Underscores::Reject:
        return dataplane::HeadersWithUnderscores::RejectRequest;
    case Settings::Underscores::Drop:
        return dataplane::HeadersWithUnderscores::DropHeader;
    case Settings::Underscores::Unspecified:
    case Settings::Underscores::Allow:
        break;
    }
    return dataplane::HeadersWithUnderscores::Allow;
}

HttpConnectionManager::EscapedSlashes escapedSlashes(Settings::EscapedSlashes action)
{
    using To = HttpConnectionManager::EscapedSlashes;
    switch (action) {
    case Settings::EscapedSlashes::Reject:
        return To::RejectRequest;
    case Settings::EscapedSlashes::UnescapeAndRedirect:
        return To::UnescapeAndRedirect;
    case Settings::EscapedSlashes::UnescapeAndForward:
        return To::UnescapeAndForward;
    case Settings::EscapedSlashes::Unspecified:
    case Settings::EscapedSlashes::Keep:
        break;
    }
    return To::KeepUnchanged;
}

} // namespace

void applyConnectionSettings(const Settings &written, bool gateway, HttpConnectionManager &manager)
{
    const Settings settings = withProfile(written, gateway);
    set(manager.common.idleTimeout, settings.httpIdleTimeout);
    set(manager.common.maxConnectionDuration, settings.httpMaxConnectionDuration);
    set(manager.common.maxStreamDuration, settings.httpMaxStreamDuration);
    set(manager.streamIdleTimeout, settings.httpStreamIdleTimeout);
    set(manager.requestTimeout, settings.httpRequestTimeout);
    set(manager.requestHeadersTimeout, settings.httpRequestHeadersTimeout);
    set(manager.drainTimeout, settings.httpDrainTimeout);
    set(manager.http2.maxConcurrentStreams, settings.maxConcurrentStreams);
    set(manager.http2.initialStreamWindowSize, settings.initialStreamWindow);
    set(manager.http2.initialConnectionWindowSize, settings.initialConnectionWindow);
    // What is said here goes before the mesh's pathNormalization.
    if (settings.mergeSlashes)
        manager.mergeSlashes = *settings.mergeSlashes;
    if (settings.escapedSlashes != Settings::EscapedSlashes::Unspecified)
        manager.escapedSlashes = escapedSlashes(settings.escapedSlashes);
    if (settings.underscores != Settings::Underscores::Unspecified)
        manager.common.headersWithUnderscores = underscores(settings.underscores);
}

std::optional<std::uint32_t> bufferLimit(const Settings &settings)
{
    std::optional<std::uint32_t> limit;
    set(limit, withProfile(settings, true).listenerBufferLimit);
    return limit;
}

void limitConnections(const Settings &settings, dataplane::Bootstrap &bootstrap)
{
    if (!settings.globalConnectionLimit || *settings.globalConnectionLimit <= 0)
        return;
    constexpr const char *name = "envoy.resource_monitors.global_downstream_max_connections";
    dataplane::OverloadManager::Monitor monitor;
    monitor.kind = dataplane::OverloadManager::Monitor::Kind::MaxConnections;
    monitor.name = name;
    monitor.limit = static_cast<std::uint64_t>(*settings.globalConnectionLimit);
    bootstrap.overloadManager.emplace().monitors.push_back(std::move(monitor));
}

} // namespace sallyport::compile
